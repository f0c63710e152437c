/*
 * stats - flags of queues, and numbers about them
 *
 * Results are as in queue.h.
 */
#ifndef QUEUE_STATS_H
#define QUEUE_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "queue/admin.h"

struct queue;

/* Whether "rq suspend" is in force: 1 suspended, 0 not, -1 failed. */
int queue_suspended(struct queue *q);
/*
 * Pause one queue, with a flag of pl's own: no task is claimed from it until
 * queue_resume. Only one task is claimed as a probe after probe_after seconds
 * (0: never), and then one every probe_every seconds. 0 or -1.
 */
int queue_pause(struct queue *q, const char *queue, const char *reason,
    int64_t probe_after, int64_t probe_every);
/* 1 resumed, 0 it was not paused, -1 failed. */
int queue_resume(struct queue *q, const char *queue);
/*
 * 1 paused with *reason (the caller frees it), 2 paused and probed, 0 not,
 * -1 failed.
 */
int queue_paused(struct queue *q, const char *queue, char **reason);

struct queue_stats {
	int64_t length, started, scheduled, failed, finished, deferred,
	    canceled;
	int64_t busy, idle, suspended; /* workers */
	double oldest; /* seconds since enqueued_at, 0 when empty */
	int paused;
};
/* 0 or -1. */
int queue_stats(struct queue *q, const char *queue, struct queue_stats *out);
/*
 * Names of all queues RQ knows, sorted; *names is one block that the caller
 * frees. How many, or -1.
 */
int64_t queue_names(struct queue *q, char ***names);
/* Seconds of a round trip, or -1. */
double queue_ping(struct queue *q);
/*
 * Write a small key that expires. A server that is a replica, full or unable to
 * save answers queue_ping, but fails here. 0 or -1.
 */
int queue_try_write(struct queue *q);
/*
 * What Redis does when its memory is full (maxmemory_policy of INFO). The
 * caller frees it; NULL if Redis does not tell.
 */
char *queue_policy(struct queue *q);
/*
 * The server's version, which the caller frees, and in *name whether it is
 * "redis" or "valkey"; NULL if it does not tell.
 */
char *queue_server(struct queue *q, const char **name);
/*
 * Whether Redis failed to save its data the last time: it then refuses writes,
 * or loses them when it ends.
 */
int queue_save_failed(struct queue *q);
/*
 * The name of a worker of an RQ before 2.0, which the caller frees, or NULL. It
 * reads only the form of "pl-worker --wip plain".
 */
char *queue_old_worker(struct queue *q);

/*
 * Ids in one place of a queue (QUEUE_QUEUED, STARTED, FINISHED, FAILED,
 * SCHEDULED, DEFERRED or CANCELED), from the from-th on, at most max; *ids is
 * one block that the caller frees. How many, or -1.
 */
int64_t queue_ids(struct queue *q, const char *queue, enum queue_state where,
    size_t from, size_t max, char ***ids);

#endif
