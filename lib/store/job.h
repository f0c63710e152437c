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

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db;
struct db_result;
struct record_out;

/* Seconds from now until column name, as text; ISO 8601 of it in UTC. */
#define JOB_AGE(name) "extract(epoch from now() - " name ")::float8::text"
#define JOB_ISO(name)                                                          \
	"to_char(" name " at time zone 'UTC',"                                 \
	" 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

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
	JOB_CHUNKS
};

/*
 * The job that a person means: a whole id, "latest", a source's name (its
 * latest job), or the beginning of an id, at least 4 digits of it and of no
 * other. In this order.
 */
int job_find(struct db *d, const char *meant, uint8_t id[static DIGEST_UUID],
    struct buf *why);
/* One row, or none; NULL with db_error. */
struct db_result *job_get(struct db *d, const uint8_t id[static DIGEST_UUID]);

struct job_filter {
	const char *source;	     /* name, or NULL for all */
	const char *const *statuses; /* any of n; n 0 for all */
	size_t n;
	int64_t limit; /* 0 for all */
};
/* Newest first. */
struct db_result *job_list(struct db *d, const struct job_filter *f);
/* Write a row as a job record (pl-record(5)). 0, or -1 with errno. */
int job_put(struct record_out *out, const struct db_result *r, int row);

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
/* No more documents will come; closes the job if none is left to do. */
int job_seal(
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

/* Which documents of a job; zeros choose all. */
struct job_choice {
	const char *const *statuses; /* any of n; n 0 for all */
	size_t n;
	const uint8_t *document; /* id, or NULL */
	const char *url;
	const char *class; /* of the error */
	int64_t limit;	   /* 0 for all */
};
struct job_retried {
	int64_t documents, tasks;
	int64_t without_content; /* chosen, but there is nothing to process */
};
/*
 * The chosen documents that are done become pending in new tasks of
 * task_documents each, with no attempts counted; an ended job is queued again.
 */
int job_retry(struct db *d, const uint8_t id[static DIGEST_UUID],
    const struct job_choice *choice, size_t task_documents,
    struct job_retried *done, struct buf *why);

/* What an outside program reports of a document. */
struct job_report {
	const uint8_t *document; /* id, or NULL: then url */
	const char *url;	 /* a new one is added to the job's source */
	const char *status;	 /* of job_documents */
	const char *stage;	 /* or NULL */
	const char *error;	 /* a JSON object, or NULL */
	int64_t chunks;		 /* -1: not known */
	int64_t milliseconds;	 /* -1: not known */
};
/*
 * Refused for an ended job, a new document of a sealed one, and a document of
 * a task that workers handle. Starts the job.
 */
int job_progress(struct db *d, const uint8_t id[static DIGEST_UUID],
    const struct job_report *report, struct buf *why);

/* Columns, all text, of the rows that job_documents hands over. */
enum job_document_column {
	JOB_DOCUMENT_ID,
	JOB_DOCUMENT_URL,
	JOB_DOCUMENT_STATUS,
	JOB_DOCUMENT_ATTEMPTS,
	JOB_DOCUMENT_STAGE,
	JOB_DOCUMENT_ERROR, /* JSON, or NULL */
	JOB_DOCUMENT_CHUNKS,
	JOB_DOCUMENT_MILLISECONDS,
	JOB_DOCUMENT_STARTED_AT,
	JOB_DOCUMENT_FINISHED_AT,
	/* Only when the content is asked for: */
	JOB_DOCUMENT_SOURCE,
	JOB_DOCUMENT_TITLE,
	JOB_DOCUMENT_CONTENT,
	JOB_DOCUMENT_CONTENT_TYPE,
	JOB_DOCUMENT_CONTENT_HASH,
	JOB_DOCUMENT_METADATA
};
/*
 * The chosen documents in the order of their ids, one at a time: the whole is
 * never in memory. row as in db_stream. 0, or -1 with db_error. id NULL: the
 * documents of all jobs that are failed now, with their last failure.
 */
int job_documents(struct db *d, const uint8_t *id,
    const struct job_choice *choice, int with_content,
    int (*row)(void *argument, const struct db_result *r), void *argument);

/* Give up n failed documents: they are deleted, the jobs' ledgers stay as they
   are. How many, or -1. */
int64_t job_drop_documents(struct db *d, const uint8_t *ids, size_t n);

/*
 * Ids of the job's tasks that Redis was not told of: *tasks (n * 16 bytes) is
 * freed by the caller. 0, or -1 with db_error.
 */
int job_pending_tasks(struct db *d, const uint8_t id[static DIGEST_UUID],
    uint8_t **tasks, size_t *n);
/* Ids of a job's canceled tasks, in text form; NULL with db_error. */
struct db_result *job_canceled_tasks(
    struct db *d, const uint8_t id[static DIGEST_UUID]);

#endif
