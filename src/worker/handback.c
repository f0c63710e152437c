#include "handback.h"

#include <string.h>

#include "base/digest.h"
#include "base/pace.h"
#include "base/periods.h"
#include "held.h"
#include "items.h"
#include "net/db.h"
#include "queue/claim.h"
#include "queue/queue.h"
#include "queue/settle.h"
#include "service.h"
#include "store/heartbeat.h"
#include "store/sync.h"
#include "store/task.h"
#include "store/task_claim.h"
#include "store/task_lease.h"
#include "store/task_order.h"
#include "tool/cli.h"
#include "worker.h"

enum {
	LOOK_SECONDS = 1,
	/* Idle workers report their new work with their next heartbeat. */
	SHARE_SECONDS = PERIOD_RENEWAL
};

struct tasks {
	struct worker_task *task[WORKER_TASKS_MAX];
	size_t n;
};

struct ids {
	uint8_t id[WORKER_TASKS_MAX * DIGEST_UUID];
	size_t n;
};

static void
add_id(struct ids *ids, const struct worker_task *task)
{
	memcpy(ids->id + DIGEST_UUID * ids->n++, task->claim.id, DIGEST_UUID);
}

/*
 * Release in Redis the tasks that Postgres took back. Each goes to the front of
 * its queue, so the last task is released first.
 */
static void
release_in_redis(struct worker *w, const struct tasks *k)
{
	struct ids listed = {.n = 0}, unknown = {.n = 0};
	uint64_t pushed;

	for (size_t i = k->n; i > 0 && !w->services.redis_down; i--) {
		struct worker_task *task = k->task[i - 1];

		add_id(task->in_redis ? &listed : &unknown, task);
		if (task->in_redis && queue_release(w->services.queue, w->name,
					  &task->order) == -1)
			worker_service_redis_failed(w, "handing tasks back");
	}
	/* If Redis is away, a later sync pushes the tasks. */
	if (w->services.redis_down)
		return;
	if (listed.n > 0 &&
	    task_queued(w->services.db, listed.id, listed.n) == -1)
		cli_note("Postgres: %s", db_error(w->services.db));
	if (unknown.n > 0 && sync_push(w->services.db, w->services.queue,
				 unknown.id, unknown.n, &pushed) == SYNC_QUEUE)
		worker_service_redis_failed(w, "handing tasks back");
}

/*
 * 0, or -1 when Postgres did not take the tasks back: then they are still held.
 */
static int
release(struct worker *w, const struct tasks *k)
{
	const struct task_claim *claims[WORKER_TASKS_MAX];

	if (k->n == 0)
		return 0;
	for (size_t i = 0; i < k->n; i++)
		claims[i] = &k->task[i]->claim;
	if (task_release(w->services.db, claims, k->n) == -1)
		return -1;
	release_in_redis(w, k);
	return 0;
}

/* Free a task that was handed back, and its documents. */
static void
forget(struct worker *w, struct worker_task *task)
{
	struct worker_item *item = w->held.waiting.first, *next;

	for (; item != NULL; item = next) {
		next = item->next;
		if (item->task != task)
			continue;
		worker_items_remove(&w->held.waiting, item);
		worker_held_free_item(w, item);
	}
	worker_held_free_task(w, task);
}

static int
hand_back(struct worker *w, const struct tasks *k, const char *why)
{
	if (release(w, k) == -1) {
		worker_service_db_failed(w, "handing tasks back");
		return -1;
	}
	cli_note("%zu tasks are handed back: %s", k->n, why);
	for (size_t i = 0; i < k->n; i++)
		forget(w, k->task[i]);
	return 0;
}

/* Find the tasks of which no document was sent, in the order of sending. */
static void
find_unsent(struct worker *w, struct tasks *k)
{
	const struct worker_item *item = w->held.waiting.first;
	struct tasks all = {.n = 0};

	for (size_t i = 0; i < w->held.n; i++)
		w->held.task[i]->unsent = 0;
	for (; item != NULL; item = item->next) {
		if (item->sent_at == 0 && item->task->unsent++ == 0)
			all.task[all.n++] = item->task;
	}
	k->n = 0;
	for (size_t i = 0; i < all.n; i++)
		if (all.task[i]->unsent == all.task[i]->claim.n &&
		    !all.task[i]->dropped && !all.task[i]->probe)
			k->task[k->n++] = all.task[i];
}

