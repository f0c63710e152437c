#include "result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/periods.h"
#include "base/time.h"
#include "held.h"
#include "items.h"
#include "net/db.h"
#include "queue/stats.h"
#include "record/error_record.h"
#include "record/verdict.h"
#include "service.h"
#include "store/pause.h"
#include "tool/cli.h"
#include "worker.h"

/* Delay after a transient error of a document; full jitter. */
static const struct backoff retry_backoff = {1, 60, 1};
/* Delay after a document was throttled, which counts no attempt. */
static const struct backoff throttle_backoff = {10, 10, 0.5};

static struct task_result *
add_result(struct worker *w, struct worker_item *item)
{
	struct worker_result *r;

	w->results.result = x_grow(w->results.result, w->results.n,
	    &w->results.cap, sizeof(*w->results.result));
	if (w->results.n == 0)
		w->results.due_at = w->now + 0.2;
	r = &w->results.result[w->results.n++];
	*r = (struct worker_result){.task = item->task};
	r->entry.task = &item->task->claim;
	r->entry.document = item->document->id;
	r->entry.milliseconds =
	    item->sent_at > 0 ? (int)((w->now - item->sent_at) * 1000 + 0.5)
			      : -1;
	return &r->entry;
}

/* Keep an error, as JSON, in the result that was added last. */
static const char *
keep_error(struct worker *w, const struct error_record *error)
{
	struct worker_result *r = &w->results.result[w->results.n - 1];

	r->error = error_record_json(error, NULL);
	return r->error;
}

/* Parked queues. */

/*
 * The queue's name as a string of the options, which outlives the task; or
 * NULL.
 */
static const char *
name_of_queue(const struct worker *w, const char *queue)
{
	size_t i = 0;

	while (
	    i < w->options.n_queues && strcmp(w->options.queues[i], queue) != 0)
		i++;
	return i < w->options.n_queues ? w->options.queues[i] : NULL;
}

static void
park(struct worker *w, const struct worker_task *task, const char *reason)
{
	const char *queue = task->claim.queue;

	switch (pause_park(w->services.db, queue, reason)) {
	case 0:
		return;
	case -1:
		/*
		 * Parked in Redis alone, the queue would get no probe. The next
		 * error will park it.
		 */
		cli_warn("Postgres: parking: %s", db_error(w->services.db));
		return;
	}
	cli_warn("queue %s: parked: %s: it is probed every %d minutes, "
		 "'pl-jobctl resume %s' opens it",
	    queue, reason, PERIOD_PROBE / 60, queue);
	if (!w->services.redis_down &&
	    queue_pause(w->services.queue, queue, reason, PERIOD_PROBE,
		PERIOD_PROBE) == -1)
		worker_service_redis_failed(w, "parking a queue");
}

/* A document was stored, so the queue can be used again: open it. */
static void
unpark(struct worker *w, struct worker_task *task)
{
	const char *queue = task->claim.queue;

	worker_held_mark_probe(w, task, 0);
	w->held.doubtful = NULL;
	switch (pause_unpark(w->services.db, queue)) {
	case 0:
		return;
	case -1:
		cli_warn("Postgres: resuming: %s", db_error(w->services.db));
		return;
	}
	cli_warn("queue %s: a document was stored: open again", queue);
	if (!w->services.redis_down &&
	    queue_resume(w->services.queue, queue) == -1)
		worker_service_redis_failed(w, "resuming a queue");
}

/* A document of the task was stored: its queue can be used. */
static void
note_stored(struct worker *w, struct worker_task *task)
{
	const char *queue = task->claim.queue;
	int is_doubtful =
	    w->held.doubtful != NULL && strcmp(w->held.doubtful, queue) == 0;

	/* The ledger writes documents that were parked earlier first. */
	if (is_doubtful || w->held.strikes > 0)
		w->results.opened = name_of_queue(w, queue);
	if (task->probe || is_doubtful)
		unpark(w, task);
	w->held.strikes = 0;
}

void
worker_result_stored(struct worker *w, struct worker_item *item,
    const struct worker_stored *stored)
{
	if (!item->task->dropped) {
		struct task_result *r = add_result(w, item);

		r->stored = 1;
		r->by_user = stored->by_user;
		r->chunks = stored->chunks;
		r->failed_chunks = stored->failed_chunks;
		if (stored->first_error != NULL)
			r->first_error = keep_error(w, stored->first_error);
		item->task->stored++;
		w->flight.stored = 1;
		note_stored(w, item->task);
	}
	worker_held_free_item(w, item);
}

