/* metrics_print: Prometheus text and what is left out when it is not known */
#include "tool/metrics_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/metrics.h"
#include "tap.h"

/* Every metric's lines stand together, after one HELP and one TYPE. */
static int
is_grouped(const char *text)
{
	char name[128], current[128] = "", seen[8192] = "|";

	while (*text != '\0') {
		const char *end = strchr(text, '\n');

		if (end == NULL)
			return 0;
		if (sscanf(text, "# TYPE %127s gauge", name) == 1) {
			char key[132];

			snprintf(key, sizeof(key), "|%s|", name);
			if (strstr(seen, key) != NULL)
				return 0;
			strcat(seen, key + 1);
			strcpy(current, name);
		} else if (*text != '#' &&
			   (strncmp(text, current, strlen(current)) != 0 ||
			       strchr("{ ", text[strlen(current)]) == NULL)) {
			return 0;
		}
		text = end + 1;
	}
	return 1;
}

int
main(void)
{
	struct metrics m = {.window = 60};
	struct metrics_queue *q;
	struct buf b = {0};

	metrics_print_prometheus(&m, &b);
	tap(strstr(b.data, "pl_up{service=\"postgres\"} 0\n") != NULL,
	    "that Postgres is away is said");
	tap(strstr(b.data, "pl_documents") == NULL,
	    "without Postgres nothing else is claimed");

	m.postgres_up = 1;
	m.stored = 1234567890123;
	m.window_stored = 30;
	q = metrics_queue(&m, "a\"b\\c\nd");
	q->oldest = 1.5;
	tap(metrics_queue(&m, "a\"b\\c\nd") == q && m.n_queues == 1,
	    "a queue is found again");
	buf_reset(&b, 1 << 16);
	metrics_print_prometheus(&m, &b);
	tap(strstr(b.data,
		"pl_queue_oldest_seconds{queue=\"a\\\"b\\\\c\\nd\"} 1.5\n") !=
		NULL,
	    "labels are escaped");
	tap(strstr(b.data, "pl_documents{status=\"stored\"} 1234567890123\n") !=
		NULL,
	    "large counts keep their digits");
	tap(strstr(b.data,
		"pl_documents_per_second{status=\"stored\"} 0.5\n") != NULL,
	    "rates are of the window");
	tap(strstr(b.data, "pl_redis_queue_length") == NULL,
	    "what Redis was not asked is left out");
	tap(strstr(b.data, "pl_document_seconds") == NULL,
	    "no seconds of no document");
	m.timed = 2;
	m.p95 = 0.25;
	q->redis_length = 7;
	buf_reset(&b, 1 << 16);
	metrics_print_prometheus(&m, &b);
	tap(strstr(b.data, "pl_document_seconds{stat=\"p95\"} 0.25\n") != NULL,
	    "seconds by statistic");
	tap(strstr(b.data, "pl_redis_queue_length{") != NULL,
	    "what Redis said is there");
	tap(is_grouped(b.data), "lines of one metric stand together");
	metrics_free(&m);
	buf_free(&b);
	return tap_done();
}
