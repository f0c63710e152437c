#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "account.h"
#include "base/alloc.h"
#include "held.h"
#include "net/db.h"
#include "queue/claim.h"
#include "queue/settle.h"
#include "result.h"
#include "service.h"
#include "store/sync.h"
#include "store/task_claim.h"
#include "store/task_record.h"
#include "tool/cli.h"
#include "worker.h"

/* What waits to be written at the most. */
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

/* Tell Redis of tasks that are done. It may be away: Postgres knows. */
static void
complete_in_redis(struct worker *w, struct worker_task *const *done, size_t n)
{
	const struct queue_claim *claims[WORKER_TASKS_MAX];
	char text[WORKER_TASKS_MAX][96];
	const char *results[WORKER_TASKS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
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

/* How quick we are, for worker_claim; the half of it is the latest news. */
static void
keep_pace(struct worker *w, int written)
{
	double seconds = worker_service_now(w) - w->ledger.paced_at;

	w->ledger.pace = w->ledger.pace / 2;
	if (w->ledger.paced_at > 0 && seconds > 0)
		w->ledger.pace += (double)written / seconds / 2;
	w->ledger.paced_at = w->now;
}

int
worker_ledger_flush(struct worker *w)
{
	const struct task_claim *claims[WORKER_TASKS_MAX];
	struct worker_task *done[WORKER_TASKS_MAX];
	struct task_result *entries;
	uint8_t *retries;
	size_t n = 0, n_done = 0, n_retries;
	int written;

	for (size_t i = 0; i < w->held.n; i++)
		if (w->held.task[i]->open == 0) {
			claims[n_done] = &w->held.task[i]->claim;
			done[n_done++] = w->held.task[i];
		}
	if (w->results.n == 0 && n_done == 0)
		return 0;
	entries = x_calloc(w->results.n + 1, sizeof(*entries));
	for (size_t i = 0; i < w->results.n; i++)
		if (!w->results.result[i].task->dropped)
			entries[n++] = w->results.result[i].entry;
	written = task_record(
	    w->services.db, entries, n, claims, n_done, &retries, &n_retries);
	free(entries);
	if (written == -1) {
		worker_service_db_failed(w, "writing the ledger");
		return -1;
	}
	worker_service_db_answered(w);
	if ((size_t)written < n)
		cli_warn("%zu results came too late: their tasks are not ours "
			 "any more",
		    n - (size_t)written);
	keep_pace(w, written);
	worker_account_add(w, n_done, (size_t)written);
	push_retries(w, retries, n_retries);
	free(retries);
	complete_in_redis(w, done, n_done);
	worker_result_clear(w);
	for (size_t i = 0; i < n_done; i++)
		worker_held_free_task(w, done[i]);
	return 0;
}

static size_t
finished_tasks(const struct worker *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->held.n; i++)
		n += w->held.task[i]->open == 0;
	return n;
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
