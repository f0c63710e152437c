#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/backoff.h"
#include "base/buf.h"
#include "base/time.h"
#include "net/db.h"
#include "pipeline.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "store/intake.h"
#include "tool/cli.h"

enum { LOAD_DOCUMENTS = 128, LOAD_BYTES = 4 << 20 };
enum { UNSENT_MAX = 1 << 20, QUIET_SECONDS = 1 };

/* Of starting a pipeline whose service is away. */
static const struct backoff restart_backoff = {0.5, 30, 0};

void
worker_wait(struct worker *w, int ms)
{
	if (pipeline_is_running(w->pipeline))
		pipeline_wait(w->pipeline, ms);
	else
		time_sleep(ms < 20 ? ms / 1000.0 : 0.02);
}

/* Everything in flight waits again, in its order, ahead of the rest. */
static void
take_back_flight(struct worker *w, int suspect)
{
	struct item *back = NULL, *item;

	while ((item = items_pop(&w->flight)) != NULL) {
		item->next = back;
		back = item;
	}
	while ((item = back) != NULL) {
		back = item->next;
		if (suspect && !item->suspect) {
			item->suspect = 1;
			w->suspects++;
		}
		items_push_front(&w->waiting, item);
	}
}

void
worker_abort_pipeline(struct worker *w)
{
	struct pipeline_end end;
	struct item *item, *next;

	pipeline_stop(w->pipeline, &end);
	take_back_flight(w, 0);
	for (item = w->waiting.first; item != NULL; item = next) {
		next = item->next;
		if (item->work->dropped) {
			items_remove(&w->waiting, item);
			worker_stored(w, item, 0);
		}
	}
}

/* The death of the pipeline. */

static void
describe_end(const struct pipeline_end *end, char *text, size_t n)
{
	if (end->signal != 0)
		snprintf(text, n, "stage %s was killed by signal %d (%s)",
		    end->stage, end->signal, strsignal(end->signal));
	else
		snprintf(text, n, "stage %s ended with status %d", end->stage,
		    end->status);
}

static void
fail_item(struct worker *w, struct item *item, const char *stage,
    const char *code, const char *message)
{
	struct error_record error = ERROR_RECORD_INIT;

	error.stage = stage;
	error.class = ERROR_INTERNAL;
	error.code = code;
	error.message = message;
	worker_failed(w, item, &error);
}

/* Whether the pipeline ends well when it is given nothing at all. */
static int
runs_on_nothing(struct worker *w, struct pipeline_end *end)
{
	double until = time_now() + 10;
	struct record r;

	if (pipeline_start(w->pipeline) == -1)
		return 1;
	pipeline_finish(w->pipeline);
	while (pipeline_read(w->pipeline, &r) != -1 && time_now() < until)
		pipeline_wait(w->pipeline, 50);
	return pipeline_stop(w->pipeline, end);
}

/*
 * A stage that fails before its first answer may be misspelt, or lack its
 * key: that is not a document's fault. It then fails without input too.
 */
static int
is_misconfigured(struct worker *w, const struct pipeline_end *end)
{
	struct pipeline_end again;

	if (w->answered || end->signal != 0 || end->status == 0)
		return 0;
	if (runs_on_nothing(w, &again) || again.status == CLI_UNAVAILABLE)
		return 0;
	describe_end(&again, w->fatal_text, sizeof(w->fatal_text));
	w->fatal = w->fatal_text;
	return 1;
}

static void
on_death(struct worker *w, const struct pipeline_end *end)
{
	struct item *alone = w->flight.n == 1 ? w->flight.first : NULL;
	char text[160];

	describe_end(end, text, sizeof(text));
	cli_warn("pipeline: %s, %zu documents in flight", text, w->flight.n);
	if (end->signal == 0 && end->status == CLI_UNAVAILABLE) {
		/* A service is away. The stage says which one. */
		take_back_flight(w, 0);
		w->restart_at =
		    w->now + backoff_wait(&restart_backoff, ++w->failed_starts);
	} else if (is_misconfigured(w, end)) {
		take_back_flight(w, 0);
	} else if (alone != NULL && alone->suspect) {
		items_remove(&w->flight, alone);
		fail_item(w, alone, end->stage, "pipeline_died", text);
	} else {
		take_back_flight(w, 1);
	}
}

