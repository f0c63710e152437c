/* webhook_event: bodies, and what they cause */
#include "source/webhook_event.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tap.h"

#define F "{\"success\":true,\"type\":"

static const struct {
	const char *body, *action, *type, *delivery, *crawl;
} cases[] = {
    {F "\"crawl.started\",\"id\":\"c\",\"webhookId\":\"w\",\"data\":[]}",
	"started", "crawl.started", "w", "c"},
    {F "\"batch_scrape.started\",\"id\":\"c\"}", "started",
	"batch_scrape.started", "", "c"},
    {F "\"crawl.completed\",\"id\":\"c\",\"data\":[]}", "ended",
	"crawl.completed", "", "c"},
    {F "\"crawl.completed\",\"jobId\":\"c\",\"data\":[]}", "ended",
	"crawl.completed", "", "c"},
    {F "\"crawl.completed\",\"jobId\":\"c\",\"data\":[{}]}", "body",
	"crawl.completed", "", ""},
    {"{\"success\":false,\"type\":\"crawl.failed\",\"id\":\"c\"}", "ended",
	"crawl.failed", "", "c"},
    {F "\"crawl.cancelled\",\"id\":\"c\",\"webhookId\":null}", "ended",
	"crawl.cancelled", "", "c"},
    {F "\"batch_scrape.completed\",\"id\":\"c\"}", "ended",
	"batch_scrape.completed", "", "c"},
    {F "\"crawl.page\",\"id\":\"c\",\"data\":[{}]}", "record", "crawl.page", "",
	""},
    {F "\"monitor.page\",\"data\":[{}],\"webhookId\":\"w\"}", "body",
	"monitor.page", "w", ""},
    {F "\"monitor.check.completed\"}", "record", "monitor.check.completed", "",
	""},
    {F "\"extract.completed\",\"id\":7}", "record", "extract.completed", "",
	""},
    {F "\"crawl.paused\",\"data\":7}", "record", "crawl.paused", "", ""},
    {F "\"crawl.pa\\u0000\"}", "record", "crawl.pa\xef\xbf\xbd", "", ""},
    {"{\"type\":\"INSERT\",\"record\":{}}", "body", "INSERT", "", ""},
    {"{\"success\":true}", "body", "", "", ""},
    {"{\"type\":7,\"success\":true}", "body", "", "", ""},
    {" [1]\n", "body", "", "", ""},
    /* Refused. */
    {"", NULL, NULL, NULL, NULL},
    {"7", NULL, NULL, NULL, NULL},
    {"\"a\"", NULL, NULL, NULL, NULL},
    {"{", NULL, NULL, NULL, NULL},
    {"{} {}", NULL, NULL, NULL, NULL},
    {"a=b", NULL, NULL, NULL, NULL},
    {"{\"type\":\"crawl.page\",\"success\":\"true\"}", NULL, NULL, NULL, NULL},
    {F "\"crawl.page\",\"webhookId\":7}", NULL, NULL, NULL, NULL},
    {F "\"crawl.page\",\"webhookId\":\"\"}", NULL, NULL, NULL, NULL},
    {F "\"crawl.started\"}", NULL, NULL, NULL, NULL},
    {F "\"crawl.completed\",\"id\":7}", NULL, NULL, NULL, NULL},
    {F "\"crawl.completed\",\"id\":\"\"}", NULL, NULL, NULL, NULL},
    {F "\"crawl.completed\",\"id\":\"c\",\"data\":null}", NULL, NULL, NULL,
	NULL},
};

static int
is(const struct webhook_event *e, size_t i)
{
	return strcmp(e->action, cases[i].action) == 0 &&
	       strcmp(e->type, cases[i].type) == 0 &&
	       strcmp(e->delivery, cases[i].delivery) == 0 &&
	       strcmp(e->crawl, cases[i].crawl) == 0;
}

static void
test_map(void)
{
	static const char page[] = F "\"crawl.started\",\"webhookId\":\"w\"}";
	struct webhook_event e;
	const char *why = NULL;

	tap(webhook_event_read("a=b", 3, 1, 0, NULL, &e, &why) == 0 &&
		strcmp(e.action, "body") == 0 && *e.delivery == '\0',
	    "a map takes any body");
	tap(webhook_event_read("a=b", 3, 1, 1, NULL, &e, &why) == 0 &&
		strcmp(e.action, "body") == 0,
	    "also from Firecrawl");
	tap(webhook_event_read(page, strlen(page), 1, 1, NULL, &e, &why) == 0 &&
		strcmp(e.action, "body") == 0 && strcmp(e.delivery, "w") == 0 &&
		*e.crawl == '\0',
	    "the id of Firecrawl counts");
	tap(webhook_event_read(page, strlen(page), 1, 0, NULL, &e, &why) == 0 &&
		*e.delivery == '\0',
	    "but not from another sender");
	tap(webhook_event_read(page, strlen(page), 1, 1, "h", &e, &why) == 0 &&
		strcmp(e.delivery, "h") == 0,
	    "an id of a header comes first");
}

static void
test_lengths(void)
{
	struct webhook_event e;
	struct buf b = {0};
	const char *why = NULL;

	buf_puts(&b, F "\"crawl.page\",\"webhookId\":\"");
	for (int i = 0; i < 257; i++)
		buf_putc(&b, 'w');
	buf_puts(&b, "\"}");
	tap(webhook_event_read(b.data, b.len, 0, 0, NULL, &e, &why) == 0 &&
		strlen(e.delivery) == 64,
	    "a long id becomes its SHA-256");
	buf_reset(&b, 0);
	buf_puts(&b, F "\"");
	for (int i = 0; i < 100; i++)
		buf_puts(&b, "\xc3\xa9");
	buf_puts(&b, "\"}");
	tap(webhook_event_read(b.data, b.len, 0, 0, NULL, &e, &why) == 0 &&
		strlen(e.type) == 128,
	    "a long type is cut");
	buf_reset(&b, 0);
	for (int i = 0; i < 100000; i++)
		buf_putc(&b, '[');
	tap(webhook_event_read(b.data, b.len, 0, 0, NULL, &e, &why) == -1 &&
		strstr(why, "512") != NULL,
	    "deep nesting is refused");
	buf_free(&b);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *why = NULL;
		struct webhook_event e;
		/* A copy without a NUL, so that reading beyond is found. */
		size_t n = strlen(cases[i].body);
		char *body = malloc(n + 1);
		int status;

		memcpy(body, cases[i].body, n);
		status = webhook_event_read(body, n, 0, 0, NULL, &e, &why);
		if (cases[i].action == NULL)
			tap(status == -1 && why != NULL, "refused: %s (%s)",
			    cases[i].body, why ? why : "");
		else
			tap(status == 0 && is(&e, i), "%s", cases[i].body);
		free(body);
	}
	test_map();
	test_lengths();
	return tap_done();
}
