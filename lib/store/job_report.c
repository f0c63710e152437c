#include "store/job_report.h"

#include <string.h>

#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_job_report.h"
#include "store/job_change.h"
#include "store/state.h"

/*
 * Find the id of the document that the report names. A new url becomes a
 * document.
 */
static int
identify(struct db *d, const uint8_t *id, const struct job_report *report,
    uint8_t *document, struct buf *why)
{
	struct db_args a = {0};
	struct db_result *r;
	char text[DIGEST_UUID_TEXT];
	uint8_t source[DIGEST_UUID];
	int64_t n;

	if (report->document != NULL) {
		memcpy(document, report->document, DIGEST_UUID);
		return 0;
	}
	r = job_change_ask(d, id, sql_source);
	if (r == NULL)
		return -1;
	if (db_rows(r) == 0 || digest_uuid_parse(db_text(r, 0, 0),
				   db_length(r, 0, 0), source) == -1) {
		db_result_free(r);
		digest_uuid_text(id, text);
		buf_printf(why,
		    "job %s has no source, so a url names no document of it: "
		    "give the document's id",
		    text);
		return -1;
	}
	db_result_free(r);
	digest_uuid5(source, report->url, strlen(report->url), document);
	db_arg_uuid(&a, document);
	db_arg_uuid(&a, source);
	db_arg_text(&a, report->url);
	n = db_do(d, sql_add_document, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

/* 1 written, 0 refused by the conditions of the statement, -1 failed. */
static int64_t
save_report(struct db *d, const uint8_t *id, const uint8_t *document,
    const struct job_report *report)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, id);
	db_arg_uuid(&a, document);
	db_arg_text(&a, report->status);
	db_arg_text(&a, report->stage);
	db_arg_text(&a, report->error);
	db_arg_int(&a, report->chunks);
	db_arg_int(&a, report->milliseconds);
	n = db_do(d, sql_save_report, &a);
	db_args_free(&a);
	return n;
}

/* Set the document's own status, if that is a legal move. */
static int
tell_document(
    struct db *d, const uint8_t *document, const struct job_report *report)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, document);
	db_arg_text(&a, strcmp(report->status, "unchanged") == 0
			    ? "stored"
			    : report->status);
	db_arg_text(&a, report->error);
	/* chunk_count is about our collections: only pl-store writes it. */
	n = db_do(d, sql_tell_document, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
refuse_report(
    struct db *d, const uint8_t *id, const uint8_t *document, struct buf *why)
{
	char job[DIGEST_UUID_TEXT], text[DIGEST_UUID_TEXT];
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, id);
	db_arg_uuid(&a, document);
	r = db_run(d, sql_whereabouts, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	digest_uuid_text(id, job);
	digest_uuid_text(document, text);
	if (!db_bool(r, 0, 0))
		buf_printf(why,
		    "document %s: there is no such document: save it with "
		    "pl-enqueue or pl-store, or name it by its url",
		    text);
	else if (!db_bool(r, 0, 1))
		buf_printf(why,
		    "document %s is not in job %s, which is sealed: no more "
		    "can be added",
		    text, job);
	else
		buf_printf(why,
		    "document %s of job %s is in a task for the workers: they "
		    "report it",
		    text, job);
	db_result_free(r);
	return -1;
}

static int
progress(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	const struct job_report *report = argument;
	uint8_t document[DIGEST_UUID];
	struct db_result *r;
	int64_t n;

	r = job_change_ask(d, id, sql_status);
	if (r == NULL)
		return -1;
	if (db_rows(r) == 0)
		job_change_refuse_gone(why, id);
	else if (state_has_ended(db_text(r, 0, 0)))
		job_change_refuse(
		    why, id, db_text(r, 0, 0), "changed: retry it first");
	n = db_rows(r) == 0 || state_has_ended(db_text(r, 0, 0));
	db_result_free(r);
	if (n != 0 || identify(d, id, report, document, why) == -1)
		return -1;
	n = save_report(d, id, document, report);
	if (n == 0)
		return refuse_report(d, id, document, why);
	if (n == -1 || tell_document(d, document, report) == -1)
		return -1;
	return job_change_run(d, id, sql_touch_job) == -1 ? -1 : 0;
}

int
job_progress(struct db *d, const uint8_t id[static DIGEST_UUID],
    const struct job_report *report, struct buf *why)
{
	struct job_report copy = *report;

	return job_change(d, progress, id, &copy, why);
}
