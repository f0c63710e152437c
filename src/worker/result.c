#include "result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/periods.h"
#include "held.h"
#include "items.h"
#include "net/db.h"
#include "queue/stats.h"
#include "record/error_record.h"
#include "service.h"
#include "store/pause.h"
#include "tool/cli.h"
#include "worker.h"

/* Of a document that failed for a reason that passes; full jitter. */
static const struct backoff retry_backoff = {1, 60, 1};

static struct task_result *
add_result(struct worker *w, struct worker_item *item)
{
	struct worker_result *r;

	if (w->results.n == w->results.cap) {
		w->results.cap = w->results.cap ? 2 * w->results.cap : 64;
		w->results.result = x_realloc(w->results.result, w->results.cap,
		    sizeof(*w->results.result));
	}
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

/* Parked queues. */

static void
park(struct worker *w, const struct worker_task *task, const char *reason)
{
	const char *queue = task->claim.queue;

	switch (pause_park(w->services.db, queue, reason)) {
	case 0:
		return;
	case -1:
		/* In Redis alone no probe would end it; the next error parks.
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

/* The probe was stored: what the queue lacked is there again. */
static void
unpark(struct worker *w, struct worker_task *task)
{
	const char *queue = task->claim.queue;

	worker_held_mark_probe(w, task, 0);
	switch (pause_unpark(w->services.db, queue)) {
	case 0:
		return;
	case -1:
		cli_warn("Postgres: resuming: %s", db_error(w->services.db));
		return;
	}
	cli_warn("queue %s: the probe was stored: open again", queue);
	if (!w->services.redis_down &&
	    queue_resume(w->services.queue, queue) == -1)
		worker_service_redis_failed(w, "resuming a queue");
}

void
worker_result_stored(struct worker *w, struct worker_item *item, int chunks)
{
	if (!item->task->dropped) {
		struct task_result *r = add_result(w, item);

		r->stored = 1;
		r->chunks = chunks;
		item->task->stored++;
		if (item->task->probe)
			unpark(w, item->task);
	}
	worker_held_free_item(w, item);
}

/* Write down a failure. Frees the item. */
static void
fail_item(struct worker *w, struct worker_item *item,
    const struct error_record *error)
{
	struct worker_task *task = item->task;
	int attempts = item->document->attempts;
	struct task_result *r;

	if (task->dropped) {
		worker_held_free_item(w, item);
		return;
	}
	r = add_result(w, item);
	switch (error->class) {
	case ERROR_TRANSIENT:
	case ERROR_THROTTLED:
		r->burn = 1;
		r->retry = attempts + 1 < task->claim.max_attempts;
		r->delay_seconds = fmax(error->retry_after,
		    backoff_wait(&retry_backoff, attempts + 1));
		break;
	case ERROR_QUOTA:
		r->retry = 1;
		r->delay_seconds = 1;
		break;
	default:
		r->burn = 1;
		break;
	}
	w->results.result[w->results.n - 1].stage = x_strdup(error->stage);
	w->results.result[w->results.n - 1].error =
	    error_record_json(error, NULL);
	r->stage = w->results.result[w->results.n - 1].stage;
	r->error = w->results.result[w->results.n - 1].error;
	if (r->retry)
		task->retried++;
	else
		task->failed++;
	worker_held_free_item(w, item);
}

/*
 * A quota is used up: what else was to be sent of the queue would fail as
 * well, and is not sent.
 */
static void
hold_back(struct worker *w, const char *queue, const struct error_record *error)
{
	struct worker_item *item = w->held.waiting.first, *next;

	for (; item != NULL; item = next) {
		next = item->next;
		if (strcmp(item->task->claim.queue, queue) != 0)
			continue;
		worker_items_remove(&w->held.waiting, item);
		fail_item(w, item, error);
	}
}

void
worker_result_failed(struct worker *w, struct worker_item *item,
    const struct error_record *error)
{
	struct worker_task *task = item->task;
	int is_first = 1;

	if (error->class != ERROR_QUOTA || task->dropped) {
		fail_item(w, item, error);
		return;
	}
	/* Those in flight fail one by one; once is enough to say so. */
	for (size_t i = 0; i < w->held.n; i++)
		is_first &= !w->held.task[i]->parked ||
			    strcmp(w->held.task[i]->claim.queue,
				task->claim.queue) != 0;
	fail_item(w, item, error);
	if (is_first)
		park(w, task, error->message ? error->message : "quota");
	task->parked = 1;
	worker_held_mark_probe(w, task, 0);
	hold_back(w, task->claim.queue, error);
}

void
worker_result_clear(struct worker *w)
{
	for (size_t i = 0; i < w->results.n; i++) {
		free(w->results.result[i].stage);
		free(w->results.result[i].error);
	}
	w->results.n = 0;
}
