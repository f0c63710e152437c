#include "crawl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "api.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/time.h"
#include "ingest.h"
#include "json.h"
#include "listing.h"
#include "record/record.h"
#include "record/record_out.h"
#include "report.h"
#include "source/crawl_status.h"
#include "source/source.h"
#include "tool/cli.h"
#include "tool/output.h"

enum { PATH_MAX_BYTES = 256, POLL_MAX = 30 /* seconds */ };

/* A crawl that is read. */
struct crawl_reader {
	struct ingest *in;
	struct ingest_api *api;
	const char *id;
	char what[PATH_MAX_BYTES]; /* for messages */
	int is_new;
	int is_told; /* that 'next' leads elsewhere */
	/* what the last body said */
	enum crawl_state state;
	int64_t total, skip, limit; /* skip: -1: no number */
	int has_next;
	char error[PATH_MAX_BYTES];
};

/* Keep what a body says. */
static void
look(void *argument, yyjson_val *root)
{
	struct crawl_reader *r = argument;
	struct crawl_status s;

	crawl_status_read(root, &s);
	r->state = s.state;
	r->total = s.total;
	r->has_next = s.next.n > 0;
	r->skip = crawl_status_number(s.next, "skip");
	r->limit = crawl_status_number(s.next, "limit");
	snprintf(r->error, sizeof(r->error), "%.*s",
	    (int)(s.error.n < 200 ? s.error.n : 200),
	    s.error.s ? s.error.s : "");
	if (r->has_next && !r->is_told &&
	    !crawl_status_is_at(s.next, ingest_api_base(r->api))) {
		r->is_told = 1;
		cli_warn("%s: its 'next' leads to another server (%.*s), "
			 "where no request goes: %s is asked instead",
		    r->what, (int)(s.next.n < 100 ? s.next.n : 100), s.next.s,
		    ingest_api_base(r->api));
	}
}

static int
get(struct crawl_reader *r, const char *rest, int is_optional,
    struct ingest_answer *answer)
{
	char path[PATH_MAX_BYTES];

	snprintf(path, sizeof(path), "/crawl/%s%s", r->id, rest);
	return ingest_api_run(r->api,
	    &(struct ingest_request){
		.path = path, .is_new = r->is_new, .is_optional = is_optional},
	    answer);
}