/* Write down a failure. Frees the item. */
static void
fail_item(struct worker *w, struct worker_item *item,
    const struct error_record *error, enum verdict verdict, int counts)
{
	struct worker_task *task = item->task;
	int attempts = item->document->attempts;
	struct task_result *r;

	r = add_result(w, item);
	r->burn = counts || verdict == VERDICT_FAIL;
	if (verdict == VERDICT_WAIT) {
		r->retry = !counts || attempts + 1 < task->claim.max_attempts;
		r->delay_seconds = fmax(
		    backoff_asked(error->retry_after, time_unix()),
		    backoff_wait(counts ? &retry_backoff : &throttle_backoff,
			attempts + 1));
	} else if (verdict == VERDICT_PARK) {
		r->retry = 1;
		r->delay_seconds = 1;
		/* An item that was never sent did not meet the error. */
		r->parked = item->sent_at > 0;
	}
	w->results.result[w->results.n - 1].stage = x_strdup(error->stage);
	r->stage = w->results.result[w->results.n - 1].stage;
	r->error = keep_error(w, error);
	if (r->retry)
		task->retried++;
	else
		task->failed++;
	worker_held_free_item(w, item);
}

/*
 * The server or table behind the queue cannot be used, so its waiting items
 * would fail with the same error: fail them without sending.
 */
static void
park_waiting(
    struct worker *w, const char *queue, const struct error_record *error)
{
	struct worker_item *item = w->held.waiting.first, *next;

	for (; item != NULL; item = next) {
		next = item->next;
		if (strcmp(item->task->claim.queue, queue) != 0)
			continue;
		worker_items_remove(&w->held.waiting, item);
		fail_item(w, item, error, VERDICT_PARK, 0);
	}
}

static void
park_for(struct worker *w, struct worker_item *item,
    const struct error_record *error, int doubtful)
{
	struct worker_task *task = item->task;
	int is_first = 1;

	/* Items in flight fail one by one: park and report only once. */
	for (size_t i = 0; i < w->held.n; i++)
		is_first &= !w->held.task[i]->parked ||
			    strcmp(w->held.task[i]->claim.queue,
				task->claim.queue) != 0;
	fail_item(w, item, error, VERDICT_PARK, 0);
	if (is_first)
		park(w, task,
		    error->message ? error->message
				   : error_record_class_name(error->class));
	if (is_first && doubtful)
		w->held.doubtful = name_of_queue(w, task->claim.queue);
	task->parked = 1;
	worker_held_mark_probe(w, task, 0);
	park_waiting(w, task->claim.queue, error);
}

/*
 * Whether this is the first doubtful error, and other documents are left that
 * will show whose fault it is.
 */
static int
is_first_strike(struct worker *w, const struct worker_item *item,
    const struct verdict_rule *rule)
{
	return rule->doubtful && !item->task->probe && w->held.strikes++ == 0 &&
	       w->held.waiting.n + w->flight.documents.n > 0;
}

/* No document can be processed: the worker ends and hands back its tasks. */
static void
end_for(struct worker *w, struct worker_item *item,
    const struct error_record *error)
{
	snprintf(w->fatal, sizeof(w->fatal), "%s: %s",
	    error->stage ? error->stage : "a stage",
	    error->message ? error->message : "wrong settings");
	worker_items_push_front(&w->held.waiting, item);
}

void
worker_result_failed(struct worker *w, struct worker_item *item,
    const struct error_record *error)
{
	const struct verdict_rule *rule = verdict_of(error->class, error->code);
	/*
	 * Other documents were stored, so this one is at fault; it is tried
	 * again.
	 */
	int is_own_fault =
	    (rule->verdict == VERDICT_PARK && item->document->cleared) ||
	    (rule->verdict == VERDICT_END && rule->doubtful &&
		w->flight.stored);

	if (item->task->dropped)
		worker_held_free_item(w, item);
	else if (is_own_fault)
		fail_item(w, item, error, VERDICT_WAIT, 1);
	else if (rule->verdict == VERDICT_PARK &&
		 is_first_strike(w, item, rule))
		fail_item(w, item, error, VERDICT_PARK, 0);
	else if (rule->verdict == VERDICT_PARK)
		park_for(w, item, error, rule->doubtful);
	else if (rule->verdict == VERDICT_END)
		end_for(w, item, error);
	else
		fail_item(w, item, error, rule->verdict, rule->counts);
}

void
worker_result_forget(struct worker *w, const struct worker_task *task)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->results.n; i++) {
		struct worker_result *r = &w->results.result[i];

		if (task != NULL && r->task != task) {
			w->results.result[kept++] = *r;
			continue;
		}
		free(r->stage);
		free(r->error);
	}
	w->results.n = kept;
}
