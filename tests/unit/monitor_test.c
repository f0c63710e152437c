/* monitor: events of Firecrawl's monitors */
#include "source_lines.h"

/* clang-format off */
#define EVENT(data) \
	"{\"success\":true,\"type\":\"monitor.page\",\"data\":" data "}"
#define ROW(rest) "{\"monitorId\":\"m\",\"checkId\":\"c\"," rest "}"

static const struct line_ends_case cases[] = {
    {"what became of each page",
	EVENT("["
	ROW("\"url\":\"https://x.example/a\",\"status\":\"changed\","
	    "\"currentScrapeId\":\"s2\"") ","
	ROW("\"url\":\"https://X.example/b#top\",\"status\":\"new\"") ","
	ROW("\"url\":\"https://x.example/c\",\"status\":\"same\"") ","
	ROW("\"url\":\"https://x.example/d\",\"status\":\"removed\"") ","
	ROW("\"url\":\"https://x.example/e\",\"status\":\"error\"")
	"]"),
	"C https://x.example/a|s2\nC https://x.example/b|\n"
	"G https://x.example/d\nF scrape_failed https://x.example/e\n"},
    {"a status that is not known",
	EVENT("[" ROW("\"url\":\"u\",\"status\":\"moved\"") "]"), "N\n"},
    {"rows without url or status, and no rows",
	EVENT("[7,null,{},"
	ROW("\"url\":\"u\"") ","
	ROW("\"status\":\"new\",\"url\":[\"u\"]")
	"]"),
	"F wrong_type \nF wrong_type \nF wrong_type \nF wrong_type \n"
	"F wrong_type \n"},
    {"data that is no array", EVENT("{\"url\":\"u\"}"), "F wrong_type \n"},
    {"the end of a check, and an event of tomorrow",
	"{\"type\":\"monitor.check.completed\",\"data\":[{\"monitorId\":\"m\","
	"\"status\":\"completed\"}]}\n"
	"{\"type\":\"monitor.x\",\"data\":7}",
	"N\nN\n"},
};
/* clang-format on */

int
main(void)
{
	test_lines(cases, sizeof(cases) / sizeof(*cases));
	return tap_done();
}