/* Read the state without pages. 0, or -1 after a failure was reported. */
static int
poll_state(struct crawl_reader *r)
{
	struct ingest_answer a;
	size_t repaired, repaired_at, at;
	const char *why;
	yyjson_doc *doc;

	if (get(r, "?limit=1", 0, &a) == -1)
		return -1;
	doc = record_parse(a.body, a.len, &repaired, &repaired_at, &why, &at);
	look(r, yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
	if (r->state != CRAWL_UNKNOWN)
		return 0;
	ingest_report_failure(r->in,
	    &(struct ingest_failure){ERROR_TRANSIENT, "bad_answer", NULL, 0},
	    "the answer has no status that is known: check FIRECRAWL_API_URL "
	    "and --api");
	return -1;
}

/* Wait until the crawl has ended. 0, or -1 after a failure was reported. */
static int
wait_for_end(struct crawl_reader *r)
{
	double pause = 2;

	for (;;) {
		if (poll_state(r) == -1)
			return -1;
		r->is_new = 0;
		if (r->state != CRAWL_RUNS)
			return 0;
		if (r->in->options.once) {
			ingest_report_failure(r->in,
			    &(struct ingest_failure){
				ERROR_TRANSIENT, "crawl_running", NULL, 0},
			    "the crawl is not finished: ask again later");
			return -1;
		}
		cli_note(
		    "%s runs: %lld pages so far", r->what, (long long)r->total);
		ingest_report_idle(r->in);
		time_sleep(pause);
		pause = pause * 1.5 < POLL_MAX ? pause * 1.5 : POLL_MAX;
	}
}

/* Read a body of pages. Returns how many came. */
static int64_t
read_body(struct crawl_reader *r, const struct ingest_answer *a)
{
	struct ingest *in = r->in;
	uint64_t before = in->documents + in->repeats + in->failed;

	r->state = CRAWL_UNKNOWN;
	r->has_next = 0;
	in->look = look;
	in->look_argument = r;
	ingest_json_read_text(in, a->body, a->len);
	in->look = NULL;
	return (int64_t)(in->documents + in->repeats + in->failed - before);
}

static void
fail_paging(struct crawl_reader *r, const char *why)
{
	ingest_report_failure(r->in,
	    &(struct ingest_failure){ERROR_INPUT, "bad_next", NULL, 0},
	    "%s: the other pages are not read", why);
}

/*
 * Read all parts: while there is a next one, the last was not empty, and the
 * offset grows up to the number of pages. 0, or -1 after a failure was
 * reported.
 */
static int
read_parts(struct crawl_reader *r)
{
	struct ingest_answer a;
	char query[PATH_MAX_BYTES] = "";
	int64_t offset = 0, total = -1, count;

	for (;; offset = r->skip) {
		if (get(r, query, 0, &a) == -1)
			return -1;
		count = read_body(r, &a);
		if (r->state == CRAWL_UNKNOWN) {
			fail_paging(r, "a part could not be read");
			return -1;
		}
		if (!r->has_next || count == 0 || r->state == CRAWL_FAILED)
			return 0;
		if (r->skip == -1) {
			fail_paging(r, "a 'next' names no part");
			return -1;
		}
		if (r->skip <= offset)
			return 0;
		total = total == -1 ? r->total : total;
		if (r->skip > total) {
			fail_paging(r, "a 'next' leads behind the last page");
			return -1;
		}
		snprintf(
		    query, sizeof(query), "?skip=%lld", (long long)r->skip);
		if (r->limit > 0)
			snprintf(query + strlen(query),
			    sizeof(query) - strlen(query), "&limit=%lld",
			    (long long)r->limit);
	}
}

/*
 * Read which pages failed. Without this list nobody knows whether a page that
 * is not there failed or is gone.
 */
static void
read_errors(struct crawl_reader *r)
{
	struct ingest_answer a;

	if (get(r, "/errors", 1, &a) == 0) {
		ingest_json_read_text(r->in, a.body, a.len);
		return;
	}
	ingest_listing_lacks(r->in);
	if (a.status != 0)
		cli_warn("%s: the list of pages that failed: %s; so the "
			 "listing is not complete",
		    r->what, ingest_api_error(r->api));
}

void
ingest_crawl_read(
    struct ingest *in, struct ingest_api *api, const char *id, int is_new)
{
	struct crawl_reader r = {
	    .in = in, .api = api, .id = id, .is_new = is_new};

	snprintf(r.what, sizeof(r.what), "crawl %s", id);
	in->input = r.what;
	buf_reset(&in->origin, 4096);
	buf_printf(&in->origin, "%s/%s/crawl/%s", ingest_api_base(api),
	    in->options.api, id);
	source_open(in->source, in->origin.data);
	if (wait_for_end(&r) == 0) {
		in->opened++;
		if (read_parts(&r) == 0)
			read_errors(&r);
	}
	in->input = "input";
}

/* The options of --crawl-options; ends the process if they are no object. */
static yyjson_doc *
read_options(const char *path)
{
	yyjson_read_err error;
	yyjson_doc *doc = yyjson_read_file(path, 0, NULL, &error);

	if (doc == NULL)
		cli_usage("--crawl-options %s: %s", path, error.msg);
	if (!yyjson_is_obj(yyjson_doc_get_root(doc)))
		cli_usage("--crawl-options %s: not a JSON object", path);
	return doc;
}

static char *
start_body(const struct ingest_options *o)
{
	yyjson_doc *given =
	    o->crawl_options != NULL ? read_options(o->crawl_options) : NULL;
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root =
	    given != NULL ? yyjson_val_mut_copy(doc, yyjson_doc_get_root(given))
			  : yyjson_mut_obj(doc);
	char *body;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_remove_key(root, "url");
	yyjson_mut_obj_add_str(doc, root, "url", o->start);
	if (o->webhook != NULL) {
		yyjson_mut_obj_remove_key(root, "webhook");
		yyjson_mut_obj_add_str(doc, root, "webhook", o->webhook);
	}
	body = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	yyjson_doc_free(given);
	if (body == NULL)
		cli_usage("--start: the URL is not UTF-8");
	return body;
}

static void
put_started(struct ingest *in, const char *id)
{
	yyjson_mut_doc *doc = record_out_new(in->out, "crawl");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_str(doc, root, "id", id);
	yyjson_mut_obj_add_str(doc, root, "status", "started");
	yyjson_mut_obj_add_str(doc, root, "url", in->options.start);
	yyjson_mut_obj_add_str(doc, root, "source",
	    in->options.source_name ? in->options.source_name
				    : DOCUMENT_SOURCE);
	output_check(record_out_put(in->out, doc));
}

/* The id in the answer to a start; NULL if it has none. */
static char *
read_id(const struct ingest_answer *a)
{
	size_t repaired, repaired_at, at;
	const char *why, *id;
	yyjson_doc *doc =
	    record_parse(a->body, a->len, &repaired, &repaired_at, &why, &at);
	char *copy = NULL;

	id = record_str(yyjson_doc_get_root(doc), "id", NULL);
	if (id != NULL && crawl_status_is_id(id))
		copy = x_strdup(id);
	yyjson_doc_free(doc);
	return copy;
}

char *
ingest_crawl_start(struct ingest *in, struct ingest_api *api)
{
	char *body = start_body(&in->options), *id = NULL;
	struct ingest_answer a;
	int result;

	in->input = "the start of the crawl";
	result = ingest_api_run(api,
	    &(struct ingest_request){.path = "/crawl", .body = body, .once = 1},
	    &a);
	free(body);
	if (result == -1)
		return NULL;
	id = read_id(&a);
	if (id == NULL) {
		ingest_report_failure(in,
		    &(struct ingest_failure){
			ERROR_INPUT, "crawl_failed", NULL, 0},
		    "the answer names no crawl: %.200s", a.body);
		return NULL;
	}
	in->opened++;
	cli_warn("crawl %s started", id);
	if (in->options.detach) {
		put_started(in, id);
		ingest_listing_lacks(in);
	}
	return id;
}
