/*
 * task_claim - a worker's claims in Postgres
 *
 * A claim is a row in pl.tasks with an attempt number and a lease. Every later
 * write names the attempt; if another worker has claimed the task since, the
 * write changes nothing.
 *
 * The functions of task_*.h are one transaction each and may be called again
 * after a lost connection. They return 0 or a count, or -1 with db_error.
 */
#ifndef TASK_CLAIM_H
#define TASK_CLAIM_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;
struct db_args;

/* A document of a claimed task. */
struct task_document {
	uint8_t id[DIGEST_UUID];
	int attempts; /* earlier ones, which failed */
	size_t bytes; /* of its content */
	int cleared;  /* it parked its queue, which a stored one opened */
};

struct task_claim {
	uint8_t id[DIGEST_UUID];
	uint8_t job[DIGEST_UUID];
	char *queue;
	int attempt;
	int crashes;
	int max_attempts;
	int unbound;   /* its job was bound to the collection by this claim */
	int probe;     /* it probes a parked queue */
	char *refusal; /* why it fails when its documents are done */
	struct task_document *documents;
	size_t n;
};
void task_claim_free(struct task_claim *c);

/* Who claims; refused is called for each task that the database refuses. */
struct task_claimer {
	const char *worker, *collection;
	void (*refused)(void *argument, const uint8_t *id, const char *why);
	void *argument;
};
/*
 * Claim the given tasks (n ids of 16 bytes). Tasks that are not open, not due,
 * held by a living worker or for another collection are left out. Jobs that no
 * collection has taken yet are bound to the claimer's. claims has room for n;
 * returns how many were claimed.
 */
int task_claim(struct db *db, const struct task_claimer *by, const uint8_t *ids,
    size_t n, struct task_claim *claims);
/*
 * Claim up to max due tasks of the queues, in the order of the queues, without
 * the n_without tasks. Workers use it when Redis is unavailable. Paused queues
 * give no tasks. But if a probe of a parked queue is due, one task of that
 * queue is claimed, and no other.
 */
int task_claim_due(struct db *db, const struct task_claimer *by,
    const char *const *queues, size_t n_queues, size_t max,
    const uint8_t *without, size_t n_without, struct task_claim *claims);

/*
 * As task_claim_due, of tasks whose jobs no collection has taken yet. queues
 * are named without a collection.
 */
int task_claim_unbound(struct db *db, const struct task_claimer *by,
    const char *const *queues, size_t n_queues, size_t max,
    const uint8_t *without, size_t n_without, struct task_claim *claims);

/*
 * Append ids and attempts of claims as two arguments. Returns the ids, 16
 * bytes each, which the caller frees.
 */
uint8_t *task_claim_args(
    struct db_args *a, const struct task_claim *const *claims, size_t n);

#endif
