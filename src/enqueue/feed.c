#include "feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/periods.h"
#include "base/stop.h"
#include "enqueue.h"
#include "listing.h"
#include "net/db.h"
#include "record/document.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "refusal.h"
#include "report.h"
#include "save.h"
#include "store/intake.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/progress.h"

enum { POSITION_MAX = 32 };

static void
save_when_idle(struct enqueue *e)
{
	enqueue_save(e);
	enqueue_report_early(e);
	output_check(record_out_flush(e->out));
}

/*
 * Add a page that failed in an earlier stage to the job's account. An error
 * that names no page is passed on.
 */
static void
take_error(struct enqueue *e, const struct record *r)
{
	const char *source;
	struct error_record error;
	struct error_words words;

	error_record_get(r->root, ERROR_INPUT, &error, &words);
	enqueue_listing_note_error(e, &error);
	if (error.url == NULL) {
		output_check(record_out_pass(e->out, r->line, r->len));
		return;
	}
	source = error.source;
	if (source == NULL || e->options.defaults.override_source)
		source = e->options.defaults.source;
	while (intake_add_failed(e->docs, source, &error) == 1)
		enqueue_save(e);
}

/*
 * Refuse a record that is no document. If it has a url, the job's account gets
 * it.
 */
static void
refuse_record(struct enqueue *e, const struct record *r,
    const struct document *doc, const char *code, const char *why,
    const char *position)
{
	struct error_record error = ERROR_RECORD_INIT;
	char *url = x_memdup(doc->url.s, doc->url.n);
	char *source = x_memdup(doc->source.s, doc->source.n);

	error.stage = "enqueue";
	error.class = ERROR_INPUT;
	error.code = code;
	error.message = why;
	error.line = r->number;
	if (*url != '\0' && strcmp(url, position) != 0)
		error.url = url;
	enqueue_refuse(e, &error);
	enqueue_listing_note_error(e, &error);
	enqueue_note_failed(
	    e, *source != '\0' ? source : DOCUMENT_SOURCE, &error);
	free(url);
	free(source);
}

static void
take_record(struct enqueue *e, struct record *r)
{
	struct document_defaults defaults = e->options.defaults;
	char position[POSITION_MAX];
	const char *why;
	struct document doc;

	if (r->type == RECORD_ERROR) {
		take_error(e, r);
		return;
	}
	if (r->type >= RECORD_LISTING && r->type <= RECORD_CRAWL) {
		enqueue_listing_take(e, r);
		return;
	}
	if (r->type != RECORD_DOCUMENT && r->type != RECORD_UNTYPED) {
		output_check(record_out_pass(e->out, r->line, r->len));
		return;
	}
	if (r->repaired > 0)
		cli_note("standard input:%llu: %zu characters replaced",
		    (unsigned long long)r->number, r->repaired);
	snprintf(position, sizeof(position), "stdin#%llu",
	    (unsigned long long)r->number);
	defaults.position = position;
	if (document_read(&doc, r->root, &defaults, &why) == -1)
		refuse_record(e, r, &doc, doc.code, why, position);
	else if (doc.content.s != NULL && document_is_blank(doc.content))
		refuse_record(e, r, &doc, "no_text",
		    "the document has no text: nothing to store", position);
	else
		enqueue_add_document(e, &doc);
	enqueue_listing_count(e, &doc);
}

/*
 * Before a wait, save the documents that have come, and queue them soon. During
 * the wait, note that this process is alive, as other programs seal a job whose
 * feeder has died.
 */
static void
wait_for_input(struct enqueue *e)
{
	int ready = record_in_wait(e->in, 0);

	if (ready == 0)
		save_when_idle(e);
	/* Poll, because a blocking read misses a signal that came before it. */
	while (ready != 1 && !stop_requested()) {
		int open = intake_open_documents(e->docs) > 0;

		ready = record_in_wait(
		    e->in, open ? enqueue_cut_in(e) : PERIOD_FEED * 1000);
		if (ready == -1 && errno != EINTR)
			return;
		if (ready == 0 && open)
			enqueue_cut(e);
		else if (ready == 0 && intake_touch(e->docs) == -1)
			cli_note("Postgres: %s", db_error(e->db));
	}
}

void
enqueue_feed(struct enqueue *e)
{
	struct record r;

	for (;;) {
		wait_for_input(e);
		if (stop_requested())
			return;
		switch (record_in_read(e->in, &r)) {
		case RECORD_EOF:
			return;
		case RECORD_FAILED:
			cli_die(
			    CLI_FAILED, "standard input: %s", strerror(errno));
		case RECORD_REFUSED:
			r.error.stage = "enqueue";
			enqueue_refuse(e, &r.error);
			enqueue_listing_note_error(e, &r.error);
			break;
		case RECORD_OK:
			take_record(e, &r);
			enqueue_report_early(e);
			break;
		}
		progress_update(&e->progress, r.number);
	}
}
