/*
 * task_order - what Redis must be told of tasks
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
 * Ids (16 bytes each, *ids freed by the caller) of open tasks that are due
 * and not claimed, pending ones first, at most max, after the id *after in
 * the order of ids (NULL: from the start).
 */
int task_unclaimed(
    struct db *db, const uint8_t *after, size_t max, uint8_t **ids, size_t *n);

/* What Redis must be told about a task. */
struct task_order {
	uint8_t id[DIGEST_UUID];
	uint8_t job[DIGEST_UUID];
	char *queue;
	int64_t timeout_seconds;
	int64_t run_at;	    /* Unix seconds; 0 when due */
	uint8_t *documents; /* n ids of 16 bytes */
	size_t n;
	char *function; /* RQ's name of it, or NULL */
};
/* The orders of open tasks among the ids; *orders freed by the call below. */
int task_orders(struct db *db, const uint8_t *ids, size_t n,
    struct task_order **orders, size_t *n_orders);
void task_orders_free(struct task_order *orders, size_t n);
/* How many of the ids are open tasks that Redis had, or -1. */
int task_count_queued(struct db *db, const uint8_t *ids, size_t n);
/* Note that Redis has the tasks, but for those the database refuses. */
int task_queued(struct db *db, const uint8_t *ids, size_t n);

#endif
