/*
 * task_record - the outcomes of documents, written to the ledger
 *
 * See task_claim.h: an outcome of a claim that is no longer held is not
 * written.
 */
#ifndef TASK_RECORD_H
#define TASK_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;
struct task_claim;

/* A document's outcome. Strings are borrowed. */
struct task_result {
	const struct task_claim *task;
	const uint8_t *document;
	int stored;
	int retry;	      /* not stored: try again in a later task */
	int burn;	      /* the attempt counts */
	double delay_seconds; /* of the retry */
	int chunks;
	int failed_chunks;	 /* of a stored one: that were refused */
	const char *first_error; /* of them, JSON object, or NULL */
	int parked;		 /* it met an error that parks its queue */
	int milliseconds;
	const char *stage; /* that failed, or NULL */
	const char *error; /* JSON object, or NULL */
};
/*
 * Write outcomes, then complete those of the claims done whose documents all
 * have one. Documents to be retried go to new tasks, one per delay (rounded up
 * to a second); *retries (n_retries ids of 16 bytes, freed by the caller) are
 * those, to be pushed to Redis. Returns how many outcomes were written: stale
 * ones are not.
 */
int task_record(struct db *db, const struct task_result *results, size_t n,
    const struct task_claim *const *done, size_t n_done, uint8_t **retries,
    size_t *n_retries);

#endif
