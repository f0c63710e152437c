/*
 * service - Postgres and Redis, which may be away for a while
 *
 * What fails is said, and once more when it is back. Without Redis the worker
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
 * Whether Redis can be written to, as far as is known; tries a write when it is
 * time to.
 */
int worker_service_redis_is_up(struct worker *w);
/*
 * The worker ends, and Postgres does not hear what becomes of its tasks: then
 * Redis is not told either, and their leases lapse.
 */
void worker_service_redis_leave(struct worker *w);
/* Whether tasks are claimed from it: it is up, and keeps what it is given. */
int worker_service_redis_gives(struct worker *w);
/*
 * Note how many queued tasks a sync did not find there. Redis is doubted after
 * a few syncs that found some lost, and believed again after a few that found
 * none.
 */
void worker_service_redis_lost(struct worker *w, uint64_t tasks);
/* Whether it lost something of late, so that sync must look more often. */
int worker_service_redis_is_suspect(const struct worker *w);
/* Whether Redis was away and is back since the last call. */
int worker_service_redis_returned(struct worker *w);
/*
 * Note that Postgres failed, and wait a moment, unless a stop was requested.
 * Ends the process if trying again does not help, or a burst has tried for long
 * enough.
 */
void worker_service_db_failed(struct worker *w, const char *doing);
/* Note that it took what was written; a read alone does not show that. */
void worker_service_db_answered(struct worker *w);

#endif
