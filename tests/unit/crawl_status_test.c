/* crawl_status: what answers about a crawl say to a client */
#include "source/crawl_status.h"

#include <string.h>
#include <yyjson.h>

#include "tap.h"

static const struct {
	const char *body;
	enum crawl_state state;
	int64_t total;
} states[] = {
    {"{\"success\":true,\"status\":\"completed\",\"total\":7}", CRAWL_COMPLETED,
	7},
    {"{\"status\":\"scraping\",\"total\":\"7\"}", CRAWL_RUNS, 0},
    {"{\"status\":\"cancelled\",\"total\":7.5}", CRAWL_CANCELLED, 0},
    {"{\"status\":\"failed\"}", CRAWL_FAILED, 0},
    {"{\"success\":false,\"status\":\"completed\"}", CRAWL_FAILED, 0},
    {"{\"status\":\"complete\"}", CRAWL_UNKNOWN, 0},
    {"{\"status\":1}", CRAWL_UNKNOWN, 0},
    {"[]", CRAWL_UNKNOWN, 0},
    {"7", CRAWL_UNKNOWN, 0},
};

static const struct {
	const char *next;
	int64_t skip, limit;
} nexts[] = {
    {"https://x.example/v2/crawl/1?skip=4", 4, -1},
    {"https://x.example/v2/crawl/1?limit=5&skip=10", 10, 5},
    {"?skip=0", 0, -1},
    {"/v2/crawl/1?noskip=4", -1, -1},
    {"/v2/crawl/skip=4", -1, -1},
    {"/v2?skip=", -1, -1},
    {"/v2?skip=-4", -1, -1},
    {"/v2?skip=99999999999999999999", -1, -1},
    {"/v2?skip=9223372036854775807", INT64_MAX, -1},
    {"skip=4", -1, -1},
    {"", -1, -1},
};

static const struct {
	const char *next, *base;
	int is_at;
} places[] = {
    {"https://x.example/v2?skip=1", "https://x.example", 1},
    {"https://x.example", "https://x.example", 1},
    {"https://x.example/a", "https://x.example/api", 1},
    {"/v2/crawl/1?skip=1", "https://x.example", 1},
    {"http://x.example/v2", "https://x.example", 0},
    {"https://x.example:444/v2", "https://x.example", 0},
    {"https://x.example.evil/v2", "https://x.example", 0},
    {"https://x.example@evil/v2", "https://x.example", 0},
    {"//evil/v2", "https://x.example", 0},
    {"v2", "https://x.example", 0},
    {"", "https://x.example", 0},
};

static const struct {
	const char *text;
	int64_t seconds;
} waits[] = {
    {"Please retry after 23s, resets at Mon", 23},
    {"retry after 0s", 0},
    {"retry after s", 0},
    {"retry after ", 0},
    {"retry after 9999999999999999999s", 999999999},
    {"busy", 0},
    {"", 0},
};

static void
test_states(void)
{
	struct crawl_status s;
	yyjson_doc *doc;

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		doc = yyjson_read(states[i].body, strlen(states[i].body), 0);
		crawl_status_read(yyjson_doc_get_root(doc), &s);
		tap(s.state == states[i].state && s.total == states[i].total,
		    "%s", states[i].body);
		yyjson_doc_free(doc);
	}
}

int
main(void)
{
	struct document_text t;

	test_states();
	for (size_t i = 0; i < sizeof(nexts) / sizeof(*nexts); i++) {
		t = document_text(nexts[i].next);
		tap(crawl_status_number(t, "skip") == nexts[i].skip &&
			crawl_status_number(t, "limit") == nexts[i].limit,
		    "the offset of '%s'", nexts[i].next);
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		tap(crawl_status_is_at(document_text(places[i].next),
			places[i].base) == places[i].is_at,
		    "'%s' at %s", places[i].next, places[i].base);
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++)
		tap(crawl_status_wait(document_text(waits[i].text)) ==
			waits[i].seconds,
		    "the wait of '%s'", waits[i].text);
	tap(crawl_status_is_id("0197f0c2-6b1e-7c43"), "an id");
	tap(!crawl_status_is_id("") && !crawl_status_is_id("a/b") &&
		!crawl_status_is_id("..") && !crawl_status_is_id("a?b"),
	    "no ids");
	return tap_done();
}
