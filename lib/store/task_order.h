/*
 * task_order - what Redis must know about tasks
 *
 * See task_claim.h for results.
 */
#ifndef TASK_ORDER_H
#define TASK_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

/*
 * Ids (16 bytes each, *ids freed by the caller) of pending and queued tasks, in
 * the order of ids, at most max, behind the id *after (NULL: from the start).
 */
int task_unclaimed(
    struct db *db, const uint8_t *after, size_t max, uint8_t **ids, size_t *n);

/* What Redis must know about a task. */
struct task_order {
	uint8_t id[DIGEST_UUID];
	uint8_t job[DIGEST_UUID];
	char *queue;
	int64_t timeout_seconds;
	int64_t run_at;	    /* Unix seconds; 0 when due */
	uint8_t *documents; /* n ids of 16 bytes */
	size_t n;
	char *function; /* the function's name in RQ, or NULL */
};
/*
 * The orders of those ids that are pending or queued tasks; free *orders with
 * task_orders_free.
 */
int task_orders(struct db *db, const uint8_t *ids, size_t n,
    struct task_order **orders, size_t *n_orders);
void task_orders_free(struct task_order *orders, size_t n);
/* How many of the ids are queued tasks, which Redis once had; or -1. */
int task_count_queued(struct db *db, const uint8_t *ids, size_t n);
/*
 * Record that Redis has the tasks. Rows that the database refuses are skipped.
 */
int task_queued(struct db *db, const uint8_t *ids, size_t n);

#endif
