/* firecrawl: pages, parts, events, answers */
#include "source_lines.h"

#define PAGE(url, text)                                                        \
	"{\"markdown\":\"" text "\",\"metadata\":{\"sourceURL\":\"" url "\"}}"
#define PART(total, next, data)                                                \
	"{\"success\":true,\"status\":\"completed\",\"total\":" total          \
	",\"expiresAt\":\"e\"" next ",\"data\":[" data "]}\n"
#define NEXT(n) ",\"next\":\"https://h/v2/crawl/x?skip=" n "\""
#define LED(from, to, text)                                                    \
	"{\"markdown\":\"" text "\",\"metadata\":{\"sourceURL\":\"" from       \
	"\",\"url\":\"" to "\"}}"
#define A PAGE("http://x/a", "a")
#define B PAGE("http://x/b", "b")
#define C PAGE("http://x/c", "c")
#define DA "D http://x/a||a|text/markdown\n"
#define DB "D http://x/b||b|text/markdown\n"
#define DC "D http://x/c||c|text/markdown\n"

static const struct line_ends_case cases[] = {
    {"arrays where the errors have strings",
	"{\"errors\":[{\"url\":[\"u\"],\"code\":[1],\"error\":[\"a\"]}],"
	"\"robotsBlocked\":[[\"u\"],7,{\"a\":1}]}",
	"F scrape_failed \nF robots_blocked \nF robots_blocked \n"
	"F robots_blocked \n"},
    {"one part", PART("2", "", A "," B), DA DB},
    {"null is no next part", PART("1", ",\"next\":null", A), DA},
    {"two parts", PART("3", NEXT("2"), A "," B) PART("3", "", C), DA DB DC},
    {"two parts, the last one first",
	PART("3", "", C) PART("3", NEXT("2"), A "," B), DC DA DB},
    {"the last part is missing", PART("3", NEXT("2"), A "," B),
	DA DB "F crawl_incomplete \n"},
    {"the first part is missing", PART("3", "", C), DC "F crawl_incomplete \n"},
    {"pages are missing, but no part", PART("3", "", A "," B),
	DA DB "F crawl_incomplete \n"},
    {"more pages than were counted", PART("1", "", A "," B), DA DB},
    {"two crawls in one input",
	PART("1", "", A) "{\"status\":\"completed\",\"total\":1,\"expiresAt\":"
			 "\"f\",\"data\":[" B "]}",
	DA DB},
    {"a next that leads nowhere",
	PART("2", ",\"next\":\"https://h/x?noskip=1\"", A),
	DA "F crawl_incomplete \n"},
    {"it still runs", "{\"status\":\"scraping\",\"total\":3,\"data\":[" A "]}",
	DA "f crawl_unfinished \n"},
    {"a v0 crawl that runs",
	"{\"status\":\"active\",\"total\":3,\"data\":null,\"partial_data\":[" A
	"]}",
	DA "f crawl_unfinished \n"},
    {"it was cancelled", "{\"status\":\"cancelled\",\"total\":3,\"data\":[]}",
	"F crawl_cancelled \n"},
    {"it failed", "{\"success\":false,\"status\":\"failed\",\"data\":[]}",
	"F crawl_failed \n"},
    {"a warning", "{\"status\":\"completed\",\"data\":[],\"warning\":\"w\"}",
	"N\n"},
    {"an error page of the site",
	"{\"markdown\":\"x\",\"metadata\":{\"url\":\"http://x/a\","
	"\"statusCode\":404}}",
	"F http_404 http://x/a\n"},
    {"a status of a wrong type or range",
	"{\"markdown\":\"x\",\"metadata\":{\"url\":\"http://x/a\","
	"\"statusCode\":\"404\"}} "
	"{\"markdown\":\"x\",\"metadata\":{\"url\":\"http://x/b\","
	"\"statusCode\":99999}}",
	"D http://x/a||x|text/markdown\nD http://x/b||x|text/markdown\n"},
    {"an empty page", PAGE("http://x/a", " \\n"), "F empty_page http://x/a\n"},
    {"pages of wrong types",
	"{\"status\":\"completed\",\"data\":[7,null,[],{\"metadata\":[]},"
	"{\"markdown\":7,\"metadata\":{\"url\":[\"http://x/a\"]}}]}",
	"F not_an_object \nF not_an_object \nF not_an_object \n"
	"F no_text in#4\nF wrong_type http://x/a\n"},
    {"one url under several spellings",
	PAGE("http://x", "a") PAGE("HTTP://X:80/#f", "a")
	    PAGE("http://x/#/r", "c") PAGE("http://x/#!r", "d")
		PAGE("http://x:8080/", "e") PAGE("http://x/?q#f", "f")
		    PAGE("http://u@X/P", "g") PAGE("ftp://X/", "h"),
	"D http://x/||a|text/markdown\nR http://x/\n"
	"D http://x/#/r||c|text/markdown\nD http://x/#!r||d|text/markdown\n"
	"D http://x:8080/||e|text/markdown\nD http://x/?q||f|text/markdown\n"
	"D http://u@x/P||g|text/markdown\nD ftp://X/||h|text/markdown\n"},
    {"another text of a url has the url that was asked for",
	LED("http://x/a", "http://x/b", "a")
	    LED("http://X/c#f", "http://x/b", "c"),
	"D http://x/b||a|text/markdown\nD http://x/c||c|text/markdown\n"},
    {"the same text of a url is a repeat whatever was asked for",
	LED("http://x/a", "http://x/b", "a")
	    LED("http://x/c", "http://x/b", "a"),
	"D http://x/b||a|text/markdown\nR http://x/b\n"},
    {"or a number, if the url that was asked for is the same, or taken",
	A LED("http://x/a", "http://x/a", "b") LED("http://x/a", "http://x/b",
	    "c") LED("http://x/a", "http://x/b", "d")
	    LED("http://x/b", "http://x/b", "e"),
	DA "D http://x/a#2||b|text/markdown\nD http://x/b||c|text/markdown\n"
	   "D http://x/b#2||d|text/markdown\n"
	   "D http://x/b#3||e|text/markdown\n"},
    {"a url that another text took is known with it",
	LED("http://x/a", "http://x/b", "a")
	    LED("http://x/c", "http://x/b", "c") C PAGE("http://x/c", "d"),
	"D http://x/b||a|text/markdown\nD http://x/c||c|text/markdown\n"
	"R http://x/c\nD http://x/c#2||d|text/markdown\n"},
    {"a failed page takes no url",
	PAGE("http://x/a", "") LED("http://x/b", "http://x/a", "b")
	    PAGE("http://x/a", "c"),
	"F empty_page http://x/a\nD http://x/a||b|text/markdown\n"
	"D http://x/a#2||c|text/markdown\n"},
    {"a page event",
	"{\"type\":\"crawl.page\",\"success\":true,\"data\":[" A "]}", DA},
    {"a failed page event",
	"{\"type\":\"crawl.page\",\"success\":false,\"error\":\"slow\","
	"\"data\":[{\"metadata\":{\"sourceURL\":\"http://x/a\"}}]}",
	"F scrape_failed http://x/a\n"},
    {"events without pages",
	"{\"type\":\"crawl.started\",\"data\":[]}"
	"{\"type\":\"crawl.completed\",\"data\":[]}"
	"{\"type\":\"crawl.failed\",\"success\":false,\"data\":[]}"
	"{\"type\":\"crawl.cancelled\",\"success\":false,\"data\":[]}"
	"{\"type\":\"extract.completed\",\"success\":true,\"data\":[{}]}"
	"{\"type\":\"monitor.check.completed\",\"data\":[]}",
	"N\nN\nF crawl_failed \nF crawl_cancelled \nN\nN\n"},
    {"data of a wrong type", "{\"type\":\"crawl.completed\",\"data\":7}",
	"F wrong_type \n"},
    {"the answer of a single scrape", "{\"success\":true,\"data\":" A "}", DA},
    {"pages that could not be read",
	"{\"errors\":[{\"url\":\"HTTP://x/a\",\"code\":\"SCRAPE_TIMEOUT\","
	"\"error\":\"e\"},{\"url\":\"http://x/b\",\"code\":\"<b>\"},7],"
	"\"robotsBlocked\":[\"http://x/c\",null]}",
	"F scrape_timeout http://x/a\nF scrape_failed http://x/b\n"
	"F scrape_failed \nF robots_blocked http://x/c\nF robots_blocked \n"},
    {"answers without pages",
	"{\"success\":false,\"error\":\"e\"} {\"error\":\"e\"} "
	"{\"success\":true,\"id\":\"i\",\"url\":\"u\"} {\"success\":true}",
	"F api_error \nF api_error \nF crawl_not_fetched \nF no_text \n"},
};

/* A long result comes in pages and an envelope (json_split.h). */
static void
test_parts(void)
{
	static const char *const texts[] = {
	    A, B, "{\"status\":\"completed\",\"total\":3,\"data\":[]}"};
	struct buf out = {0};
	struct source_options options = {.give = add_line, .argument = &out};
	struct source *s = source_new(&options);

	source_open(s, "in");
	for (int i = 0; i < 3; i++) {
		yyjson_doc *doc = yyjson_read(texts[i], strlen(texts[i]), 0);

		if (i < 2)
			source_read_page(s, yyjson_doc_get_root(doc));
		else
			source_read_envelope(s, yyjson_doc_get_root(doc));
		yyjson_doc_free(doc);
	}
	source_finish(s);
	tap(strcmp(out.data, DA DB "F crawl_incomplete \n") == 0,
	    "pages are counted when they come one by one");
	source_free(s);
	buf_free(&out);
}

int
main(void)
{
	test_lines(cases, sizeof(cases) / sizeof(*cases));
	test_parts();
	return tap_done();
}
