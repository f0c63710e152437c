#include "answers.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/time.h"
#include "flight.h"
#include "items.h"
#include "pipeline.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "result.h"
#include "tool/cli.h"
#include "worker.h"

enum { QUIET_SECONDS = 1 };

static void
describe_end(const struct worker_pipeline_end *end, char *text, size_t n)
{
	if (end->signal != 0)
		snprintf(text, n, "stage %s was killed by signal %d (%s)",
		    end->stage, end->signal, strsignal(end->signal));
	else
		snprintf(text, n, "stage %s ended with status %d", end->stage,
		    end->status);
}

static void
fail_item(struct worker *w, struct worker_item *item, const char *stage,
    const char *code, const char *message)
{
	struct error_record error = ERROR_RECORD_INIT;

	error.stage = stage;
	error.class = ERROR_INTERNAL;
	error.code = code;
	error.message = message;
	worker_result_failed(w, item, &error);
}

/* Whether the pipeline ends well when it is given nothing at all. */
static int
runs_on_nothing(struct worker *w, struct worker_pipeline_end *end)
{
	double until = time_now() + 10;
	struct record r;

	if (worker_pipeline_start(w->flight.pipeline) == -1)
		return 1;
	worker_pipeline_finish(w->flight.pipeline);
	while (worker_pipeline_read(w->flight.pipeline, &r) != -1 &&
	       time_now() < until)
		worker_pipeline_wait(w->flight.pipeline, 50);
	return worker_pipeline_stop(w->flight.pipeline, end);
}

/*
 * A stage that fails before its first answer may be misspelt, or lack its
 * key: that is not a document's fault. It then fails without input too.
 */
static int
is_misconfigured(struct worker *w, const struct worker_pipeline_end *end)
{
	struct worker_pipeline_end again;

	if (w->flight.answered || end->signal != 0 || end->status == 0)
		return 0;
	if (runs_on_nothing(w, &again) || again.status == CLI_UNAVAILABLE)
		return 0;
	describe_end(&again, w->fatal, sizeof(w->fatal));
	return 1;
}

static void
on_death(struct worker *w, const struct worker_pipeline_end *end)
{
	struct worker_item *alone =
	    w->flight.documents.n == 1 ? w->flight.documents.first : NULL;
	char text[160];

	describe_end(end, text, sizeof(text));
	cli_warn("pipeline: %s, %zu documents in flight", text,
	    w->flight.documents.n);
	if (end->signal == 0 && end->status == CLI_UNAVAILABLE) {
		/* A service is away. The stage says which one. */
		worker_flight_take_back(w, 0);
		worker_flight_delay_start(w);
	} else if (is_misconfigured(w, end)) {
		worker_flight_take_back(w, 0);
	} else if (alone != NULL && alone->suspect) {
		worker_items_remove(&w->flight.documents, alone);
		fail_item(w, alone, end->stage, "pipeline_died", text);
	} else {
		worker_flight_take_back(w, 1);
	}
}

static void
on_end_of_output(struct worker *w)
{
	int finishing = worker_pipeline_is_finishing(w->flight.pipeline);
	struct worker_pipeline_end end;
	int clean = worker_pipeline_stop(w->flight.pipeline, &end);

	if (w->flight.documents.n == 0) {
		if (!finishing)
			cli_note("pipeline: ended while idle");
		return;
	}
	if (!finishing || !clean) {
		on_death(w, &end);
		return;
	}
	while (w->flight.documents.first != NULL)
		fail_item(w, worker_items_pop(&w->flight.documents), "worker",
		    "no_result",
		    "no result: a stage of the pipeline swallowed the "
		    "document");
}

static void
check_document_timeout(struct worker *w)
{
	struct worker_item *oldest = w->flight.documents.first;
	struct worker_pipeline_end end;
	char text[120], limit[32];
	double since;

	if (oldest == NULL)
		return;
	since = oldest->sent_at > w->flight.answered_at ? oldest->sent_at
							: w->flight.answered_at;
	if (w->now - since < (double)w->options.document_timeout / 1000)
		return;
	snprintf(limit, sizeof(limit), "%lld ms",
	    (long long)w->options.document_timeout);
	worker_pipeline_stop(w->flight.pipeline, &end);
	snprintf(text, sizeof(text), "no answer within --document-timeout (%s)",
	    limit);
	cli_warn("pipeline: killed: %s, %zu documents in flight", text,
	    w->flight.documents.n);
	if (w->flight.documents.n == 1)
		fail_item(w, worker_items_pop(&w->flight.documents), "worker",
		    "document_timeout", text);
	else
		worker_flight_take_back(w, 1);
}

