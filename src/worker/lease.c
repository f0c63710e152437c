#include "lease.h"

#include "account.h"
#include "base/periods.h"
#include "flight.h"
#include "net/db.h"
#include "queue/claim.h"
#include "queue/queue.h"
#include "queue/settle.h"
#include "queue/worker.h"
#include "refused.h"
#include "service.h"
#include "store/heartbeat.h"
#include "store/mend.h"
#include "store/task_claim.h"
#include "store/task_lease.h"
#include "tool/cli.h"
#include "worker.h"

/* This worker, as Redis lists it. */
static struct queue_identity
in_redis(const struct worker *w)
{
	return (struct queue_identity){.name = w->name,
	    .queues = w->options.queues,
	    .count = w->options.n_queues,
	    .pid = w->pid,
	    .host = w->host};
}

static void
renew_in_redis(struct worker *w)
{
	const struct queue_claim *claims[WORKER_TASKS_MAX];
	struct worker_task *of[WORKER_TASKS_MAX];
	int lost[WORKER_TASKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < w->held.n; i++)
		if (w->held.task[i]->in_redis && !w->held.task[i]->dropped) {
			claims[n] = &w->held.task[i]->order;
			of[n++] = w->held.task[i];
		}
	if (n == 0)
		return;
	if (queue_renew(w->services.queue, w->name, claims, n, lost) == -1) {
		worker_service_redis_failed(w, "renewing leases");
		return;
	}
	/* Redis has lost the claim, but the lease in Postgres counts. */
	for (size_t i = 0; i < n; i++)
		if (lost[i]) {
			queue_claim_free(&of[i]->order);
			of[i]->in_redis = 0;
		}
}

static void
beat_in_redis(struct worker *w)
{
	struct queue_identity me = in_redis(w);

	if (worker_service_redis_is_up(w))
		renew_in_redis(w);
	if (!w->services.redis_down &&
	    queue_worker_heartbeat(w->services.queue, &me,
		w->held.n > 0 ? QUEUE_WORKER_BUSY : QUEUE_WORKER_IDLE) == -1)
		worker_service_redis_failed(w, "heartbeat");
}

/*
 * The database refuses a row: renew each lease apart, and give up the refused
 * task.
 */
static int
renew_apart(struct worker *w, const struct task_claim *const *claims, size_t n,
    enum task_state *state)
{
	for (size_t i = 0; i < n; i++) {
		if (task_renew(w->services.db, claims + i, 1, state + i) == 0)
			continue;
		if (db_fault(w->services.db) != DB_DATA)
			return -1;
		worker_refused_add(w, claims[i]->id, db_error(w->services.db));
		state[i] = TASK_LOST;
	}
	return 0;
}

static int
fail_late_jobs(struct worker *w)
{
	struct mend_counts counts = {0};

	return mend_late(w->services.db, &(struct mend_options){0}, &counts);
}

static int
renew_leases(struct worker *w)
{
	const struct task_claim *claims[WORKER_TASKS_MAX];
	struct worker_task *of[WORKER_TASKS_MAX];
	enum task_state state[WORKER_TASKS_MAX];
	size_t n = 0;
	int status;

	for (size_t i = 0; i < w->held.n; i++)
		if (!w->held.task[i]->dropped) {
			claims[n] = &w->held.task[i]->claim;
			of[n++] = w->held.task[i];
		}
	if (n == 0)
		return 0;
	status = task_renew(w->services.db, claims, n, state);
	if (status == -1 && db_fault(w->services.db) == DB_DATA)
		status = renew_apart(w, claims, n, state);
	if (status == -1)
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
			if (fail_late_jobs(w) == -1)
				return -1;
			worker_flight_drop(w, of[i], "its job ran too long");
			break;
		}
	return 0;
}

static void
beat(struct worker *w, const char *status)
{
	struct heartbeat me = {.name = w->name,
	    .host = w->host,
	    .pid = w->pid,
	    .queues = w->options.queues,
	    .n_queues = w->options.n_served,
	    .collection = w->options.collection,
	    .status = status,
	    .tasks = w->account.tasks,
	    .documents = w->account.documents};

	beat_in_redis(w);
	worker_account_update(w);
	me.busy_milliseconds = w->account.busy_ms;
	if (renew_leases(w) == -1 ||
	    heartbeat_send(w->services.db, &me) == -1) {
		worker_service_db_failed(w, "renewing leases");
		return;
	}
	worker_service_db_answered(w);
	worker_account_clear(w);
}

void
worker_lease_beat_if_due(struct worker *w, const char *status)
{
	if (w->now < w->beat_at)
		return;
	w->beat_at = w->now + PERIOD_RENEWAL;
	beat(w, status);
}

void
worker_lease_register(struct worker *w)
{
	struct queue_identity me = in_redis(w);
	int born;

	/* A later heartbeat registers the worker, too. */
	if (w->services.redis_down)
		return;
	born = queue_worker_birth(w->services.queue, &me);
	if (born == -1)
		worker_service_redis_failed(w, "registering");
	else if (born == 0)
		cli_die(CLI_FAILED, "another worker is named %s", w->name);
}

void
worker_lease_retire(struct worker *w)
{
	struct queue_identity me = in_redis(w);

	if (!w->services.redis_down &&
	    queue_worker_death(w->services.queue, &me) == -1)
		cli_note("Redis: %s", queue_error(w->services.queue));
	if (heartbeat_end(w->services.db, w->name) == -1)
		cli_note("Postgres: %s", db_error(w->services.db));
}
