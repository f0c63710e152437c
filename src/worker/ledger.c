#include "worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "net/db.h"
#include "store/sync.h"
#include "tool/cli.h"

static void
stopped_in_redis(struct worker *w, const struct queue_claim *order)
{
	if (!w->redis_down &&
	    queue_stopped(w->queue, w->name, order,
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
	if (count > 0 && !w->redis_down &&
	    queue_complete_later(w->queue, w->name, claims, results, count) ==
		-1)
		worker_service_redis_failed(w, "completing tasks");
}

static void
push_retries(struct worker *w, const uint8_t *ids, size_t n)
{
	uint64_t pushed;

	if (n == 0 || w->redis_down)
		return;
	switch (sync_push(w->db, w->queue, ids, n, &pushed)) {
	case SYNC_QUEUE:
		worker_service_redis_failed(w, "queueing retries");
		break;
	case SYNC_DB:
		cli_note("Postgres: queueing retries: %s", db_error(w->db));
		break;
	case SYNC_OK:
		break;
	}
}

/* How quick we are, for worker_claim; the half of it is the latest news. */
static void
keep_pace(struct worker *w, int written)
{
	double seconds = worker_service_now(w) - w->paced_at;

	w->pace = w->pace / 2;
	if (w->paced_at > 0 && seconds > 0)
		w->pace += (double)written / seconds / 2;
	w->paced_at = w->now;
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

	for (size_t i = 0; i < w->works; i++)
		if (w->work[i]->open == 0) {
			claims[n_done] = &w->work[i]->claim;
			done[n_done++] = w->work[i];
		}
	if (w->results == 0 && n_done == 0)
		return 0;
	entries = x_calloc(w->results + 1, sizeof(*entries));
	for (size_t i = 0; i < w->results; i++)
		if (!w->result[i].task->dropped)
			entries[n++] = w->result[i].entry;
	written = task_record(
	    w->db, entries, n, claims, n_done, &retries, &n_retries);
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
	w->done_documents += written;
	w->done_tasks += (int64_t)n_done;
	push_retries(w, retries, n_retries);
	free(retries);
	complete_in_redis(w, done, n_done);
	for (size_t i = 0; i < w->results; i++) {
		free(w->result[i].stage);
		free(w->result[i].error);
	}
	w->results = 0;
	for (size_t i = 0; i < n_done; i++)
		worker_held_free_task(w, done[i]);
	return 0;
}