static struct worker_item *
find_in_flight(const struct worker *w, yyjson_val *answer)
{
	size_t n;
	const char *text = record_str(answer, "document_id", &n);
	const char *lease = record_str(answer, "lease", NULL);
	uint8_t id[DIGEST_UUID];

	if (text == NULL || digest_uuid_parse(text, n, id) == -1)
		return NULL;
	for (struct worker_item *i = w->flight.documents.first; i != NULL;
	     i = i->next)
		if (memcmp(i->document->id, id, DIGEST_UUID) == 0 &&
		    (lease == NULL || strcmp(lease, i->task->lease) == 0))
			return i;
	return NULL;
}

static void
take_error(struct worker *w, yyjson_val *answer)
{
	struct worker_item *item = find_in_flight(w, answer);
	struct error_record error;
	struct error_words words;

	error_record_get(answer, ERROR_INTERNAL, &error, &words);
	if (item == NULL) {
		if (error.document_id == NULL)
			cli_warn("pipeline: %s: %s",
			    error.stage ? error.stage : "a stage",
			    error.message ? error.message : "unknown error");
		return;
	}
	/* One bad chunk: the document is stored without it, and says so. */
	if (error.chunk >= 0 && error.class == ERROR_INPUT)
		return;
	worker_items_remove(&w->flight.documents, item);
	/* What is asked of this task is being done by another one. */
	if (error.code != NULL && strcmp(error.code, "superseded") == 0) {
		worker_result_stored(w, item, &(struct worker_stored){0});
		return;
	}
	if (error.code != NULL && strcmp(error.code, "stale_lease") == 0) {
		struct worker_task *task = item->task;

		worker_items_push_front(&w->held.waiting, item);
		worker_flight_drop(w, task,
		    "its lease is no longer held: canceled or taken over");
		return;
	}
	worker_result_failed(w, item, &error);
}

static void
take_stored(struct worker *w, struct worker_item *item, yyjson_val *answer)
{
	yyjson_val *first = yyjson_obj_get(answer, "first_error");
	struct worker_stored stored = {
	    .chunks = (int)record_int(answer, "chunks", 0),
	    .failed_chunks = (int)record_int(answer, "failed_chunks", 0)};
	struct error_words words;
	struct error_record error;

	if (stored.failed_chunks > 0 && yyjson_is_obj(first)) {
		error_record_get(first, ERROR_INPUT, &error, &words);
		stored.first_error = &error;
	}
	worker_result_stored(w, item, &stored);
}

/* Bytes of a line that is no record, for people. */
enum { SHOWN = 80 };

static void
take_answer(struct worker *w, const struct record *r)
{
	struct worker_item *item;

	worker_flight_note_answer(w);
	if (r->root == NULL) {
		/* The next line follows without a NUL between them. */
		cli_warn("pipeline: not a record: %.*s",
		    r->len < SHOWN ? (int)r->len : SHOWN, r->line);
	} else if (r->type == RECORD_ERROR) {
		take_error(w, r->root);
	} else if (r->type == RECORD_STORED) {
		item = find_in_flight(w, r->root);
		if (item == NULL)
			return;
		worker_items_remove(&w->flight.documents, item);
		take_stored(w, item, r->root);
	}
}

void
worker_answers(struct worker *w)
{
	struct record r;
	int n = 0;

	while (worker_pipeline_is_running(w->flight.pipeline) &&
	       (n = worker_pipeline_read(w->flight.pipeline, &r)) == 1)
		take_answer(w, &r);
	if (n == -1)
		on_end_of_output(w);
	else
		check_document_timeout(w);
	/*
	 * Nothing more to send, and silence: a stage may wait for more, or have
	 * swallowed a document. Closing the input tells.
	 */
	if (w->flight.documents.n > 0 &&
	    (w->held.waiting.n == 0 || w->held.suspects > 0) &&
	    w->now - w->flight.answered_at > QUIET_SECONDS &&
	    w->now - w->flight.sent_at > QUIET_SECONDS &&
	    worker_pipeline_is_running(w->flight.pipeline) &&
	    !worker_pipeline_is_finishing(w->flight.pipeline))
		worker_pipeline_finish(w->flight.pipeline);
}
