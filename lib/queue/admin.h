/*
 * admin - repair and change tasks in Redis
 *
 * Safe from any number of processes at once. Results are as in queue.h.
 */
#ifndef QUEUE_ADMIN_H
#define QUEUE_ADMIN_H

#include <stddef.h>
#include <stdint.h>

struct queue;
struct queue_claim;

struct queue_reaped {
	uint64_t requeued, failed, dropped;
};

/*
 * Take back the tasks of queue that dead workers hold, pl's and Python's. Call
 * it every five seconds. counts may be NULL. 0 or -1.
 */
int queue_reap(struct queue *q, const char *queue, struct queue_reaped *counts);
/*
 * Queue the tasks that are due on queue's schedule. Call it every second.
 * Returns how many, or -1.
 */
int64_t queue_promote(struct queue *q, const char *queue);
/*
 * Change n tasks, named by id; ids that RQ would not allow are skipped. Each
 * function returns how many tasks were changed, or -1.
 * cancel: tasks that have not ended; the worker of a running task finds its
 * lease lost.
 * requeue: tasks that have ended, or are queued and in no list.
 * delete: all traces of the tasks, whatever their state.
 */
int64_t queue_cancel(struct queue *q, const char *const ids[], size_t n);
int64_t queue_requeue(struct queue *q, const char *const ids[], size_t n);
int64_t queue_delete(struct queue *q, const char *const ids[], size_t n);

enum queue_state {
	QUEUE_ABSENT,	/* no such task in Redis */
	QUEUE_QUEUED,	/* queued and in its list */
	QUEUE_UNLISTED, /* queued and in no list: queue_requeue it */
	QUEUE_STARTED,
	QUEUE_FINISHED,
	QUEUE_FAILED,
	QUEUE_SCHEDULED,
	QUEUE_DEFERRED,
	QUEUE_STOPPED,
	QUEUE_CANCELED,
	QUEUE_UNKNOWN /* a status RQ does not have */
};
/* The state's name as pl prints it. */
const char *queue_state_name(enum queue_state state);
/* Where each of n tasks is. 0 or -1. */
int queue_states(
    struct queue *q, const char *const ids[], size_t n, enum queue_state out[]);

/* As queue_peek, but also 0 if the task no longer waits in its list. */
int queue_peek_waiting(
    struct queue *q, const char *id, struct queue_claim *out);
/*
 * Read at most max ids of queue's list, from position from on. Ids that RQ
 * would not allow are left out. *ids is one block that the caller frees.
 * Returns how many ids, or -1. *seen is how many were read: 0 at the end of the
 * list.
 */
int64_t queue_listed(struct queue *q, const char *queue, int64_t from,
    size_t max, char ***ids, size_t *seen);
/*
 * Remove an id from queue's list, and change nothing else. Returns how often
 * the id was there, or -1.
 */
int64_t queue_unlist(struct queue *q, const char *queue, const char *id);
/*
 * File a queued task as failed, without a claim; text says why. 1, 0 no longer
 * queued, -1.
 */
int queue_refuse(
    struct queue *q, const char *queue, const char *id, const char *text);

#endif