/* The rank of a task's queue: 0 for the queue that is served first. */
static size_t
rank_of(const struct worker *w, const struct worker_task *task)
{
	size_t i = 0;

	while (i < w->options.n_queues &&
	       strcmp(w->options.queues[i], task->claim.queue) != 0)
		i++;
	return i;
}

/* Whether the first n queues have tasks that can be claimed. */
static int
has_work(struct worker *w, size_t n)
{
	int found;

	if (n == 0)
		return 0;
	if (worker_service_redis_gives(w)) {
		found = queue_wait(w->services.queue, w->options.queues, n, 0);
		if (found == -1)
			worker_service_redis_failed(w, "looking for tasks");
		return found == 1;
	}
	found = task_is_due(w->services.db, w->options.queues, n);
	if (found == -1)
		worker_service_db_failed(w, "looking for tasks");
	return found == 1;
}

/*
 * Rank of the first queue with work that comes before the last unsent task's
 * queue; that queue's own rank if there is none.
 */
static size_t
first_with_work(struct worker *w, const struct tasks *unsent)
{
	size_t last = 0, i = 0;

	for (size_t k = 0; k < unsent->n; k++)
		if (rank_of(w, unsent->task[k]) > last)
			last = rank_of(w, unsent->task[k]);
	if (!has_work(w, last))
		return last;
	while (i + 1 < last && !has_work(w, i + 1))
		i++;
	return i;
}

/*
 * Hand back tasks whose queue comes after one that has work. Whether there were
 * any.
 */
static int
make_way(struct worker *w, const struct tasks *unsent)
{
	size_t first = first_with_work(w, unsent);
	struct tasks later = {.n = 0};

	for (size_t i = 0; i < unsent->n; i++)
		if (rank_of(w, unsent->task[i]) > first)
			later.task[later.n++] = unsent->task[i];
	return later.n > 0 &&
	       hand_back(w, &later, "a queue before theirs has work") == 0;
}

/*
 * Hand back tasks that idle workers can start now, and this worker only later.
 */
static void
share(struct worker *w, const struct tasks *unsent)
{
	struct tasks theirs = {.n = 0};
	int idle;

	if (w->now < w->claims.share_at ||
	    (double)w->held.waiting.n < pace_rate(&w->claims.pace, w->now) ||
	    has_work(w, w->options.n_queues))
		return;
	idle = heartbeat_idle(
	    w->services.db, w->name, w->options.queues, w->options.n_queues);
	if (idle == -1)
		worker_service_db_failed(w, "looking for idle workers");
	if (idle <= 0)
		return;
	/*
	 * Each worker gets an equal share; the others get the tasks that come
	 * last here.
	 */
	theirs.n = unsent->n - unsent->n / ((size_t)idle + 1);
	memcpy(theirs.task, unsent->task + (unsent->n - theirs.n),
	    theirs.n * sizeof(*theirs.task));
	if (hand_back(w, &theirs, "other workers are idle") == 0)
		w->claims.share_at = w->claims.ask_at = w->now + SHARE_SECONDS;
}

void
worker_handback_if_fair(struct worker *w)
{
	struct tasks unsent;

	if (w->held.waiting.n == 0 || w->now < w->claims.look_at)
		return;
	w->claims.look_at = w->now + LOOK_SECONDS;
	find_unsent(w, &unsent);
	if (unsent.n > 0 && !make_way(w, &unsent))
		share(w, &unsent);
}

void
worker_handback_all(struct worker *w)
{
	struct tasks open = {.n = 0};

	for (size_t i = 0; i < w->held.n; i++)
		if (!w->held.task[i]->dropped)
			open.task[open.n++] = w->held.task[i];
	if (release(w, &open) == -1) {
		cli_warn("Postgres: handing tasks back: %s: their leases will "
			 "lapse",
		    db_error(w->services.db));
		worker_service_redis_leave(w);
	}
	worker_service_now(w);
	while (
	    w->held.waiting.first != NULL || w->flight.documents.first != NULL)
		worker_held_free_item(
		    w, worker_items_pop(w->held.waiting.first
					    ? &w->held.waiting
					    : &w->flight.documents));
	while (w->held.n > 0)
		worker_held_free_task(w, w->held.task[0]);
}
