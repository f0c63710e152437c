#include "service.h"

#include "base/stop.h"
#include "base/time.h"
#include "net/db.h"
#include "queue/queue.h"
#include "queue/stats.h"
#include "tool/cli.h"
#include "tool/retry.h"
#include "worker.h"

enum { REDIS_PAUSE = 2 /* seconds until Redis is asked again */ };

double
worker_service_now(struct worker *w)
{
	return w->now = time_now();
}

void
worker_service_redis_failed(struct worker *w, const char *doing)
{
	if (!w->services.redis_down && !queue_is_none(w->services.queue))
		cli_warn("Redis: %s: %s: going on from Postgres", doing,
		    queue_error(w->services.queue));
	w->services.redis_down = 1;
	w->services.redis_at = w->now + REDIS_PAUSE;
}

int
worker_service_redis_is_up(struct worker *w)
{
	/* Whoever is to end does not ask a silent server again and again. */
	if (w->services.redis_down && w->now >= w->services.redis_at &&
	    !stop_requested() && !queue_is_none(w->services.queue)) {
		if (queue_ping(w->services.queue) < 0) {
			w->services.redis_at = w->now + REDIS_PAUSE;
		} else {
			cli_warn("Redis: is back");
			w->services.redis_down = 0;
			w->services.redis_returned = 1;
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

void
worker_service_db_answered(struct worker *w)
{
	retry_answered(&w->services.db_away);
}
