/*
 * task - tasks as Postgres knows them
 *
 * A claim is a row in pl.tasks with an attempt number and a lease
 * (task_claim.h). All functions but task_move only read.
 */
#ifndef TASK_H
#define TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

/* The queues of a worker. */
struct task_queues {
	const char *const *names;
	size_t n;
	/* Queues of which it takes tasks whose jobs no collection has taken. */
	const char *const *unbound;
	size_t n_unbound;
};

/* Whether a task of the queues is due and not paused; or -1. */
int task_is_due(struct db *db, const char *const *queues, size_t n_queues);
/*
 * How many tasks of the queues are not done and due within a minute, whoever
 * holds them: a worker with --burst waits for these. The n_without tasks are
 * not counted. Tasks that wait in a paused queue are counted in *paused
 * instead. -1 with db_error.
 */
int task_open(struct db *db, const struct task_queues *queues,
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
	TASK_GIVEN_UP, /* canceled */
	TASK_ELSEWHERE /* open, but for another collection */
};
/*
 * What became of n tasks, as a worker of the collection (NULL: of any) sees it;
 * found has room for n. 0 or -1.
 */
int task_fates(struct db *db, const uint8_t *ids, size_t n,
    const char *collection, enum task_fate *found);
/* Move waiting tasks to the queue of their job's collection. 0 or -1. */
int task_move(struct db *db, const uint8_t *ids, size_t n);
/*
 * Due tasks that a worker of a collection leaves in its queues, which are named
 * without a collection: rows of a collection ("": of none yet) and a number.
 * The caller frees the result; NULL with db_error.
 */
struct db_result *task_elsewhere(struct db *db, const char *const *queues,
    size_t n_queues, const char *collection, int takes_unbound);

#endif
