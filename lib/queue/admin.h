/*
 * admin - tasks in Redis put right
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
 * Take back what dead workers hold in queue, ours and Python's; every five
 * seconds. counts may be NULL. 0 or -1.
 */
int queue_reap(struct queue *q, const char *queue, struct queue_reaped *counts);
/* Queue what is due on queue's schedule, every second. How many, or -1. */
int64_t queue_promote(struct queue *q, const char *queue);
/*
 * n tasks by id; ids that RQ would not allow are passed over. Each returns
 * how many were changed, or -1.
 * cancel: those not ended; a running one's worker finds its lease lost.
 * requeue: those that ended, or are queued and in no list.
 * delete: all traces, whatever the state.
 */
int64_t queue_cancel(struct queue *q, const char *const ids[], size_t n);
int64_t queue_requeue(struct queue *q, const char *const ids[], size_t n);
int64_t queue_delete(struct queue *q, const char *const ids[], size_t n);

enum queue_state {
	QUEUE_ABSENT,	/* no such task in Redis */
	QUEUE_QUEUED,	/* and in its list */
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

/* As queue_peek, but 0 as well when the task is not waiting in its list any
 * more. */
int queue_peek_waiting(
    struct queue *q, const char *id, struct queue_claim *out);
/*
 * Ids in queue's list from position from on, at most max of them are looked
 * at; those that RQ would not allow are left out. *ids is one block the caller
 * frees. Returns how many, or -1; *seen is 0 at the end of the list.
 */
int64_t queue_listed(struct queue *q, const char *queue, int64_t from,
    size_t max, char ***ids, size_t *seen);
/* Take an id out of queue's list and nothing else. How often it was there. */
int64_t queue_unlist(struct queue *q, const char *queue, const char *id);
/* File a queued task as failed, unclaimed. 1, 0 not queued any more, -1. */
int queue_refuse(
    struct queue *q, const char *queue, const char *id, const char *text);

#endif
