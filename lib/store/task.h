/*
 * task - tasks as Postgres knows them
 *
 * A claim is a row in pl.tasks with an attempt number and a lease
 * (task_claim.h). Here tasks are only looked at.
 */
#ifndef TASK_H
#define TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

/* Whether a task of the queues waits that anybody may claim; or -1. */
int task_is_due(struct db *db, const char *const *queues, size_t n_queues);
/*
 * Tasks of the queues that are not done and due within a minute, whoever has
 * them, but for the n_without ones: what a burst waits for. Those that wait in
 * a paused queue are counted in *paused instead. -1 with db_error.
 */
int task_open(struct db *db, const char *const *queues, size_t n_queues,
    const uint8_t *without, size_t n_without, int64_t *paused);

enum { TASK_TIME = 24 };
/*
 * Those that are due later than that, and when the first of them is (ISO 8601,
 * UTC; "" when there is none). How many, or -1.
 */
int64_t task_later(struct db *db, const char *const *queues, size_t n_queues,
    const uint8_t *without, size_t n_without, char first[static TASK_TIME]);

/* What became of a task that could not be claimed. */
enum task_fate {
	TASK_UNKNOWN, /* no such row */
	TASK_ENDED,   /* completed */
	TASK_HELD,    /* a living worker has it */
	TASK_OPEN,    /* not due yet, or claimable now */
	TASK_FAILED,
	TASK_GIVEN_UP /* canceled */
};
int task_fates(
    struct db *db, const uint8_t *ids, size_t n, enum task_fate *found);

#endif
