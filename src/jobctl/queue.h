/*
 * queue - what commands need of Redis
 */
#ifndef JOBCTL_QUEUE_H
#define JOBCTL_QUEUE_H

#include <stdint.h>

#include "base/digest.h"

struct jobctl;
struct metrics;
struct queue;

/* The queue's handle, or NULL: Redis cannot be reached, why in *error. */
struct queue *jobctl_queue(struct jobctl *c, const char **error);
/* Whether the failed call of it may succeed later, or is a matter of set-up. */
int jobctl_redis_away(const struct jobctl *c);
/* Whether there is none, on purpose. */
int jobctl_redis_is_none(const struct jobctl *c);
/* Close what jobctl_queue opened. */
void jobctl_close(struct jobctl *c);
/* Push the job's pending tasks to Redis; a note when that must wait. */
void jobctl_push(struct jobctl *c, const uint8_t id[static DIGEST_UUID]);
/* Take the job's canceled tasks out of Redis; likewise. */
void jobctl_forget(struct jobctl *c, const uint8_t id[static DIGEST_UUID]);

/* Add what Redis knows. 0, or -1 with why in *error. */
int jobctl_read_redis(struct jobctl *c, struct metrics *m, const char **error);

#endif
