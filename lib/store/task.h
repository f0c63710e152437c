/*
 * task - tasks as Postgres knows them
 *
 * A claim is a row in pl.tasks with an attempt number and a lease
 * (task_claim.h). The functions here only read.
 */
#ifndef TASK_H
#define TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

/* Whether a task of the queues is due and not paused; or -1. */
int task_is_due(struct db *db, const char *const *queues, size_t n_queues);
/*
 * How many tasks of the queues are not done and due within a minute, whoever
 * holds them: a worker with --burst waits for these. The n_without tasks are
 * not counted. Tasks that wait in a paused queue are counted in *paused
 * instead. -1 with db_error.
 */
int task_open(struct db *db, const char *const *queues, size_t n_queues,
    const uint8_t *without, size_t n_without, int64_t *paused);

enum { TASK_TIME = 24 };
/*
 * How many tasks are due later than in a minute, or -1. first is the time of
 * the first one (ISO 8601, UTC; "" if there is none).
 */
int64_t task_later(struct db *db, const char *const *queues, size_t n_queues,
    const uint8_t *without, size_t n_without, char first[static TASK_TIME]);

/* What became of a task. */
enum task_fate {
	TASK_UNKNOWN, /* no such row */
	TASK_ENDED,   /* completed */
	TASK_HELD,    /* a living worker has it */
	TASK_OPEN,    /* not due yet, or claimable now */
	TASK_FAILED,
	TASK_GIVEN_UP /* canceled */
};
/* What became of n tasks; found has room for n. 0 or -1. */
int task_fates(
    struct db *db, const uint8_t *ids, size_t n, enum task_fate *found);

#endif
