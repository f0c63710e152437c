/*
 * ended - tasks that ended long ago
 *
 * Results are as in queue.h.
 */
#ifndef QUEUE_ENDED_H
#define QUEUE_ENDED_H

#include <stddef.h>
#include <stdint.h>

struct queue;

enum { QUEUE_PRUNE_MAX = 1000 };
/*
 * Delete all traces of those of n tasks, QUEUE_PRUNE_MAX at most, that pl
 * pushed and that ended longer ago than age seconds. With dry_run they are only
 * counted. Returns how many, or -1.
 */
int64_t queue_prune(struct queue *q, const char *const ids[], size_t n,
    int64_t age, int dry_run);

#endif
