/*
 * settle - renew and end claims
 *
 * Functions return 1 done, 0 lost (another worker has the task), -1 failed,
 * unless said otherwise. A call for a lost claim changes nothing.
 */
#ifndef QUEUE_SETTLE_H
#define QUEUE_SETTLE_H

#include <stddef.h>

struct queue;
struct queue_claim;

/* Renew n leases; lost[i] becomes 1 if claim i is lost, else 0. 0 or -1. */
int queue_renew(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], size_t n, int lost[]);
/* The task is done; result is JSON text or NULL. */
int queue_complete(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *result);
/*
 * n tasks are done; results[i] as above, results itself may be NULL. done[i]
 * becomes 1 or 0; done may be NULL. Returns how many were done, or -1.
 */
int queue_complete_many(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n, int done[]);
/*
 * As queue_complete_many, without waiting for the answer. A claim that Redis
 * did not settle, because the claim or the connection was lost, lapses, and its
 * task is claimed again. 0 or -1.
 */
int queue_complete_later(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n);
/* The task has failed for good; RQ shows text as the traceback. */
int queue_fail(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *text);
/* The task was ended on request (QUEUE_STOP); RQ's status "stopped". */
int queue_stopped(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *text);
/* Try the task again after delay seconds; 0 puts it at the queue's end. */
int queue_retry(struct queue *q, const char *worker,
    const struct queue_claim *claim, double delay);
/* Give the task back, to the queue's front; the attempt does not count. */
int queue_release(
    struct queue *q, const char *worker, const struct queue_claim *claim);

#endif
