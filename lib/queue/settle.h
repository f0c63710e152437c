/*
 * settle - claims renewed and ended
 *
 * 1 done, 0 lost (somebody else has the task), -1 failed, unless said
 * otherwise; a lost claim changes nothing.
 */
#ifndef QUEUE_SETTLE_H
#define QUEUE_SETTLE_H

#include <stddef.h>

struct queue;
struct queue_claim;

/* Renew n leases; lost[i] is set to 1 for those lost, else 0. 0 or -1. */
int queue_renew(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], size_t n, int lost[]);
/* Done; result is JSON text or NULL. */
int queue_complete(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *result);
/*
 * Many at once, results[i] as above (results itself may be NULL); done[i]
 * (may be NULL) gets 1 or 0. Returns how many were done, or -1.
 */
int queue_complete_many(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n, int done[]);
/*
 * The same without waiting for the answer. Claims that Redis did not settle
 * then, having lost them or the connection, lapse and are claimed again.
 * 0 or -1.
 */
int queue_complete_later(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n);
/* Failed for good; text is what "rq" shows as its traceback. */
int queue_fail(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *text);
/* Ended because someone asked (QUEUE_STOP); RQ's status "stopped". */
int queue_stopped(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *text);
/* To be tried again after delay seconds; 0 puts it at the queue's end. */
int queue_retry(struct queue *q, const char *worker,
    const struct queue_claim *claim, double delay);
/* Hand back to the queue's front without counting the attempt. */
int queue_release(
    struct queue *q, const char *worker, const struct queue_claim *claim);

#endif
