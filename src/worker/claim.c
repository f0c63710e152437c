#include "claim.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/pace.h"
#include "base/periods.h"
#include "handback.h"
#include "held.h"
#include "items.h"
#include "net/db.h"
#include "queue/claim.h"
#include "queue/queue.h"
#include "queue/settle.h"
#include "refused.h"
#include "service.h"
#include "store/pause.h"
#include "store/task.h"
#include "store/task_adopt.h"
#include "store/task_claim.h"
#include "tool/cli.h"
#include "tool/pause_notice.h"
#include "worker.h"

enum { TAKE_SECONDS = 2 }; /* longest wait of tasks that Redis was asked for */

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

/* This worker, as the functions of store/task_claim.h need it. */
static struct task_claimer
claimer(struct worker *w)
{
	return (struct task_claimer){w->name, note_refused, w};
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

static void
release_orders(struct worker *w, struct queue_claim *orders, size_t n)
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
    const uint8_t *ids, size_t n, const enum task_fate *fate,
    struct task_claim *claims)
{
	const struct task_claimer by = claimer(w);
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

static int
claim_orders(struct worker *w, struct queue_claim *orders, size_t n)
{
	uint8_t ids[WORKER_TASKS_MAX * DIGEST_UUID];
	struct task_claim claims[WORKER_TASKS_MAX];
	enum task_fate fate[WORKER_TASKS_MAX] = {TASK_UNKNOWN};
	const struct task_claimer by = claimer(w);
	int claimed, adopted = 0;

	n = check_orders(w, orders, n, ids);
	if (n == 0)
		return 0;
	claimed = task_claim(w->services.db, &by, ids, n, claims);
	if (claimed != -1 && claimed < (int)n) {
		adopted = task_fates(w->services.db, ids, n, fate);
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
		release_orders(w, orders, n);
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

/* Print each line as a warning. */
static void
warn_notes(const char *notes)
{
	while (notes != NULL && *notes != '\0') {
		int n = (int)strcspn(notes, "\n");

		cli_warn("%.*s", n, notes);
		notes += n + (notes[n] == '\n');
	}
}

/* Report the begin and the end of a suspension, each once. */
static void
note_suspended(struct worker *w, int suspended)
{
	if (suspended && !w->claims.suspended)
		cli_warn("suspended by 'rq suspend': nothing is claimed until "
			 "'rq resume'");
	else if (!suspended && w->claims.suspended)
		cli_warn("not suspended any more: going on");
	w->claims.suspended = suspended;
}

/*
 * Take the tasks that Redis was asked for. Returns how many; 0 also when Redis
 * failed.
 */
static int
take_orders(struct worker *w, struct queue_claim *orders)
{
	int n = queue_take(w->services.queue, orders);

	w->claims.asked_at = 0;
	w->claims.gave = n > 0;
	warn_notes(queue_note(w->services.queue));
	if (n == -1)
		worker_service_redis_failed(w, "claiming");
	else
		note_suspended(w, n == QUEUE_SUSPENDED);
	return n > 0 ? n : 0;
}

static void
ask_redis(struct worker *w, size_t max)
{
	if (queue_ask(w->services.queue, w->options.queues, w->options.n_queues,
		w->name, max) == -1)
		worker_service_redis_failed(w, "claiming");
	else
		w->claims.asked_at = w->now;
}

static int
claim_from_redis(struct worker *w)
{
	struct queue_claim orders[WORKER_TASKS_MAX];
	int n = take_orders(w, orders);

	return n > 0 ? claim_orders(w, orders, (size_t)n) : 0;
}

static int
claim_from_postgres(struct worker *w, size_t max)
{
	struct task_claim claims[WORKER_TASKS_MAX];
	const struct task_claimer by = claimer(w);
	int n = task_claim_due(w->services.db, &by, w->options.queues,
	    w->options.n_queues, max, w->refused.ids, w->refused.n, claims);

	if (n == -1) {
		worker_service_db_failed(w, "claiming");
		return -1;
	}
	for (int i = 0; i < n; i++)
		worker_held_mark_probe(
		    w, worker_held_add(w, &claims[i]), claims[i].probe);
	return n;
}

static size_t
held_documents(const struct worker *w)
{
	return w->held.waiting.n + w->flight.documents.n;
}

/*
 * How many tasks to claim now: as many as the pace allows beyond those held,
 * and one when few documents are left.
 */
static size_t
room_for_tasks(const struct worker *w)
{
	size_t allowed = pace_allows(&w->claims.pace, w->now);
	size_t held = held_documents(w), max = 0;
	double size =
	    w->claims.task_documents > 1 ? w->claims.task_documents : 1;

	/*
	 * Suspects and probes are sent first. If more than a window may be
	 * held, wait until half of it is done, and then claim many at once.
	 */
	if (w->held.suspects > 0 || w->held.probes > 0 ||
	    (held > w->options.window && held * 2 > allowed))
		return 0;
	if (held < allowed)
		max = (size_t)((double)(allowed - held) / size);
	/* Claim the next large task before the last documents are done. */
	if (max == 0 && (double)held * 4 <= size)
		max = 1;
	return max < WORKER_TASKS_MAX - w->held.n
		   ? max
		   : WORKER_TASKS_MAX - w->held.n;
}

/* Note the result n of a claim, and return it. */
static int
claimed(struct worker *w, int n, size_t waiting_before)
{
	if (n > 0) {
		worker_service_db_answered(w);
		w->claims.task_documents =
		    (double)(w->held.waiting.n - waiting_before) / n;
	} else if (!w->claims.gave) {
		w->claims.ask_at =
		    w->now + (worker_service_redis_gives(w) ? 0.02 : 0.5);
	}
	return n;
}

/*
 * Whether to take the tasks that Redis was asked for: there is room for them,
 * or they have waited long.
 */
static int
is_time_to_take(const struct worker *w)
{
	return w->claims.asked_at > 0 &&
	       (w->held.waiting.n < w->options.window ||
		   w->now - w->claims.asked_at > TAKE_SECONDS);
}

int
worker_claim(struct worker *w)
{
	size_t before, max = 0;
	int n = 0;

	pace_note(
	    &w->claims.pace, w->now, held_documents(w), w->options.window);
	worker_handback_if_fair(w);
	before = w->held.waiting.n;
	if (is_time_to_take(w))
		n = claimed(w, claim_from_redis(w), before);
	if (w->claims.asked_at == 0 && w->now >= w->claims.ask_at)
		max = room_for_tasks(w);
	if (max > 0 && worker_service_redis_gives(w))
		ask_redis(w, max);
	before = w->held.waiting.n;
	if (w->claims.asked_at > 0 && w->held.n == 0)
		n = claimed(w, claim_from_redis(w), before);
	if (max > 0 && !worker_service_redis_gives(w))
		n = claimed(w, claim_from_postgres(w, max), before);
	pace_set(&w->claims.pace, held_documents(w));
	return n;
}

/* Count the tasks that a burst may leave. 0 or -1. */
static int
look_at_tasks(struct worker *w)
{
	struct worker_claims *c = &w->claims;
	const char *const *queues = w->options.queues;
	size_t n = w->options.n_served;

	c->later_tasks = 0;
	c->open_tasks = task_open(w->services.db, queues, n, w->refused.ids,
	    w->refused.n, &c->paused_tasks);
	if (c->open_tasks == 0)
		c->later_tasks = task_later(w->services.db, queues, n,
		    w->refused.ids, w->refused.n, c->first);
	if (c->open_tasks == -1 || c->later_tasks == -1) {
		worker_service_db_failed(w, "counting tasks");
		return -1;
	}
	return 0;
}

int
worker_claim_may_go_on(struct worker *w)
{
	return w->claims.gave && worker_service_redis_gives(w);
}

int
worker_claim_is_over(struct worker *w)
{
	if (look_at_tasks(w) == -1)
		return 0;
	if (w->claims.open_tasks > 0)
		return w->claims.suspended && worker_service_redis_gives(w);
	return w->claims.later_tasks == 0 || !w->options.wait;
}

/* Report why tasks are left in paused queues. */
static void
tell_paused(const struct worker *w)
{
	struct pause *pauses;
	size_t n;

	cli_warn("tasks left in paused queues: %lld",
	    (long long)w->claims.paused_tasks);
	if (pause_list(w->services.db, &pauses, &n) == -1)
		return;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < w->options.n_queues; k++)
			if (pauses[i].reason != NULL &&
			    strcmp(pauses[i].queue, w->options.queues[k]) == 0)
				pause_notice(pauses[i].queue, pauses[i].reason);
	pause_list_free(pauses, n);
}

enum cli_status
worker_claim_left(const struct worker *w)
{
	const struct worker_claims *c = &w->claims;

	if (c->paused_tasks > 0)
		tell_paused(w);
	if (c->later_tasks > 0)
		cli_warn("tasks left that are due later: %lld, the first at "
			 "%s: --wait waits for them",
		    (long long)c->later_tasks, c->first);
	if (w->refused.n > 0)
		cli_warn(
		    "tasks left that the database refuses: %zu", w->refused.n);
	if (w->refused.n > 0)
		return CLI_FAILED;
	/* A suspension was already reported. */
	return c->open_tasks + c->paused_tasks + c->later_tasks > 0
		   ? CLI_UNAVAILABLE
		   : CLI_DONE;
}

void
worker_claim_release(struct worker *w)
{
	struct queue_claim orders[WORKER_TASKS_MAX];

	if (w->claims.asked_at > 0 && !w->services.redis_down)
		release_orders(w, orders, (size_t)take_orders(w, orders));
	worker_handback_all(w);
}
