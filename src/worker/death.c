#include "death.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/time.h"
#include "flight.h"
#include "held.h"
#include "items.h"
#include "pipeline.h"
#include "record/error_record.h"
#include "record/record_in.h"
#include "result.h"
#include "service.h"
#include "tool/cli.h"
#include "worker.h"

enum {
	FOREIGN_MAX = 10000, /* lines that are no answer, in a row */
	BROKEN_MAX = 3	     /* ends by SIGPIPE, in a row, without blame */
};

/* Describe which stage ended and how, and, if there is room, its last lines. */
static void
describe_end(const struct worker_pipeline_end *end, char *text, size_t n)
{
	int len;

	if (end->stage == NULL)
		len = snprintf(text, n, "its stages do not end");
	else if (end->signal != 0)
		len = snprintf(text, n, "stage %s was killed by signal %d (%s)",
		    end->stage, end->signal, strsignal(end->signal));
	else
		len = snprintf(text, n, "stage %s ended with status %d",
		    end->stage, end->status);
	if (*end->said != '\0' && (size_t)len < n)
		snprintf(text + len, n - (size_t)len, ": it said last: %s",
		    end->said);
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

/* Whether the pipeline succeeds on empty input, or cannot be started now. */
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
 * A stage that fails before its first answer may be misspelt, or lack its key.
 * It then fails without input too, and no document is at fault.
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

/*
 * Whether Postgres refuses new sessions, or did so until this start: at its
 * first connection, a stage cannot know that a role or database worked a moment
 * ago.
 */
static int
is_refused(struct worker *w)
{
	int before = w->flight.refused;

	w->flight.refused = !worker_service_db_admits();
	return before || w->flight.refused;
}

/* Whether the cause is temporary and no document is at fault. */
static int
is_temporary(struct worker *w, const struct worker_pipeline_end *end)
{
	/* The stage itself reports which service is away. */
	if (end->signal == 0 && end->status == CLI_UNAVAILABLE)
		return 1;
	if (end->signal == 0 && end->status != 0 && is_refused(w))
		return 1;
	/* A reader outside the pipeline closed the output of a stage. */
	return end->signal == SIGPIPE && w->flight.failed_starts < BROKEN_MAX;
}

static void
on_death(struct worker *w, const struct worker_pipeline_end *end)
{
	struct worker_item *alone =
	    w->flight.documents.n == 1 ? w->flight.documents.first : NULL;
	char text[640];

	describe_end(end, text, sizeof(text));
	cli_warn("pipeline: %s, %zu documents in flight", text,
	    w->flight.documents.n);
	if (is_temporary(w, end)) {
		worker_flight_take_back(w, 0);
		worker_flight_delay_start(w);
	} else if (is_misconfigured(w, end)) {
		worker_flight_take_back(w, 0);
	} else if (alone != NULL && alone->suspect) {
		worker_items_remove(&w->flight.documents, alone);
		fail_item(w, alone, end->stage ? end->stage : "worker",
		    "pipeline_died", text);
	} else {
		worker_flight_take_back(w, 1);
	}
}

void
worker_death_ended(struct worker *w)
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

/*
 * Kill the pipeline. A document that was alone in it fails; several become
 * suspects.
 */
static void
end_pipeline(struct worker *w, const char *code, const char *why)
{
	struct worker_pipeline_end end;

	worker_pipeline_stop(w->flight.pipeline, &end);
	cli_warn("pipeline: killed: %s, %zu documents in flight", why,
	    w->flight.documents.n);
	if (w->flight.documents.n == 1)
		fail_item(w, worker_items_pop(&w->flight.documents), "worker",
		    code, why);
	else
		worker_flight_take_back(w, 1);
}

static int
is_late(const struct worker *w)
{
	const struct worker_item *oldest = w->flight.documents.first;
	double since;

	if (oldest == NULL)
		return 0;
	since = fmax(
	    fmax(oldest->sent_at, oldest->alive_at), w->flight.answered_at);
	return w->now - since >= (double)w->options.document_timeout / 1000;
}

/*
 * Stages keep the order. If a later document was answered, a stage has
 * swallowed the documents before it: send each of them again, alone.
 */
static void
look_for_overtaken(struct worker *w)
{
	double grace = fmax(1, (double)w->options.document_timeout / 10000);
	struct worker_item *item = w->flight.documents.first, *next;
	char id[DIGEST_UUID_TEXT];

	for (; item != NULL && item->overtaken_at > 0; item = next) {
		next = item->next;
		if (w->now - fmax(item->overtaken_at, item->alive_at) < grace)
			continue;
		digest_uuid_text(item->document->id, id);
		cli_warn("document %s: later ones were answered: it is sent "
			 "again, alone",
		    id);
		worker_items_remove(&w->flight.documents, item);
		worker_held_mark_suspect(w, item);
		worker_items_push_front(&w->held.waiting, item);
	}
}

void
worker_death_look(struct worker *w)
{
	char text[120];

	if (!worker_pipeline_is_running(w->flight.pipeline))
		return;
	if (w->flight.foreign >= FOREIGN_MAX) {
		snprintf(text, sizeof(text),
		    "%d lines and no answer among them", FOREIGN_MAX);
		end_pipeline(w, "no_answer", text);
		w->flight.foreign = 0;
	} else if (is_late(w)) {
		snprintf(text, sizeof(text),
		    "no answer within --document-timeout (%lld ms)",
		    (long long)w->options.document_timeout);
		end_pipeline(w, "document_timeout", text);
	} else {
		look_for_overtaken(w);
	}
}
