/*
 * service - Postgres and Redis, which may be away for a while
 *
 * A failure is reported once, and so is the return. Without Redis the worker
 * goes on from Postgres; without Postgres it waits.
 */
#ifndef WORKER_SERVICE_H
#define WORKER_SERVICE_H

#include <stdint.h>

struct worker;

/* Seconds on the monotonic clock, also kept in w->now. */
double worker_service_now(struct worker *w);
/* Note that Redis failed: warn once, try again later. */
void worker_service_redis_failed(struct worker *w, const char *doing);
/*
 * Whether Redis takes writes, as far as is known. If Redis is away and the time
 * has come, tries a write.
 */
int worker_service_redis_is_up(struct worker *w);
/*
 * Send nothing more to Redis: the worker ends and cannot tell Postgres what
 * becomes of its tasks, so their leases must lapse on both sides.
 */
void worker_service_redis_leave(struct worker *w);
/* Whether tasks are claimed from Redis: it is up, and does not lose tasks. */
int worker_service_redis_gives(struct worker *w);
/*
 * Note how many queued tasks a sync did not find in Redis. After a few syncs
 * that found some lost, Redis is doubted; after a few that found none lost, it
 * is trusted again.
 */
void worker_service_redis_lost(struct worker *w, uint64_t tasks);
/* Whether Redis lost tasks recently, so that sync must run more often. */
int worker_service_redis_is_suspect(const struct worker *w);
/* Whether Redis was away and is back since the last call. */
int worker_service_redis_returned(struct worker *w);
/*
 * Note that Postgres failed, and wait a moment, unless a stop was requested.
 * Ends the process if trying again does not help, or a burst has tried for long
 * enough.
 */
void worker_service_db_failed(struct worker *w, const char *doing);
/*
 * Whether Postgres begins a new session, as a stage needs that has just been
 * started. The worker's own session may go on where it begins none.
 */
int worker_service_db_admits(void);
/* Note that Postgres took a write; a read alone does not show that. */
void worker_service_db_answered(struct worker *w);

#endif
