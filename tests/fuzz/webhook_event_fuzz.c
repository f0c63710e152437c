/*
 * webhook_event: any body is refused with a reason, or gives an event that
 * Postgres takes. The first byte says whether there is a map and who sends.
 */
#include "source/webhook_event.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_text(const char *s, size_t max)
{
	size_t n = strlen(s);

	if (n > max || utf8_valid(s, n) != n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct webhook_event e;
	const char *why = NULL;
	int is_of_crawl;

	if (n == 0)
		return 0;
	if (webhook_event_read((const char *)data + 1, n - 1, data[0] & 1,
		data[0] & 2, data[0] & 4 ? "id" : NULL, &e, &why) == -1) {
		if (why == NULL || data[0] & 1)
			abort();
		return 0;
	}
	check_text(e.type, WEBHOOK_EVENT_TYPE_MAX);
	check_text(e.delivery, WEBHOOK_EVENT_ID_MAX);
	check_text(e.crawl, WEBHOOK_EVENT_ID_MAX);
	is_of_crawl =
	    strcmp(e.action, "started") == 0 || strcmp(e.action, "ended") == 0;
	if (is_of_crawl != (*e.crawl != '\0'))
		abort();
	if (data[0] & 1 && strcmp(e.action, "body") != 0)
		abort();
	return 0;
}
