#include "answers.h"

#include <string.h>

#include "base/digest.h"
#include "base/time.h"
#include "death.h"
#include "flight.h"
#include "items.h"
#include "pipeline.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "record/waiting_record.h"
#include "result.h"
#include "tool/cli.h"
#include "worker.h"

enum {
	QUIET_SECONDS = 1,
	/*
	 * Bounds of one call, so that heartbeats, claims and signals get their
	 * turn.
	 */
	ANSWERS_MAX = 1000,
	ANSWERS_MS = 20,
	SHOWN = 80 /* bytes of a foreign line that a message shows */
};

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

/* An error record for a document in flight. */
static void
take_error(struct worker *w, struct worker_item *item,
    const struct error_record *error)
{
	struct worker_task *task = item->task;

	/* One chunk failed: the stored record that follows counts it. */
	if (error->chunk >= 0 && error->class == ERROR_INPUT)
		return;
	worker_items_remove(&w->flight.documents, item);
	/* The document was deleted, or a newer task has its new content. */
	if (error->code != NULL && strcmp(error->code, "superseded") == 0) {
		worker_result_stored(w, item, &(struct worker_stored){0});
		return;
	}
	if (error->code != NULL && strcmp(error->code, "stale_lease") == 0) {
		worker_items_push_front(&w->held.waiting, item);
		worker_flight_drop(w, task,
		    "its lease is no longer held: canceled or taken over");
		return;
	}
	worker_result_failed(w, item, error);
}

/* pl-store names its collection, which is the worker's. */
static int
is_of_pl_store(const struct worker *w, yyjson_val *answer)
{
	const char *collection = record_str(answer, "collection", NULL);

	return collection != NULL &&
	       strcmp(collection, w->options.collection) == 0;
}

static void
take_stored(struct worker *w, struct worker_item *item, yyjson_val *answer)
{
	yyjson_val *first = yyjson_obj_get(answer, "first_error");
	struct worker_stored stored = {.by_user = !is_of_pl_store(w, answer),
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

/* A stage says that it waits for something. */
static void
take_waiting(struct worker *w, struct worker_item *item, yyjson_val *answer)
{
	int64_t seconds = record_int(answer, "seconds", 0);

	if (seconds < 0)
		seconds = 0;
	if (seconds > WAITING_RECORD_MAX)
		seconds = WAITING_RECORD_MAX;
	item->alive_at = w->now + (double)seconds;
}

/* Report lines that are no answer, at most once a second. */
static void
take_foreign(struct worker *w, const struct record *r)
{
	struct error_record error;
	struct error_words words;

	if (!worker_flight_note_foreign(w))
		return;
	if (r->root == NULL) {
		/*
		 * The line does not end with a NUL: print r->len bytes at most.
		 */
		cli_warn("pipeline: not a record: %.*s",
		    r->len < SHOWN ? (int)r->len : SHOWN, r->line);
	} else if (r->type == RECORD_ERROR) {
		error_record_get(r->root, ERROR_INTERNAL, &error, &words);
		cli_warn("pipeline: %s: %s",
		    error.stage ? error.stage : "a stage",
		    error.message ? error.message : "unknown error");
	} else {
		cli_warn("pipeline: not an answer for a document in flight: "
			 "%.*s",
		    r->len < SHOWN ? (int)r->len : SHOWN, r->line);
	}
}

static void
take_line(struct worker *w, const struct record *r)
{
	struct worker_item *item =
	    r->root != NULL ? find_in_flight(w, r->root) : NULL;
	struct error_record error;
	struct error_words words;

	if (item == NULL) {
		take_foreign(w, r);
		return;
	}
	switch (r->type) {
	case RECORD_WAITING:
		take_waiting(w, item, r->root);
		break;
	case RECORD_STORED:
		worker_flight_note_answer(w, item);
		worker_items_remove(&w->flight.documents, item);
		take_stored(w, item, r->root);
		break;
	case RECORD_ERROR:
		worker_flight_note_answer(w, item);
		error_record_get(r->root, ERROR_INTERNAL, &error, &words);
		take_error(w, item, &error);
		break;
	default:
		take_foreign(w, r);
	}
}

/*
 * Read the lines that have arrived, within the bounds of one call. -1: the
 * pipeline ended.
 */
static int
take_lines(struct worker *w)
{
	double until = time_now() + ANSWERS_MS / 1000.0;
	struct record r;
	int n = 1;

	for (int i = 0; n == 1 && i < ANSWERS_MAX && time_now() < until &&
			worker_pipeline_is_running(w->flight.pipeline);
	     i++) {
		n = worker_pipeline_read(w->flight.pipeline, &r);
		if (n == 1)
			take_line(w, &r);
	}
	return n;
}

void
worker_answers(struct worker *w)
{
	worker_pipeline_listen(w->flight.pipeline);
	if (take_lines(w) == -1)
		worker_death_ended(w);
	else
		worker_death_look(w);
	/*
	 * Nothing is left to send, and no answer comes: a stage may wait for
	 * more input, or may have swallowed a document. Closing the input shows
	 * which.
	 */
	if (w->flight.documents.n > 0 &&
	    (w->held.waiting.n == 0 || w->held.suspects > 0) &&
	    w->now - w->flight.answered_at > QUIET_SECONDS &&
	    w->now - w->flight.sent_at > QUIET_SECONDS &&
	    worker_pipeline_is_running(w->flight.pipeline) &&
	    !worker_pipeline_is_finishing(w->flight.pipeline))
		worker_pipeline_finish(w->flight.pipeline);
}