static void
on_end_of_output(struct worker *w)
{
	int finishing = pipeline_is_finishing(w->pipeline);
	struct pipeline_end end;
	int clean = pipeline_stop(w->pipeline, &end);

	if (w->flight.n == 0) {
		if (!finishing)
			cli_note("pipeline: ended while idle");
		return;
	}
	if (!finishing || !clean) {
		on_death(w, &end);
		return;
	}
	while (w->flight.first != NULL)
		fail_item(w, items_pop(&w->flight), "worker", "no_result",
		    "no result: a stage of the pipeline swallowed the "
		    "document");
}

static void
check_document_timeout(struct worker *w)
{
	struct item *oldest = w->flight.first;
	struct pipeline_end end;
	char text[120], limit[32];
	double since;

	if (oldest == NULL)
		return;
	since =
	    oldest->sent_at > w->progress_at ? oldest->sent_at : w->progress_at;
	if (w->now - since < (double)w->options.document_timeout / 1000)
		return;
	snprintf(limit, sizeof(limit), "%lld ms",
	    (long long)w->options.document_timeout);
	pipeline_stop(w->pipeline, &end);
	snprintf(text, sizeof(text), "no answer within --document-timeout (%s)",
	    limit);
	cli_warn(
	    "pipeline: killed: %s, %zu documents in flight", text, w->flight.n);
	if (w->flight.n == 1)
		fail_item(w, items_pop(&w->flight), "worker",
		    "document_timeout", text);
	else
		take_back_flight(w, 1);
}

/* Answers. */

static struct item *
find_in_flight(const struct worker *w, yyjson_val *answer)
{
	size_t n;
	const char *text = record_str(answer, "document_id", &n);
	const char *lease = record_str(answer, "lease", NULL);
	uint8_t id[DIGEST_UUID];

	if (text == NULL || digest_uuid_parse(text, n, id) == -1)
		return NULL;
	for (struct item *i = w->flight.first; i != NULL; i = i->next)
		if (memcmp(i->document->id, id, DIGEST_UUID) == 0 &&
		    (lease == NULL || strcmp(lease, i->work->lease) == 0))
			return i;
	return NULL;
}

static void
take_error(struct worker *w, yyjson_val *answer)
{
	struct item *item = find_in_flight(w, answer);
	struct error_record error;

	error_record_get(answer, ERROR_INTERNAL, &error);
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
	items_remove(&w->flight, item);
	/* What is asked of this task is being done by another one. */
	if (error.code != NULL && strcmp(error.code, "superseded") == 0) {
		worker_stored(w, item, 0);
		return;
	}
	if (error.code != NULL && strcmp(error.code, "stale_lease") == 0) {
		struct work *work = item->work;

		items_push_front(&w->waiting, item);
		worker_drop(w, work,
		    "its lease is no longer held: canceled or taken over");
		return;
	}
	worker_failed(w, item, &error);
}

static void
take_answer(struct worker *w, const struct record *r)
{
	struct item *item;

	w->answered = 1;
	w->failed_starts = 0;
	w->progress_at = w->now;
	if (r->root == NULL) {
		cli_warn("pipeline: not a record: %.80s", r->line);
	} else if (r->type == RECORD_ERROR) {
		take_error(w, r->root);
	} else if (r->type == RECORD_STORED) {
		item = find_in_flight(w, r->root);
		if (item == NULL)
			return;
		items_remove(&w->flight, item);
		worker_stored(w, item, (int)record_int(r->root, "chunks", 0));
	}
}

void
worker_answers(struct worker *w)
{
	struct record r;
	int n = 0;

	while (pipeline_is_running(w->pipeline) &&
	       (n = pipeline_read(w->pipeline, &r)) == 1)
		take_answer(w, &r);
	if (n == -1)
		on_end_of_output(w);
	else
		check_document_timeout(w);
	/*
	 * Nothing more to send, and silence: a stage may wait for more, or have
	 * swallowed a document. Closing the input tells.
	 */
	if (w->flight.n > 0 && (w->waiting.n == 0 || w->suspects > 0) &&
	    w->now - w->progress_at > QUIET_SECONDS &&
	    w->now - w->sent_at > QUIET_SECONDS &&
	    pipeline_is_running(w->pipeline) &&
	    !pipeline_is_finishing(w->pipeline))
		pipeline_finish(w->pipeline);
}

