/*
 * claim - take tasks from queues
 *
 * A claim is fenced by its execution: see queue.h.
 */
#ifndef QUEUE_CLAIM_H
#define QUEUE_CLAIM_H

#include <stddef.h>
#include <stdint.h>

#include "queue/options.h"

struct queue;

enum { QUEUE_CLAIM_MAX = 1000 /* claims in one call */ };

struct queue_claim {
	char *id;
	char *queue;
	char execution[QUEUE_EXECUTION];
	char job_id[37]; /* "" when malformed */
	uint8_t (*document_ids)[16];
	size_t count;
	const char *malformed; /* why the task cannot be run (static): fail
				  it with this text; NULL when it can */
	int64_t timeout_seconds;
	int64_t attempt; /* from 1, by Redis' count */
	int64_t attempts_max;
	int64_t enqueued_at; /* unix microseconds, or 0 */
	double claimed_at;   /* time_now() */
	int probe;	     /* the task probes a paused queue */
};

enum queue_claimed {
	QUEUE_NOTHING = 0,    /* or a positive number of claims */
	QUEUE_SUSPENDED = -2, /* by "rq suspend" */
	QUEUE_PAUSED = -3     /* all named queues are, by queue_pause */
};

/*
 * Claim up to max (<= QUEUE_CLAIM_MAX) tasks from the queues, in the order of
 * the queues. Returns how many, QUEUE_NOTHING, QUEUE_SUSPENDED, QUEUE_PAUSED or
 * -1. The caller frees each claim with queue_claim_free. worker is a name that
 * queue_worker_birth has registered.
 */
int queue_claim_many(struct queue *q, const char *const queues[], size_t n,
    const char *worker, struct queue_claim out[], size_t max);
/*
 * queue_claim_many in two steps, so that Redis works while the caller does
 * something else; other calls may come in between. queues and worker are
 * borrowed until queue_take. A queue_take must follow before the next
 * queue_ask. queue_ask returns 0 or -1.
 */
int queue_ask(struct queue *q, const char *const queues[], size_t n,
    const char *worker, size_t max);
int queue_take(struct queue *q, struct queue_claim out[]);
/* Free what the claim owns. */
void queue_claim_free(struct queue_claim *claim);
/*
 * Wait until a queue may have a task, at most timeout_ms. A new task is noticed
 * within 100 ms, and is not claimed. 1 maybe, 0 timed out, interrupted by a
 * signal or stop_requested(), -1 failed (after waiting, so a loop around it
 * does not spin).
 */
int queue_wait(
    struct queue *q, const char *const queues[], size_t n, int timeout_ms);

/*
 * Read a task without claiming it: *out is as for a claim, without execution. 1
 * with *out (queue_claim_free), 0 no such task, -1 failed.
 */
int queue_peek(struct queue *q, const char *id, struct queue_claim *out);

#endif
