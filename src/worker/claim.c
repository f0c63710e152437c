#include "claim.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/pace.h"
#include "handback.h"
#include "held.h"
#include "items.h"
#include "net/db.h"
#include "order.h"
#include "queue/admin.h"
#include "queue/claim.h"
#include "queue/queue.h"
#include "service.h"
#include "store/collection_name.h"
#include "store/task_claim.h"
#include "tool/cli.h"
#include "worker.h"

enum { TAKE_SECONDS = 2 }; /* longest wait of tasks that Redis was asked for */

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

	return n > 0 ? worker_order_claim(w, orders, (size_t)n) : 0;
}

/*
 * Claim due tasks of the collection, or else tasks of jobs that no collection
 * has taken.
 */
static int
claim_due(struct worker *w, size_t max, struct task_claim *claims)
{
	const struct worker_options *o = &w->options;
	const struct task_claimer by = worker_order_claimer(w);
	int n = task_claim_due(w->services.db, &by, o->queues, o->n_queues, max,
	    w->refused.ids, w->refused.n, claims);

	if (n == 0 && !o->no_unbound)
		n = task_claim_unbound(w->services.db, &by, o->base_queues,
		    o->n_queues, max, w->refused.ids, w->refused.n, claims);
	return n;
}

/* Take tasks that were claimed in Postgres out of Redis, where others wait. */
static void
take_out(struct worker *w, const struct task_claim *claims, size_t n)
{
	char(*text)[DIGEST_UUID_TEXT] = x_calloc(n, sizeof(*text));
	const char **ids = x_calloc(n, sizeof(*ids));

	for (size_t i = 0; i < n; i++) {
		digest_uuid_text(claims[i].id, text[i]);
		ids[i] = text[i];
	}
	if (queue_delete(w->services.queue, ids, n) == -1)
		worker_service_redis_failed(w, "taking out claimed tasks");
	free(ids);
	free(text);
}

static int
claim_from_postgres(struct worker *w, size_t max)
{
	struct task_claim claims[WORKER_TASKS_MAX];
	int n = claim_due(w, max, claims);

	if (n == -1) {
		worker_service_db_failed(w, "claiming");
		return -1;
	}
	if (n > 0 && worker_service_redis_gives(w))
		take_out(w, claims, (size_t)n);
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

/*
 * Redis has nothing for the collection. Tasks that were queued before their job
 * was bound are in another list of Redis: Postgres has them.
 */
static int
is_time_for_postgres(struct worker *w)
{
	enum { LOOK = 500 /* ms */ };

	if (strcmp(w->options.collection, COLLECTION_DEFAULT) == 0 ||
	    w->claims.gave || w->held.waiting.n > 0 ||
	    w->now < w->claims.unbound_at)
		return 0;
	w->claims.unbound_at = w->now + LOOK / 1000.0;
	return 1;
}

/* Claim what Redis does not list for the collection. */
static int
claim_beside_redis(struct worker *w)
{
	size_t before = w->held.waiting.n, max = room_for_tasks(w);
	int n = max > 0 ? claim_from_postgres(w, max) : 0;

	/* There may be more. */
	if (n > 0)
		w->claims.unbound_at = 0;
	return claimed(w, n, before);
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
	else if (n == 0 && is_time_for_postgres(w))
		n = claim_beside_redis(w);
	pace_set(&w->claims.pace, held_documents(w));
	return n;
}

int
worker_claim_may_go_on(struct worker *w)
{
	return w->claims.gave && worker_service_redis_gives(w);
}

void
worker_claim_release(struct worker *w)
{
	struct queue_claim orders[WORKER_TASKS_MAX];

	if (w->claims.asked_at > 0 && !w->services.redis_down)
		worker_order_release(w, orders, (size_t)take_orders(w, orders));
	worker_handback_all(w);
}
