#include "order.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/periods.h"
#include "held.h"
#include "net/db.h"
#include "queue/admin.h"
#include "queue/claim.h"
#include "queue/queue.h"
#include "queue/settle.h"
#include "refused.h"
#include "service.h"
#include "store/pause.h"
#include "store/sync.h"
#include "store/task.h"
#include "store/task_adopt.h"
#include "store/task_claim.h"
#include "tool/cli.h"
#include "worker.h"

/*
 * Fail in Redis a task that has ended in Postgres: somebody queued it again in
 * Redis alone, and no worker may run it.
 */
static int
refuse_ended(struct worker *w, struct queue_claim *order, enum task_fate fate)
{
	const char *how = fate == TASK_FAILED ? "has failed" : "was canceled";
	char text[160];

	snprintf(text, sizeof(text),
	    "the task %s in the pl database: 'pl-jobctl retry %s' processes "
	    "its documents again",
	    how, order->job_id);
	/*
	 * After a cancel this is normal: the task may already have been taken.
	 */
	if (fate == TASK_FAILED)
		cli_warn("task %s: not run: %s", order->id, text);
	else
		cli_note("task %s: not run: %s", order->id, text);
	return queue_fail(w->services.queue, w->name, order, text);
}

static void
note_refused(void *argument, const uint8_t *id, const char *why)
{
	worker_refused_add(argument, id, why);
}

struct task_claimer
worker_order_claimer(struct worker *w)
{
	return (struct task_claimer){
	    w->name, w->options.collection, note_refused, w};
}

/*
 * A task is for another collection: move it to the queue of that collection. If
 * this is broken off, sync finds the task missing in Redis.
 */
static int
move_order(struct worker *w, const struct queue_claim *order)
{
	const char *text = order->id;
	uint8_t id[DIGEST_UUID];
	uint64_t pushed;

	if (digest_uuid_parse(text, strlen(text), id) == -1)
		return 0;
	if (task_move(w->services.db, id, 1) == -1) {
		cli_note("Postgres: %s", db_error(w->services.db));
		return queue_retry(
		    w->services.queue, w->name, order, PERIOD_HELD);
	}
	if (queue_delete(w->services.queue, &text, 1) == -1)
		return -1;
	return sync_push(w->services.db, w->services.queue, id, 1, &pushed) ==
		       SYNC_QUEUE
		   ? -1
		   : 0;
}

/* Settle an order of Redis that Postgres did not grant; frees it. */
static void
settle_unclaimed(
    struct worker *w, struct queue_claim *order, enum task_fate fate)
{
	int done;

	/* Redis is away: the order's lease will lapse there. */
	if (w->services.redis_down) {
		queue_claim_free(order);
		return;
	}
	switch (fate) {
	case TASK_ENDED:
		done = queue_complete(w->services.queue, w->name, order, NULL);
		break;
	case TASK_FAILED:
	case TASK_GIVEN_UP:
		done = refuse_ended(w, order, fate);
		break;
	case TASK_HELD:
	case TASK_OPEN:
		done =
		    queue_retry(w->services.queue, w->name, order, PERIOD_HELD);
		break;
	case TASK_ELSEWHERE:
		done = move_order(w, order);
		break;
	default:
		cli_warn("task %s: its job %s is not in the database: filed "
			 "as failed",
		    order->id, order->job_id);
		done = queue_fail(w->services.queue, w->name, order,
		    "no such job in the pl database");
		break;
	}
	if (done == -1)
		worker_service_redis_failed(w, "settling a task");
	queue_claim_free(order);
}

/*
 * Keep the orders that can be run, their binary ids in ids; settle the others.
 * Returns how many are kept.
 */
static size_t
check_orders(
    struct worker *w, struct queue_claim *orders, size_t n, uint8_t *ids)
{
	size_t good = 0;

	for (size_t i = 0; i < n; i++) {
		const char *why = orders[i].malformed;

		if (why == NULL &&
		    digest_uuid_parse(orders[i].id, strlen(orders[i].id),
			ids + good * DIGEST_UUID) == -1)
			why = "the task's id is not a UUID";
		if (why == NULL &&
		    worker_refused_has(w, ids + good * DIGEST_UUID)) {
			settle_unclaimed(w, &orders[i], TASK_HELD);
			continue;
		}
		if (why == NULL) {
			orders[good++] = orders[i];
			continue;
		}
		cli_warn("task %s: %s: filed as failed", orders[i].id, why);
		if (!w->services.redis_down &&
		    queue_fail(w->services.queue, w->name, &orders[i], why) ==
			-1)
			worker_service_redis_failed(w, "failing a task");
		queue_claim_free(&orders[i]);
	}
	return good;
}

