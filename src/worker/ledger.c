#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "account.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "flight.h"
#include "held.h"
#include "net/db.h"
#include "queue/claim.h"
#include "queue/settle.h"
#include "refused.h"
#include "result.h"
#include "service.h"
#include "store/pause.h"
#include "store/sync.h"
#include "store/task_claim.h"
#include "store/task_record.h"
#include "tool/cli.h"
#include "worker.h"

/* As soon as this many wait, they are written. */
enum { FLUSH_RESULTS = 500, FLUSH_TASKS = 128 };

static void
stopped_in_redis(struct worker *w, const struct queue_claim *order)
{
	if (!w->services.redis_down &&
	    queue_stopped(w->services.queue, w->name, order,
		"stopped by command: 'pl-jobctl retry' queues its documents "
		"again") == -1)
		worker_service_redis_failed(w, "stopping a task");
}

/*
 * Fail a task that also names documents that do not exist; the others are done.
 */
static void
fail_refused(struct worker *w, struct worker_task *task)
{
	char id[DIGEST_UUID_TEXT];

	digest_uuid_text(task->claim.id, id);
	cli_warn("task %s: failed: %s", id, task->claim.refusal);
	if (task->in_redis && !w->services.redis_down &&
	    queue_fail(w->services.queue, w->name, &task->order,
		task->claim.refusal) == -1)
		worker_service_redis_failed(w, "failing a task");
}

/* Tell Redis which tasks are done. If Redis is away, Postgres has the truth. */
static void
complete_in_redis(struct worker *w, struct worker_task *const *done, size_t n)
{
	const struct queue_claim *claims[WORKER_TASKS_MAX];
	char text[WORKER_TASKS_MAX][96];
	const char *results[WORKER_TASKS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (done[i]->claim.refusal != NULL && !done[i]->stopped) {
			fail_refused(w, done[i]);
			continue;
		}
		if (!done[i]->in_redis)
			continue;
		if (done[i]->stopped) {
			stopped_in_redis(w, &done[i]->order);
			continue;
		}
		snprintf(text[count], sizeof(text[count]),
		    "{\"stored\": %zu, \"failed\": %zu, \"retried\": %zu}",
		    done[i]->stored, done[i]->failed, done[i]->retried);
		results[count] = text[count];
		claims[count++] = &done[i]->order;
	}
	if (count > 0 && !w->services.redis_down &&
	    queue_complete_later(
		w->services.queue, w->name, claims, results, count) == -1)
		worker_service_redis_failed(w, "completing tasks");
}

static void
push_retries(struct worker *w, const uint8_t *ids, size_t n)
{
	uint64_t pushed;

	if (n == 0 || w->services.redis_down)
		return;
	switch (sync_push(w->services.db, w->services.queue, ids, n, &pushed)) {
	case SYNC_QUEUE:
		worker_service_redis_failed(w, "queueing retries");
		break;
	case SYNC_DB:
		cli_note(
		    "Postgres: queueing retries: %s", db_error(w->services.db));
		break;
	case SYNC_OK:
		break;
	}
}

static size_t
finished_tasks(const struct worker *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->held.n; i++)
		n += w->held.task[i]->open == 0;
	return n;
}

/* The results to write, and the tasks to complete. */
struct writing {
	struct task_result *entries;
	size_t n;
	const struct task_claim *claims[WORKER_TASKS_MAX];
	struct worker_task *done[WORKER_TASKS_MAX];
	size_t n_done;
};

/* Collect the results of one task, or of all tasks (NULL). */
static void
collect(
    const struct worker *w, const struct worker_task *only, struct writing *k)
{
	k->n = k->n_done = 0;
	k->entries = x_calloc(w->results.n + 1, sizeof(*k->entries));
	for (size_t i = 0; i < w->results.n; i++) {
		const struct worker_task *task = w->results.result[i].task;

		if (!task->dropped && (only == NULL || task == only))
			k->entries[k->n++] = w->results.result[i].entry;
	}
	for (size_t i = 0; i < w->held.n; i++) {
		struct worker_task *task = w->held.task[i];

		if (task->open > 0 || (only != NULL && task != only))
			continue;
		k->claims[k->n_done] = &task->claim;
		k->done[k->n_done++] = task;
	}
}

/*
 * Write the results and forget them. 0, or -1 with db_error and nothing
 * written.
 */
static int
write_results(struct worker *w, const struct worker_task *only)
{
	struct writing k;
	uint8_t *retries;
	size_t n_retries;
	int written;

	collect(w, only, &k);
	written = task_record(w->services.db, k.entries, k.n, k.claims,
	    k.n_done, &retries, &n_retries);
	free(k.entries);
	if (written == -1)
		return -1;
	if ((size_t)written < k.n)
		cli_warn("%zu results came too late: their tasks are not ours "
			 "any more",
		    k.n - (size_t)written);
	worker_account_add(w, k.n_done, (size_t)written);
	push_retries(w, retries, n_retries);
	free(retries);
	complete_in_redis(w, k.done, k.n_done);
	worker_result_forget(w, only);
	for (size_t i = 0; i < k.n_done; i++)
		worker_held_free_task(w, k.done[i]);
	return 0;
}

/* The database refuses a row: write each task apart. 0 or -1. */
static int
write_apart(struct worker *w)
{
	/* Backwards, because a task that is completed leaves the list. */
	for (size_t i = w->held.n; i > 0; i--) {
		struct worker_task *task = w->held.task[i - 1];

		if (task->dropped || write_results(w, task) == 0)
			continue;
		if (db_fault(w->services.db) != DB_DATA)
			return -1;
		worker_refused_add(w, task->claim.id, db_error(w->services.db));
		worker_result_forget(w, task);
		worker_flight_drop(w, task, "its results cannot be written");
	}
	return 0;
}

int
worker_ledger_flush(struct worker *w)
{
	int status;

	if (w->results.n == 0 && finished_tasks(w) == 0)
		return 0;
	status = write_results(w, NULL);
	if (status == -1 && db_fault(w->services.db) == DB_DATA)
		status = write_apart(w);
	if (status == -1) {
		worker_service_db_failed(w, "writing the ledger");
		return -1;
	}
	worker_service_db_answered(w);
	if (w->results.opened != NULL &&
	    pause_note_open(w->services.db, w->results.opened) == -1)
		cli_note("Postgres: %s", db_error(w->services.db));
	w->results.opened = NULL;
	return 0;
}

void
worker_ledger_flush_if_due(struct worker *w)
{
	size_t finished = finished_tasks(w);

	if (w->results.n == 0 && finished == 0)
		return;
	if (w->results.n >= FLUSH_RESULTS || finished >= FLUSH_TASKS ||
	    (w->results.n > 0 && w->now >= w->results.due_at) ||
	    (w->flight.documents.n == 0 && w->held.waiting.n == 0))
		worker_ledger_flush(w);
}
