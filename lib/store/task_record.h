/*
 * task_record - write the outcomes of documents to the ledger
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
	int by_user; /* by a store of the user, which writes no ledger */
	int retry;   /* not stored: try again in a later task */
	int burn;    /* the attempt counts */
	double delay_seconds; /* of the retry */
	int chunks;
	int failed_chunks;	 /* refused chunks of a stored document */
	const char *first_error; /* of those chunks, JSON object, or NULL */
	int parked;		 /* it met an error that parks its queue */
	int milliseconds;
	const char *stage; /* that failed, or NULL */
	const char *error; /* JSON object, or NULL */
};
/*
 * Write outcomes. Then complete each claim in done if all its documents have an
 * outcome. Documents to be retried go to new tasks, one for each job, queue and
 * delay (rounded up to a second). *retries are the new tasks (n_retries ids of
 * 16 bytes, freed by the caller), to be pushed to Redis. Returns how many
 * outcomes were written (stale ones are not), or -1.
 */
int task_record(struct db *db, const struct task_result *results, size_t n,
    const struct task_claim *const *done, size_t n_done, uint8_t **retries,
    size_t *n_retries);

#endif
