#include "source/monitor.h"

#include <string.h>
#include <yyjson.h>

#include "source/crawl_url.h"
#include "source/page.h"
#include "source/state.h"

/* For printf's %.*s; long text is cut. */
#define TEXT(t) (int)((t).n < 300 ? (t).n : 300), (t).s ? (t).s : ""

static int
equals(struct document_text t, const char *s)
{
	return t.s != NULL && t.n == strlen(s) && memcmp(t.s, s, t.n) == 0;
}

int
monitor_is_event(yyjson_val *v)
{
	struct document_text type = page_member(v, "type");

	return type.n > 8 && memcmp(type.s, "monitor.", 8) == 0 &&
	       yyjson_obj_get(v, "data") != NULL;
}

int
monitor_is_row(yyjson_val *v)
{
	return yyjson_is_str(yyjson_obj_get(v, "monitorId")) &&
	       yyjson_is_str(yyjson_obj_get(v, "status"));
}

void
monitor_read_row(struct source *s, yyjson_val *v)
{
	struct document_defaults defaults = page_next(s);
	struct document d = {.source = document_text(defaults.source)};
	struct document_text status = page_member(v, "status");
	struct document_text error = page_member(v, "error");

	s->is_partial = 1;
	d.url = crawl_url(&s->url, page_member(v, "url"));
	document_identify(&d);
	if (d.url.n == 0 || status.n == 0)
		page_fail(s, NULL, "wrong_type",
		    "a row of a monitor's event has no url or no status");
	else if (equals(status, "changed") || equals(status, "new"))
		page_tell(
		    s, SOURCE_CHANGED, &d, page_member(v, "currentScrapeId"));
	else if (equals(status, "removed"))
		page_tell(s, SOURCE_GONE, &d, (struct document_text){0});
	else if (equals(status, "error"))
		page_fail(s, &d, "scrape_failed",
		    "Firecrawl could not read the page: %.*s%s", TEXT(error),
		    error.n > 0 ? "" : "no reason given");
	else if (!equals(status, "same"))
		page_notice(s, "%.*s: a monitor's status '%.*s' is not known",
		    TEXT(d.url), TEXT(status));
}

void
monitor_read_event(struct source *s, yyjson_val *v)
{
	yyjson_val *data = yyjson_obj_get(v, "data"), *row;
	struct document_text type = page_member(v, "type");
	yyjson_arr_iter iter;

	s->is_partial = 1;
	if (!equals(type, "monitor.page")) {
		page_notice(s, "an event '%.*s' without pages", TEXT(type));
		return;
	}
	if (!yyjson_is_arr(data)) {
		page_skip(s);
		page_fail(s, NULL, "wrong_type",
		    "data of a monitor's event is not an array of pages");
		return;
	}
	yyjson_arr_iter_init(data, &iter);
	while ((row = yyjson_arr_iter_next(&iter)) != NULL)
		monitor_read_row(s, row);
}
