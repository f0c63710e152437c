/*
 * job_find - find jobs, and read their accounts
 *
 * Nothing is changed, nothing is locked.
 */
#ifndef JOB_FIND_H
#define JOB_FIND_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db;
struct db_result;

/* Columns of the rows that job_get and job_list give. */
enum job_column {
	JOB_ID,
	JOB_TYPE,
	JOB_SOURCE,
	JOB_STATUS,
	JOB_DOCUMENTS,
	JOB_STORED,
	JOB_UNCHANGED,
	JOB_FAILED,
	JOB_CANCELED,
	JOB_WAITING,
	JOB_IN_FLIGHT,
	JOB_TASKS,
	JOB_ERROR,   /* JSON, or NULL */
	JOB_DETAILS, /* JSON */
	JOB_SEALED,
	JOB_CREATED_AT,
	JOB_STARTED_AT,
	JOB_FINISHED_AT,
	JOB_CREATED_AGE, /* seconds */
	JOB_STARTED_AGE,
	JOB_FINISHED_AGE,
	JOB_SOURCE_STATUS,
	JOB_UNIQUE_KEY,
	JOB_CHUNKS,
	JOB_INCOMPLETE,
	JOB_COLLECTION /* NULL: not bound to one */
};

/*
 * Find the job that a person means. Tried in this order: a whole id; "latest";
 * a source's name (its latest job); the beginning of an id, at least 4 digits,
 * if only one id begins with it. 0, or -1 as said in job.h.
 */
int job_find(struct db *d, const char *meant, uint8_t id[static DIGEST_UUID],
    struct buf *why);
/* The open job that has the unique key. 1 found, 0 none, -1 with db_error. */
int job_find_open(
    struct db *d, const char *unique_key, uint8_t id[static DIGEST_UUID]);
/* The job's row, or no row; NULL with db_error. */
struct db_result *job_get(struct db *d, const uint8_t id[static DIGEST_UUID]);

struct job_filter {
	const char *source;	     /* name, or NULL for all */
	const char *const *statuses; /* any of n; n 0 for all */
	size_t n;
	int64_t limit; /* 0 for all */
};
/* Newest first. */
struct db_result *job_list(struct db *d, const struct job_filter *f);

#endif
