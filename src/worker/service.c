#include "service.h"

#include "base/backoff.h"
#include "base/stop.h"
#include "base/time.h"
#include "net/db.h"
#include "queue/queue.h"
#include "queue/stats.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/retry.h"
#include "worker.h"

enum {
	REDIS_SILENT = 2, /* seconds without an answer */
	REDIS_STEADY =
	    60, /* seconds without a failure: earlier ones do not count */
	REDIS_LOSSES = 3, /* syncs that found tasks lost, until it is doubted */
	REDIS_KEEPS = 3 /* syncs in a row that found none lost, until trusted */
};

/* Delay before Redis is tried again. */
static const struct backoff redis_backoff = {1, 30, 0.5};

double
worker_service_now(struct worker *w)
{
	return w->now = time_now();
}

void
worker_service_redis_failed(struct worker *w, const char *doing)
{
	double before = w->now, wait;

	/* Already known: neither report nor count it again. */
	if (w->services.redis_down && w->now < w->services.redis_at)
		return;
	if (!w->services.redis_down && !queue_is_none(w->services.queue))
		cli_warn("Redis: %s: %s: going on from Postgres", doing,
		    queue_error(w->services.queue));
	if (!w->services.redis_down &&
	    w->now - w->services.redis_back_at > REDIS_STEADY)
		w->services.redis_failures = 0;
	w->services.redis_down = 1;
	wait = backoff_wait(&redis_backoff, ++w->services.redis_failures);
	/* A silent server costs a time-out at each try: wait longest. */
	if (worker_service_now(w) - before > REDIS_SILENT)
		wait = redis_backoff.most;
	w->services.redis_at = w->now + wait;
}

int
worker_service_redis_is_up(struct worker *w)
{
	/* A worker that must end does not try: Redis may be silent. */
	if (w->services.redis_down && w->now >= w->services.redis_at &&
	    !stop_requested() && !queue_is_none(w->services.queue)) {
		if (queue_try_write(w->services.queue) == -1) {
			worker_service_redis_failed(w, "writing");
		} else {
			cli_warn("Redis: is back");
			w->services.redis_down = 0;
			w->services.redis_returned = 1;
			w->services.redis_back_at = w->now;
		}
	}
	return !w->services.redis_down;
}

void
worker_service_redis_leave(struct worker *w)
{
	w->services.redis_down = 1;
}

int
worker_service_redis_gives(struct worker *w)
{
	return worker_service_redis_is_up(w) && !w->services.redis_doubted;
}

void
worker_service_redis_lost(struct worker *w, uint64_t tasks)
{
	struct worker_services *s = &w->services;

	if (tasks > 0) {
		s->redis_losses++;
		s->redis_kept = 0;
	} else if (++s->redis_kept >= REDIS_KEEPS) {
		s->redis_losses = 0;
	}
	if (s->redis_losses >= REDIS_LOSSES && !s->redis_doubted)
		cli_warn("Redis: it lost queued tasks in %d syncs (%llu in the "
			 "last one): claiming from Postgres: is its "
			 "maxmemory-policy noeviction?",
		    s->redis_losses, (unsigned long long)tasks);
	if (s->redis_losses == 0 && s->redis_doubted)
		cli_warn(
		    "Redis: it loses no tasks any more: claiming from Redis");
	if (s->redis_losses == 0 || s->redis_losses >= REDIS_LOSSES)
		s->redis_doubted = s->redis_losses > 0;
}

int
worker_service_redis_is_suspect(const struct worker *w)
{
	return w->services.redis_losses > 0;
}

int
worker_service_redis_returned(struct worker *w)
{
	int returned = w->services.redis_returned;

	w->services.redis_returned = 0;
	return returned;
}

void
worker_service_db_failed(struct worker *w, const char *doing)
{
	struct db *db = w->services.db;

	if (db_fault(db) != DB_UNAVAILABLE && db_fault(db) != DB_CONFLICT)
		cli_die(CLI_FAILED, "Postgres: %s: %s", doing, db_error(db));
	if (retry_again(&w->services.db_away, db, doing))
		return;
	if (!stop_requested())
		cli_die(CLI_UNAVAILABLE,
		    "Postgres: %s: gave up; the tasks go to other workers",
		    db_error(db));
	worker_service_redis_leave(w);
}

int
worker_service_db_admits(void)
{
	struct db *fresh = connect_handle();
	int admits = db_connect(fresh) == 0;

	db_close(fresh);
	return admits;
}

void
worker_service_db_answered(struct worker *w)
{
	retry_answered(&w->services.db_away);
}
