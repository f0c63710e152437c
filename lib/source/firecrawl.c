#include "source/firecrawl.h"

#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "record/record.h"
#include "source/crawl.h"
#include "source/crawl_url.h"
#include "source/monitor.h"
#include "source/page.h"
#include "source/state.h"

/* For printf's %.*s; long text is cut. */
#define TEXT(t) (int)((t).n < 300 ? (t).n : 300), (t).s ? (t).s : ""

static int
equals(struct document_text t, const char *s)
{
	return t.s != NULL && t.n == strlen(s) && memcmp(t.s, s, t.n) == 0;
}

static int
starts_with(struct document_text t, const char *s)
{
	return t.n >= strlen(s) && memcmp(t.s, s, strlen(s)) == 0;
}

int
firecrawl_is_result(yyjson_val *v)
{
	yyjson_val *data = yyjson_obj_get(v, "data");

	return data != NULL && !yyjson_is_str(data) &&
	       (yyjson_obj_get(v, "status") != NULL ||
		   yyjson_obj_get(v, "success") != NULL ||
		   yyjson_is_str(yyjson_obj_get(v, "type"))) &&
	       yyjson_obj_get(v, "content") == NULL &&
	       yyjson_obj_get(v, "markdown") == NULL &&
	       yyjson_obj_get(v, "text") == NULL &&
	       yyjson_obj_get(v, "page_content") == NULL;
}

int
firecrawl_is_errors(yyjson_val *v)
{
	return yyjson_is_arr(yyjson_obj_get(v, "errors")) &&
	       yyjson_is_arr(yyjson_obj_get(v, "robotsBlocked"));
}

int
firecrawl_is_page(yyjson_val *v)
{
	return yyjson_is_obj(yyjson_obj_get(v, "metadata")) &&
	       (yyjson_obj_get(v, "markdown") != NULL ||
		   yyjson_obj_get(v, "html") != NULL ||
		   yyjson_obj_get(v, "rawHtml") != NULL);
}

/*
 * Whether an object is an answer of the API without pages: it has success or
 * error, and no text under any key that a document may have.
 */
int
firecrawl_is_answer(yyjson_val *v)
{
	static const char *const text_keys[] = {"content", "markdown", "text",
	    "body", "raw_content", "document", "html", "rawHtml", "metadata",
	    NULL};

	for (const char *const *key = text_keys; *key != NULL; key++)
		if (yyjson_obj_get(v, *key) != NULL)
			return 0;
	return yyjson_is_bool(yyjson_obj_get(v, "success")) ||
	       yyjson_is_str(yyjson_obj_get(v, "error"));
}

/* Read one document of a result; reason, if any, says why it has no text. */
static void
read_page(struct source *s, yyjson_val *v, struct document_text reason)
{
	struct document_defaults defaults = page_next(s);
	struct document d;
	const char *why;
	int64_t status;
	char code[16] = "http_";
	struct document_text error;
	int refused;

	if (!yyjson_is_obj(v)) {
		page_fail(s, NULL, "not_an_object",
		    "a page of the crawl is not a JSON object");
		return;
	}
	refused = document_read(&d, v, &defaults, &why);
	d.url = crawl_url(&s->url, d.url);
	document_identify(&d);
	status = record_int(d.metadata, "statusCode", 200);
	error = page_member(d.metadata, "error");
	if (status >= 400 && status <= 999) {
		snprintf(code, sizeof(code), "http_%d", (int)status);
		page_fail(s, &d, code,
		    "the site answered HTTP %d%s%.*s: repair the link or crawl "
		    "again",
		    (int)status, error.n > 0 ? " " : "", TEXT(error));
	} else if (refused && reason.n > 0) {
		page_fail(s, &d, "scrape_failed",
		    "Firecrawl could not read the page: %.*s", TEXT(reason));
	} else if (refused) {
		page_fail(s, &d, d.code, "%s", why);
	} else {
		page_give_crawled(s, &d,
		    crawl_url(&s->asked, page_member(d.metadata, "sourceURL")));
	}
}

void
firecrawl_read_page(struct source *s, yyjson_val *v)
{
	read_page(s, v, (struct document_text){0});
}

/* The members of a body other than its pages. */

static void
read_status(struct source *s, yyjson_val *v, int64_t count)
{
	struct document_text status = page_member(v, "status");
	struct document_text error = page_member(v, "error");
	struct document_text warning = page_member(v, "warning");

	if (warning.n > 0)
		page_notice(s, "Firecrawl warns: %.*s", TEXT(warning));
	if (equals(status, "failed") ||
	    yyjson_is_false(yyjson_obj_get(v, "success"))) {
		page_fail(s, NULL, "crawl_failed", "the crawl failed: %.*s%s",
		    TEXT(error), error.n > 0 ? "" : "no reason given");
		return;
	}
	crawl_add_part(s, v, count);
}

static void
read_event(struct source *s, yyjson_val *v, int64_t count)
{
	struct document_text type = page_member(v, "type");
	struct document_text error = page_member(v, "error");
	struct document_text id = page_member(v, "id");
	int failed = yyjson_is_false(yyjson_obj_get(v, "success"));

	s->is_partial = 1;
	if (failed && count == 0) {
		page_fail(s, NULL,
		    equals(type, "crawl.cancelled") ? "crawl_cancelled"
						    : "crawl_failed",
		    "%.*s: %.*s%s", TEXT(type), TEXT(error),
		    error.n > 0 ? "" : "no reason given");
	} else if (count == 0 && type.n > 10 &&
		   memcmp(type.s + type.n - 10, ".completed", 10) == 0) {
		page_notice(s,
		    "%.*s carries no pages: fetch them with GET "
		    "/v2/crawl/%.*s",
		    TEXT(type), TEXT(id));
	} else if (count == 0) {
		page_notice(s, "an event '%.*s' without pages", TEXT(type));
	}
}

