#include "worker.h"

#include <stdlib.h>

#include "base/time.h"
#include "net/db.h"
#include "queue/admin.h"
#include "queue/claim.h"
#include "queue/queue.h"
#include "queue/settle.h"
#include "queue/stats.h"
#include "queue/worker.h"
#include "store/heartbeat.h"
#include "store/sync.h"
#include "store/task_lease.h"
#include "store/task_repair.h"
#include "tool/cli.h"

enum { REDIS_PAUSE = 2 /* seconds until Redis is asked again */ };

double
worker_now(struct worker *w)
{
	return w->now = time_now();
}

/* Lists. */

void
items_init(struct items *list)
{
	*list = (struct items){.last = &list->first};
}

void
items_push(struct items *list, struct item *item)
{
	item->next = NULL;
	*list->last = item;
	list->last = &item->next;
	list->n++;
	list->bytes += item->document->bytes;
}

void
items_push_front(struct items *list, struct item *item)
{
	item->next = list->first;
	if (list->first == NULL)
		list->last = &item->next;
	list->first = item;
	list->n++;
	list->bytes += item->document->bytes;
}

void
items_remove(struct items *list, struct item *item)
{
	struct item **at = &list->first;

	while (*at != item)
		at = &(*at)->next;
	*at = item->next;
	if (item->next == NULL)
		list->last = at;
	list->n--;
	list->bytes -= item->document->bytes;
}

struct item *
items_pop(struct items *list)
{
	struct item *item = list->first;

	if (item != NULL)
		items_remove(list, item);
	return item;
}

/* Failures of services. */

void
worker_redis_failed(struct worker *w, const char *doing)
{
	if (!w->redis_down && !queue_is_none(w->queue))
		cli_warn("Redis: %s: %s: going on from Postgres", doing,
		    queue_error(w->queue));
	w->redis_down = 1;
	w->redis_at = w->now + REDIS_PAUSE;
}

/* Whether Redis should be asked now. */
int
worker_redis_is_up(struct worker *w)
{
	if (w->redis_down && w->now >= w->redis_at &&
	    !queue_is_none(w->queue)) {
		if (queue_ping(w->queue) < 0) {
			w->redis_at = w->now + REDIS_PAUSE;
		} else {
			cli_warn("Redis: is back");
			w->redis_down = 0;
			w->sync_at = w->now;
		}
	}
	return !w->redis_down;
}

void
worker_db_failed(struct worker *w, const char *doing)
{
	if (db_fault(w->db) != DB_UNAVAILABLE && db_fault(w->db) != DB_CONFLICT)
		cli_die(CLI_FAILED, "Postgres: %s: %s", doing, db_error(w->db));
	if (w->db_lost_at == 0) {
		cli_warn(
		    "Postgres: %s: %s: trying again", doing, db_error(w->db));
		w->db_lost_at = w->now;
	}
	if (w->options.burst &&
	    w->now - w->db_lost_at > (double)w->options.retry_for / 1000)
		cli_die(CLI_UNAVAILABLE,
		    "Postgres: %s: gave up; the tasks go to other workers",
		    db_error(w->db));
	time_sleep(0.2);
}

void
worker_db_answered(struct worker *w)
{
	if (w->db_lost_at != 0)
		cli_warn("Postgres: is back");
	w->db_lost_at = 0;
}

/* Works and items. */

void
worker_mark_probe(struct worker *w, struct work *work, int probe)
{
	w->probes += (size_t)probe - (size_t)work->probe;
	work->probe = probe;
}

void
worker_free_item(struct worker *w, struct item *item)
{
	w->suspects -= (size_t)item->suspect;
	item->work->open--;
	free(item->line);
	free(item);
}

void
worker_free_work(struct worker *w, struct work *work)
{
	size_t i = 0;

	worker_mark_probe(w, work, 0);
	while (w->work[i] != work)
		i++;
	w->work[i] = w->work[--w->works];
	if (work->in_redis)
		queue_claim_free(&work->order);
	task_claim_free(&work->claim);
	free(work);
	if (w->works == 0 && w->busy_since != 0) {
		w->busy_ms += (int64_t)((w->now - w->busy_since) * 1000);
		w->busy_since = 0;
	}
}

/* Leases. */

