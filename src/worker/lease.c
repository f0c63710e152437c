#include "worker.h"

#include <stdlib.h>

#include "net/db.h"
#include "tool/cli.h"

static void
renew_in_redis(struct worker *w)
{
	const struct queue_claim *claims[WORKER_TASKS_MAX];
	struct worker_task *of[WORKER_TASKS_MAX];
	int lost[WORKER_TASKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < w->works; i++)
		if (w->work[i]->in_redis && !w->work[i]->dropped) {
			claims[n] = &w->work[i]->order;
			of[n++] = w->work[i];
		}
	if (n == 0)
		return;
	if (queue_renew(w->queue, w->name, claims, n, lost) == -1) {
		worker_service_redis_failed(w, "renewing leases");
		return;
	}
	/* Redis forgot, or gave it away; Postgres still says that it is ours.
	 */
	for (size_t i = 0; i < n; i++)
		if (lost[i]) {
			queue_claim_free(&of[i]->order);
			of[i]->in_redis = 0;
		}
}

static void
beat_in_redis(struct worker *w)
{
	struct queue_worker me = {.name = w->name,
	    .queues = w->options.queues,
	    .count = w->options.n_queues,
	    .pid = w->pid,
	    .host = w->host};

	if (worker_service_redis_is_up(w))
		renew_in_redis(w);
	if (!w->redis_down &&
	    queue_worker_heartbeat(w->queue, &me,
		w->works > 0 ? QUEUE_WORKER_BUSY : QUEUE_WORKER_IDLE) == -1)
		worker_service_redis_failed(w, "heartbeat");
}

static int
renew_leases(struct worker *w)
{
	const struct task_claim *claims[WORKER_TASKS_MAX];
	struct worker_task *of[WORKER_TASKS_MAX];
	enum task_state state[WORKER_TASKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < w->works; i++)
		if (!w->work[i]->dropped) {
			claims[n] = &w->work[i]->claim;
			of[n++] = w->work[i];
		}
	if (n == 0)
		return 0;
	if (task_renew(w->db, claims, n, state) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		switch (state[i]) {
		case TASK_MINE:
			break;
		case TASK_LOST:
			worker_flight_drop(w, of[i],
			    "its lease is no longer held: taken over, or its "
			    "job ended");
			break;
		case TASK_CANCELED:
			worker_flight_drop(w, of[i], "its job was canceled");
			break;
		case TASK_TIMED_OUT:
			if (task_time_out(w->db) == -1)
				return -1;
			worker_flight_drop(w, of[i], "its job ran too long");
			break;
		}
	return 0;
}

int
worker_lease_beat(struct worker *w, const char *status)
{
	struct task_worker me = {.name = w->name,
	    .host = w->host,
	    .pid = w->pid,
	    .queues = w->options.queues,
	    .n_queues = w->options.n_queues,
	    .status = status,
	    .tasks = w->done_tasks,
	    .documents = w->done_documents};
	double since = w->busy_since;

	beat_in_redis(w);
	if (since != 0) {
		w->busy_ms += (int64_t)((w->now - since) * 1000);
		w->busy_since = w->now;
	}
	me.busy_milliseconds = w->busy_ms;
	if (renew_leases(w) == -1 || task_beat(w->db, &me) == -1) {
		worker_service_db_failed(w, "renewing leases");
		return -1;
	}
	worker_service_db_answered(w);
	w->done_tasks = w->done_documents = w->busy_ms = 0;
	return 0;
}