/* Read the rest of a body of which count pages were read. */
static void
read_envelope(struct source *s, yyjson_val *v, int64_t count)
{
	if (yyjson_is_str(yyjson_obj_get(v, "status")))
		read_status(s, v, count);
	else if (yyjson_is_str(yyjson_obj_get(v, "type")))
		read_event(s, v, count);
	else if (count == 0)
		page_fail(s, NULL, "no_text", "data holds no page");
}

void
firecrawl_read_result(struct source *s, yyjson_val *v)
{
	yyjson_val *data = yyjson_obj_get(v, "data");
	struct document_text type = page_member(v, "type"), reason = {0};
	yyjson_arr_iter iter;
	yyjson_val *page;

	if (yyjson_is_false(yyjson_obj_get(v, "success")))
		reason = page_member(v, "error");
	if (starts_with(type, "extract.") || starts_with(type, "agent.")) {
		s->is_partial = 1;
		page_notice(s, "an event '%.*s' without pages", TEXT(type));
		return;
	}
	/* The answer of /scrape holds one document. */
	if (yyjson_is_obj(data) && yyjson_obj_get(v, "status") == NULL) {
		read_page(s, data, reason);
		return;
	}
	/* While a v0 crawl runs, its pages are in partial_data. */
	if (yyjson_is_null(data) && yyjson_is_str(yyjson_obj_get(v, "status")))
		data = yyjson_obj_get(v, "partial_data");
	if (data != NULL && !yyjson_is_arr(data)) {
		page_skip(s);
		page_fail(s, NULL, "wrong_type",
		    "data of a crawl result is not an array of pages");
		return;
	}
	yyjson_arr_iter_init(data, &iter);
	while ((page = yyjson_arr_iter_next(&iter)) != NULL)
		read_page(s, page, reason);
	read_envelope(s, v, (int64_t)yyjson_arr_size(data));
}

void
firecrawl_read_item(struct source *s, yyjson_val *value)
{
	s->paged++;
	if (monitor_is_row(value))
		monitor_read_row(s, value);
	else
		read_page(s, value, (struct document_text){0});
}

void
firecrawl_read_rest(struct source *s, yyjson_val *value)
{
	read_envelope(s, value, s->paged);
	s->paged = 0;
}

/* GET /crawl/ID/errors: the pages that the status body leaves out. */

static void
fail_url(struct source *s, struct document_text url, const char *code,
    struct document_text message)
{
	struct document_defaults defaults = page_next(s);
	struct document d = {.source = document_text(defaults.source)};

	d.url = crawl_url(&s->url, url);
	document_identify(&d);
	page_fail(s, url.n > 0 ? &d : NULL, code, "%.*s", TEXT(message));
}

/* SCRAPE_TIMEOUT becomes scrape_timeout; anything but a word is left out. */
static const char *
code_of(struct document_text t, char out[static 64])
{
	if (t.n == 0 || t.n >= 64)
		return "scrape_failed";
	for (size_t i = 0; i < t.n; i++) {
		char c = t.s[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		else if (c != '_' && !(c >= 'a' && c <= 'z') &&
			 !(c >= '0' && c <= '9'))
			return "scrape_failed";
		out[i] = c;
	}
	out[t.n] = '\0';
	return out;
}

void
firecrawl_read_errors(struct source *s, yyjson_val *v)
{
	yyjson_arr_iter iter;
	yyjson_val *e;
	char code[64];

	yyjson_arr_iter_init(yyjson_obj_get(v, "errors"), &iter);
	while ((e = yyjson_arr_iter_next(&iter)) != NULL) {
		struct document_text message = page_member(e, "error");

		if (message.n == 0)
			message = document_text("the page could not be read");
		fail_url(s, page_member(e, "url"),
		    code_of(page_member(e, "code"), code), message);
	}
	yyjson_arr_iter_init(yyjson_obj_get(v, "robotsBlocked"), &iter);
	while ((e = yyjson_arr_iter_next(&iter)) != NULL)
		fail_url(s,
		    (struct document_text){yyjson_get_str(e),
			yyjson_is_str(e) ? yyjson_get_len(e) : 0},
		    "robots_blocked",
		    document_text("the site's robots.txt forbids the page"));
}

void
firecrawl_read_answer(struct source *s, yyjson_val *v)
{
	struct document_text error = page_member(v, "error");
	struct document_text url = page_member(v, "url");

	page_skip(s);
	if (error.n > 0)
		page_fail(s, NULL, "api_error",
		    "an error answer and no crawl: %.*s", TEXT(error));
	else if (url.n > 0 && yyjson_is_str(yyjson_obj_get(v, "id")))
		page_fail(s, NULL, "crawl_not_fetched",
		    "this is the answer that started a crawl, not its pages: "
		    "fetch %.*s when it is completed",
		    TEXT(url));
	else
		page_fail(s, NULL, "no_text",
		    "an answer without pages and without an error");
}