void
worker_drop(struct worker *w, struct work *work, const char *why)
{
	struct item *item = w->waiting.first, *next;
	int in_flight = 0;

	cli_warn("task %.36s: %s", work->lease, why);
	work->dropped = 1;
	for (; item != NULL; item = next) {
		next = item->next;
		if (item->work == work) {
			items_remove(&w->waiting, item);
			worker_free_item(w, item);
		}
	}
	for (item = w->flight.first; item != NULL; item = item->next)
		in_flight |= item->work == work;
	if (in_flight)
		worker_abort_pipeline(w);
}

static void
renew_in_redis(struct worker *w)
{
	const struct queue_claim *claims[WORKER_WORKS_MAX];
	struct work *of[WORKER_WORKS_MAX];
	int lost[WORKER_WORKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < w->works; i++)
		if (w->work[i]->in_redis && !w->work[i]->dropped) {
			claims[n] = &w->work[i]->order;
			of[n++] = w->work[i];
		}
	if (n == 0)
		return;
	if (queue_renew(w->queue, w->name, claims, n, lost) == -1) {
		worker_redis_failed(w, "renewing leases");
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
	struct queue_identity me = {.name = w->name,
	    .queues = w->options.queues,
	    .count = w->options.n_queues,
	    .pid = w->pid,
	    .host = w->host};

	if (worker_redis_is_up(w))
		renew_in_redis(w);
	if (!w->redis_down &&
	    queue_worker_heartbeat(w->queue, &me,
		w->works > 0 ? QUEUE_WORKER_BUSY : QUEUE_WORKER_IDLE) == -1)
		worker_redis_failed(w, "heartbeat");
}

static int
renew_leases(struct worker *w)
{
	const struct task_claim *claims[WORKER_WORKS_MAX];
	struct work *of[WORKER_WORKS_MAX];
	enum task_state state[WORKER_WORKS_MAX];
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
			worker_drop(w, of[i],
			    "its lease is no longer held: taken over, or its "
			    "job ended");
			break;
		case TASK_CANCELED:
			worker_drop(w, of[i], "its job was canceled");
			break;
		case TASK_TIMED_OUT:
			if (task_time_out(w->db) == -1)
				return -1;
			worker_drop(w, of[i], "its job ran too long");
			break;
		}
	return 0;
}

int
worker_beat(struct worker *w, const char *status)
{
	struct heartbeat me = {.name = w->name,
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
	if (renew_leases(w) == -1 || heartbeat_send(w->db, &me) == -1) {
		worker_db_failed(w, "renewing leases");
		return -1;
	}
	worker_db_answered(w);
	w->done_tasks = w->done_documents = w->busy_ms = 0;
	return 0;
}

/* Recovery. */

static void
reap_redis(struct worker *w)
{
	for (size_t i = 0; i < w->options.n_queues && !w->redis_down; i++)
		if (queue_reap(w->queue, w->options.queues[i], NULL) == -1)
			worker_redis_failed(w, "reaping");
}

static void
promote(struct worker *w)
{
	for (size_t i = 0; i < w->options.n_queues && !w->redis_down; i++)
		if (queue_promote(w->queue, w->options.queues[i]) == -1)
			worker_redis_failed(w, "promoting");
}

static void
note_repair(void *argument, const struct sync_repair *r)
{
	(void)argument;
	cli_note("sync: %s%s%s: %s", r->what, r->task ? " " : "",
	    r->task ? r->task : "", r->message);
}

void
worker_sync(struct worker *w)
{
	struct sync_options options = {.report = note_repair};
	uint64_t repaired;

	if (!worker_redis_is_up(w) && w->now < w->sync_at)
		return;
	if (w->now >= w->promote_at) {
		promote(w);
		w->promote_at = w->now + 1;
	}
	if (w->now >= w->reap_at) {
		/* A dead worker's lease: everybody looks, whoever comes first.
		 */
		int reaped = task_reap(w->db);

		if (reaped == -1)
			worker_db_failed(w, "reaping");
		/* Redis may have lost what is pending again: tell it now. */
		if (reaped > 0)
			w->sync_at = w->now;
		reap_redis(w);
		w->reap_at = w->now + 5;
	}
	if (w->now < w->sync_at)
		return;
	w->sync_at = w->now + 30;
	switch (sync_run(
	    w->db, w->redis_down ? NULL : w->queue, &options, &repaired)) {
	case SYNC_DB:
		worker_db_failed(w, "sync");
		break;
	case SYNC_QUEUE:
		worker_redis_failed(w, "sync");
		break;
	case SYNC_OK:
		if (repaired > 0)
			cli_note("sync: %llu repaired",
			    (unsigned long long)repaired);
		break;
	}
}
