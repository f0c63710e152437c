/*
 * metrics_print: Prometheus text, without values that are not known
 */
#include "tool/metrics_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/counters.h"
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
		if (sscanf(text, "# TYPE %127s", name) == 1) {
			char key[132];

			snprintf(key, sizeof(key), "|%s|", name);
			if (strstr(seen, key) != NULL)
				return 0;
			strcat(seen, key + 1);
			strcpy(current, name);
		} else if (*text != '#' &&
			   (strncmp(text, current, strlen(current)) != 0 ||
			       strchr("{ _", text[strlen(current)]) == NULL)) {
			return 0;
		}
		text = end + 1;
	}
	return 1;
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void
print(const struct metrics *m, struct buf *b)
{
	buf_reset(b, 1 << 16);
	metrics_print_prometheus(m, b);
}

static void
test_counters(struct buf *b)
{
	char none[] = "", source[] = "a\"b\\c\nd", stored[] = "stored",
	     le[] = "0.01", documents[] = "documents",
	     bucket[] = "duration_bucket", sum[] = "duration_sum";
	struct counter counters[] = {
	    {documents, {source, stored, none}, 1234567890123},
	    {bucket, {stored, le, none}, 7},
	    {sum, {stored, none, none}, 12345678901}};
	struct metrics m = {
	    .postgres_up = 1, .counters = counters, .n_counters = 3};

	print(&m, b);
	tap(strstr(b->data, "# TYPE pl_documents_total counter\n"
			    "pl_documents_total{source=\"a\\\"b\\\\c\\nd\","
			    "outcome=\"stored\"} 1234567890123\n") != NULL,
	    "a counter keeps its digits, its labels are escaped");
	tap(strstr(b->data,
		"# TYPE pl_document_duration_seconds histogram\n"
		"pl_document_duration_seconds_bucket{outcome=\"stored\","
		"le=\"0.01\"} 7\n"
		"pl_document_duration_seconds_sum{outcome=\"stored\"} "
		"12345678.901\n") != NULL,
	    "a histogram is one family, its sum in seconds and exact");
	tap(is_grouped(b->data), "lines of one metric stand together");
}

static void
test_many_queues(struct buf *b)
{
	struct metrics m = {.postgres_up = 1, .redis_up = 1};
	char name[200];

	for (int i = 0; i < 60; i++) {
		struct metrics_queue *q;

		snprintf(name, sizeof(name), "queue%d", i);
		q = metrics_queue(&m, name);
		q->documents = 2;
		q->oldest = i;
		q->redis_length = 1;
	}
	print(&m, b);
	tap(count(b->data, "\npl_queue_documents{") == 51 &&
		strstr(b->data, "pl_queue_documents{queue=\"other\"} 20\n") &&
		strstr(
		    b->data, "pl_queue_oldest_seconds{queue=\"other\"} 59\n") &&
		strstr(b->data,
		    "pl_redis_queue_tasks{queue=\"other\",status=\"queued\"} "
		    "10\n"),
	    "after fifty queues the others are one");
	metrics_free(&m);

	m.postgres_up = 1;
	metrics_queue(&m, "other")->documents = 1;
	metrics_queue(&m, "bad\xFF")->documents = 2;
	memset(name, 'x', 129);
	name[129] = '\0';
	metrics_queue(&m, name)->documents = 4;
	print(&m, b);
	tap(count(b->data, "\npl_queue_documents{") == 1 &&
		strstr(b->data, "pl_queue_documents{queue=\"other\"} 7\n"),
	    "nor has a name a label that is long or no UTF-8");
	metrics_free(&m);
}

int
main(void)
{
	struct metrics m = {0};
	struct metrics_queue *q;
	struct buf b = {0};

	print(&m, &b);
	tap(strstr(b.data, "pl_up{service=\"postgres\"} 0\n") != NULL,
	    "that Postgres is away is said");
	tap(strstr(b.data, "pl_build_info{version=\"") != NULL &&
		strstr(b.data, "pl_ledger") == NULL &&
		strstr(b.data, "_total") == NULL,
	    "without Postgres nothing else but the version is claimed");

	m.postgres_up = 1;
	m.stored = 1234567890123;
	q = metrics_queue(&m, "a\"b\\c\nd");
	q->oldest = 1.5;
	tap(metrics_queue(&m, "a\"b\\c\nd") == q && m.n_queues == 1,
	    "a queue is found again");
	print(&m, &b);
	tap(strstr(b.data,
		"pl_queue_oldest_seconds{queue=\"a\\\"b\\\\c\\nd\"} 1.5\n") !=
		NULL,
	    "labels are escaped");
	tap(strstr(b.data,
		"pl_ledger_documents{status=\"stored\"} 1234567890123\n") !=
		NULL,
	    "large counts keep their digits");
	tap(strstr(b.data, "pl_redis_queue_tasks") == NULL,
	    "what Redis was not asked is left out");
	q->redis_length = 7;
	print(&m, &b);
	tap(strstr(b.data, "status=\"queued\"} 7\n") != NULL,
	    "what Redis said is there");
	tap(is_grouped(b.data), "lines of one metric stand together");
	metrics_free(&m);
	test_counters(&b);
	test_many_queues(&b);
	buf_free(&b);
	return tap_done();
}
