/*
 * job - the life of a job in Postgres, over db
 *
 * Every change is one transaction, tried again after a deadlock; the triggers
 * of the schema keep the counts, close a sealed job when nothing of it is
 * left to do, and tell the source. Rows are locked in the order tasks,
 * job_documents, jobs.
 *
 * Functions with why return -1 in two cases: the database failed (why stays
 * as it was; see db_error), or the request is refused (why then says so, for
 * people: "job X is completed: it cannot be canceled").
 */
#ifndef JOB_H
#define JOB_H

#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db;

struct job_new {
	const char *source;	/* name, made if not known; or NULL */
	const char *type;	/* NULL: process_documents */
	const char *details;	/* a JSON object, or NULL */
	const char *unique_key; /* at most one open job has it; or NULL */
	int64_t timeout_seconds;
	int64_t max_attempts;
};
/*
 * An open job without documents. 1 made; 0 there is an open job with that
 * unique key already; -1 with db_error. Its id is in id.
 */
int job_create(
    struct db *d, const struct job_new *j, uint8_t id[static DIGEST_UUID]);

/* pending or queued -> in_progress. */
int job_start(
    struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why);
/* Seal and close; refused while documents wait or are in flight. */
int job_complete(
    struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why);
/*
 * Close as failed with error (a JSON object); documents that are not done
 * fail with it, tasks are canceled.
 */
int job_fail(struct db *d, const uint8_t id[static DIGEST_UUID],
    const char *error, struct buf *why);
/*
 * Documents that are not done, and tasks, are canceled, which ends the job:
 * canceled if nothing was stored, else partial. A canceled job stays so.
 */
int job_cancel(
    struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why);

#endif
