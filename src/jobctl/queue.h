/* queue - Redis, for the commands of pl-jobctl */
#ifndef JOBCTL_QUEUE_H
#define JOBCTL_QUEUE_H

#include <stdint.h>

#include "base/digest.h"

struct jobctl;
struct metrics;
struct queue;

/*
 * The handle of Redis; NULL, with the reason in *error, if it cannot be opened.
 */
struct queue *jobctl_queue(struct jobctl *c, const char **error);
/*
 * Whether the call that failed may succeed later, without a change of settings.
 */
int jobctl_redis_away(const struct jobctl *c);
/* Whether PL_REDIS_URL says that there is no Redis. */
int jobctl_redis_is_none(const struct jobctl *c);
/* Close what jobctl_queue opened. */
void jobctl_close(struct jobctl *c);
/* Push the job's pending tasks to Redis; prints a warning if that must wait. */
void jobctl_push(struct jobctl *c, const uint8_t id[static DIGEST_UUID]);
/*
 * Take the job's canceled tasks out of Redis; prints a warning if that must
 * wait.
 */
void jobctl_forget(struct jobctl *c, const uint8_t id[static DIGEST_UUID]);

/* Add the figures of Redis to m. 0, or -1 with the reason in *error. */
int jobctl_read_redis(struct jobctl *c, struct metrics *m, const char **error);

#endif