/* Loading. */

struct loading {
	struct item *item[LOAD_DOCUMENTS];
	size_t n;
};

static void
got_line(void *argument, const uint8_t *id, const char *line, size_t len)
{
	struct loading *l = argument;

	for (size_t i = 0; i < l->n; i++) {
		struct item *item = l->item[i];
		struct buf b = {0};

		if (item->line != NULL ||
		    memcmp(item->document->id, id, DIGEST_UUID) != 0)
			continue;
		/* The lease goes in before the closing brace. */
		buf_add(&b, line, len - 1);
		buf_printf(&b, ",\"lease\":\"%s\"}\n", item->work->lease);
		item->line = b.data;
		item->len = b.len;
	}
}

static int
load(struct worker *w, struct item *first)
{
	struct loading l = {.n = 0};
	uint8_t ids[LOAD_DOCUMENTS * DIGEST_UUID];
	size_t bytes = 0;

	for (struct item *i = first;
	     i != NULL && l.n < LOAD_DOCUMENTS && bytes < LOAD_BYTES;
	     i = i->next) {
		if (i->line != NULL)
			continue;
		memcpy(ids + l.n * DIGEST_UUID, i->document->id, DIGEST_UUID);
		bytes += i->document->bytes;
		l.item[l.n++] = i;
	}
	if (l.n == 0)
		return 0;
	if (document_load(w->db, ids, l.n, got_line, &l) == -1) {
		worker_db_failed(w, "loading documents");
		return -1;
	}
	worker_db_answered(w);
	for (size_t i = 0; i < l.n; i++) {
		struct error_record error = ERROR_RECORD_INIT;

		if (l.item[i]->line != NULL)
			continue;
		error.stage = "worker";
		error.class = ERROR_INPUT;
		error.code = "no_content";
		error.message = "the document was deleted or has no content";
		items_remove(&w->waiting, l.item[i]);
		worker_failed(w, l.item[i], &error);
	}
	return 0;
}

/* Sending. */

static int
may_send(const struct worker *w)
{
	if (w->waiting.n == 0 || pipeline_is_finishing(w->pipeline))
		return 0;
	if (w->suspects > 0 || w->probes > 0)
		return w->flight.n == 0;
	return w->flight.n < w->options.window &&
	       (w->flight.n == 0 ||
		   w->flight.bytes < w->options.window_bytes) &&
	       pipeline_unsent(w->pipeline) < UNSENT_MAX;
}

/* While there are suspects or probes, each goes alone, before the rest. */
static struct item *
first_to_send(const struct worker *w)
{
	struct item *item = w->waiting.first;

	if (w->suspects == 0 && w->probes == 0)
		return item;
	while (item != NULL && !item->suspect && !item->work->probe)
		item = item->next;
	return item != NULL ? item : w->waiting.first;
}

/* The next item with its record, or NULL: none, or Postgres is away. */
static struct item *
next_to_send(struct worker *w)
{
	struct item *item = first_to_send(w);

	if (item == NULL || item->line != NULL)
		return item;
	if (load(w, item) == -1)
		return NULL;
	/* Loading may have failed that very item. */
	item = first_to_send(w);
	return item != NULL && item->line != NULL ? item : NULL;
}

void
worker_feed(struct worker *w)
{
	if (w->waiting.n > 0 && !pipeline_is_running(w->pipeline)) {
		if (w->now < w->restart_at)
			return;
		w->answered = 0;
		if (pipeline_start(w->pipeline) == -1) {
			cli_warn("pipeline: cannot start: trying again");
			w->restart_at = w->now + 1;
			return;
		}
	}
	while (may_send(w)) {
		struct item *item = next_to_send(w);

		if (item == NULL)
			return;
		items_remove(&w->waiting, item);
		item->sent_at = w->sent_at = w->now;
		pipeline_send(w->pipeline, item->line, item->len);
		items_push(&w->flight, item);
	}
}