void
worker_order_release(struct worker *w, struct queue_claim *orders, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!w->services.redis_down &&
		    queue_release(w->services.queue, w->name, &orders[i]) == -1)
			worker_service_redis_failed(w, "handing a task back");
		queue_claim_free(&orders[i]);
	}
}

/*
 * Another program, such as Python's RQ, queued tasks of jobs that Postgres has:
 * add the tasks there and claim them. Returns how many were claimed, in claims,
 * or -1.
 */
static int
adopt_orders(struct worker *w, const struct queue_claim *orders,
    const uint8_t *ids, size_t n, enum task_fate *fate,
    struct task_claim *claims)
{
	const struct task_claimer by = worker_order_claimer(w);
	int claimed = 0, one;

	for (size_t i = 0; i < n; i++) {
		const uint8_t *id = ids + i * DIGEST_UUID;
		uint8_t job[DIGEST_UUID];

		if (fate[i] != TASK_UNKNOWN ||
		    digest_uuid_parse(
			orders[i].job_id, strlen(orders[i].job_id), job) == -1)
			continue;
		one = task_adopt(w->services.db, id, job, orders[i].queue,
		    (const uint8_t *)orders[i].document_ids, orders[i].count);
		if (one == 1)
			one = task_claim(
			    w->services.db, &by, id, 1, claims + claimed);
		if (one == 0 && task_fates(w->services.db, id, 1,
				    w->options.collection, &fate[i]) == -1)
			one = -1;
		if (one == -1 && db_fault(w->services.db) == DB_DATA) {
			worker_refused_add(w, id, db_error(w->services.db));
			one = 0;
		}
		if (one == -1)
			return -1;
		claimed += one;
	}
	return claimed;
}

/*
 * Tell Postgres of the probes that Redis gave. Redis gives the next probe only
 * some time later, and a burst, which counts tasks in Postgres, must not wait
 * for it.
 */
static void
note_probes(struct worker *w, const struct queue_claim *orders, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (orders[i].probe &&
		    pause_note_probe(w->services.db, orders[i].queue) == -1)
			cli_note("Postgres: %s", db_error(w->services.db));
}

int
worker_order_claim(struct worker *w, struct queue_claim *orders, size_t n)
{
	uint8_t ids[WORKER_TASKS_MAX * DIGEST_UUID];
	struct task_claim claims[WORKER_TASKS_MAX];
	enum task_fate fate[WORKER_TASKS_MAX] = {TASK_UNKNOWN};
	const struct task_claimer by = worker_order_claimer(w);
	int claimed, adopted = 0;

	n = check_orders(w, orders, n, ids);
	if (n == 0)
		return 0;
	claimed = task_claim(w->services.db, &by, ids, n, claims);
	if (claimed != -1 && claimed < (int)n) {
		adopted = task_fates(
		    w->services.db, ids, n, w->options.collection, fate);
		if (adopted == 0)
			adopted = adopt_orders(
			    w, orders, ids, n, fate, claims + claimed);
	}
	if (adopted > 0)
		claimed += adopted;
	if (claimed == -1 || adopted == -1) {
		/* The leases of tasks that were claimed will lapse. */
		for (int i = 0; i < claimed; i++)
			task_claim_free(&claims[i]);
		worker_order_release(w, orders, n);
		worker_service_db_failed(w, "claiming");
		return -1;
	}
	note_probes(w, orders, n);
	for (size_t i = 0; i < n; i++) {
		struct worker_task *task = NULL;

		for (int k = 0; k < claimed; k++)
			if (memcmp(claims[k].id, ids + i * DIGEST_UUID,
				DIGEST_UUID) == 0)
				task = worker_held_add(w, &claims[k]);
		if (task != NULL) {
			task->order = orders[i];
			task->in_redis = 1;
			worker_held_mark_probe(w, task, orders[i].probe);
		} else {
			/*
			 * A refused task has no known fate: it is tried later.
			 */
			settle_unclaimed(w, &orders[i],
			    worker_refused_has(w, ids + i * DIGEST_UUID)
				? TASK_HELD
				: fate[i]);
		}
	}
	return claimed;
}
