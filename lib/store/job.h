/*
 * job - the life of a job in Postgres
 *
 * Every change is one transaction, tried again after a deadlock; the triggers
 * of the schema keep the counts, close a sealed job when all its documents are
 * done, and update the source. Rows are locked in the order tasks,
 * job_documents, jobs.
 *
 * Functions with why return -1 in two cases: the database failed (why stays as
 * it was; see db_error), or the request is refused (then why has the reason,
 * for people: "job X is completed: it cannot be canceled").
 */
#ifndef JOB_H
#define JOB_H

#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db;

struct job_new {
	const char *source;	/* name, created if missing; or NULL */
	const char *type;	/* NULL: process_documents */
	const char *details;	/* a JSON object, or NULL */
	const char *unique_key; /* at most one open job has it; or NULL */
	int64_t timeout_seconds;
	int64_t max_attempts;
};
/*
 * Create an open job without documents. 1 created; 0 an open job has this
 * unique key already; -1 with db_error. id becomes the id of that job.
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
 * Close the job as failed with error (a JSON object). Documents that are not
 * done fail with the same error; open tasks are canceled.
 */
int job_fail(struct db *d, const uint8_t id[static DIGEST_UUID],
    const char *error, struct buf *why);
/*
 * Cancel the open tasks and the documents that are not done. That ends the job:
 * as canceled if nothing was stored, else as partial. 0 also if the job is
 * canceled already.
 */
int job_cancel(
    struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why);

#endif
