#include "worker.h"

#include "base/time.h"
#include "net/db.h"
#include "tool/cli.h"

enum { REDIS_PAUSE = 2 /* seconds until Redis is asked again */ };

double
worker_service_now(struct worker *w)
{
	return w->now = time_now();
}

void
worker_service_redis_failed(struct worker *w, const char *doing)
{
	if (!w->redis_down && !queue_is_none(w->queue))
		cli_warn("Redis: %s: %s: going on from Postgres", doing,
		    queue_error(w->queue));
	w->redis_down = 1;
	w->redis_at = w->now + REDIS_PAUSE;
}

/* Whether Redis should be asked now. */
int
worker_service_redis_is_up(struct worker *w)
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
worker_service_db_failed(struct worker *w, const char *doing)
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
worker_service_db_answered(struct worker *w)
{
	if (w->db_lost_at != 0)
		cli_warn("Postgres: is back");
	w->db_lost_at = 0;
}
