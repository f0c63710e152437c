/*
 * intake - save documents, and add them to a job
 *
 * Documents are collected and saved in batches: one transaction upserts them,
 * counts the unchanged ones, and adds the others to the job. So a document is
 * saved together with the promise to process it, or not at all.
 *
 * Within a job a document has one text: the first one that arrived.
 *
 * A task is created when it is full. A saved document without a task is open:
 * intake_cut gives it a task, and so does any process that finds the feeder
 * dead.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "store/intake_compare.h"

struct db;
struct document;
struct intake_task;
struct error_record;

struct intake_options {
	const char *queue;
	size_t task_documents; /* documents in a task, at most */
	size_t workers;	       /* that share the tasks; 0: not known */
	int64_t timeout_seconds;
	int64_t max_attempts;
	int all;		/* process unchanged documents too */
	int dry_run;		/* roll every batch back */
	int64_t delay_seconds;	/* tasks become due after this time */
	int64_t run_at;		/* but not before; Unix seconds, or 0 */
	const char *unique_key; /* at most one open job has it, or NULL */
	const char *function;	/* RQ's name of the tasks' function, or NULL */
	/* Where the job stores; NULL: the collection of its source, if it has
	 * one. */
	const char *collection;
	const uint8_t *job; /* an open job that gets the documents, or NULL */
	const char *notify; /* a URL to tell of the job's end, or NULL */
};

struct intake;

/* options must outlive the result; db is borrowed. */
struct intake *intake_open(struct db *db, const struct intake_options *options);
void intake_close(struct intake *d);
/*
 * Look for an open job with the unique key. 1 found, its id in job; 0 none;
 * -1 with db_error.
 */
int intake_find_unique(struct intake *d, char job[static DIGEST_UUID_TEXT]);
/*
 * Add a document to the batch; everything is copied. A document without content
 * means the content that is saved under its id. Returns 0, or 1 if the batch
 * must be saved first: it has the document already, or a document of another
 * source that may be new.
 */
int intake_add(struct intake *d, const struct document *doc);
/*
 * Add a page that failed before it became a document. It needs a url, and
 * counts as a failed document of the job. Returns as intake_add.
 */
int intake_add_failed(
    struct intake *d, const char *source, const struct error_record *e);
/* Documents and bytes collected since the last save. */
size_t intake_pending(const struct intake *d);
size_t intake_pending_bytes(const struct intake *d);
/*
 * Save the batch in one transaction, and empty it. 0, or -1 with db_error, or
 * because the job has ended: then nothing is saved, and the batch is kept for
 * another try.
 */
int intake_save(struct intake *d);
/*
 * After a failure with DB_DATA: save the documents of the batch one by one, and
 * call refuse for each that the server does not take. 0 or -1 as intake_save.
 */
int intake_save_singly(struct intake *d,
    void (*refuse)(
	void *argument, const char *id, const char *url, const char *why),
    void *argument);
/* Saved documents that have no task yet. */
size_t intake_open_documents(const struct intake *d);
/*
 * Give tasks to the open documents, even if a task is not full. 0 or -1 as
 * intake_save.
 */
int intake_cut(struct intake *d);
/*
 * The tasks that the last save, cut or seal created, valid until the next one;
 * *n is their number.
 */
const struct intake_task *intake_tasks(const struct intake *d, size_t *n);
/* Ids in the last save under which no content is saved; *n is their number. */
const uint8_t *intake_missing(const struct intake *d, size_t *n);
/* A document that was not saved, as the job already has another text of it. */
struct intake_taken {
	uint8_t id[DIGEST_UUID];
	char *url;
};
/*
 * Such documents of the last save, valid until the next one; *n is their
 * number.
 */
const struct intake_taken *intake_taken(const struct intake *d, size_t *n);
/* Record that Redis has the tasks of intake_tasks. */
int intake_pushed(struct intake *d);
/* Record that the feeder lives, when no document came for a while. */
int intake_touch(struct intake *d);
/*
 * Give tasks to the open documents, and seal the job: no more will come.
 * Creates the job if no document came.
 */
int intake_seal(struct intake *d);
/* Whether a save failed because the job was canceled meanwhile. */
int intake_job_ended(const struct intake *d);
/* The source of the latest document, or NULL. */
const char *intake_source(const struct intake *d);
/*
 * The job's collection; NULL while the job is not saved, or not bound to one.
 */
const char *intake_collection(const struct intake *d);
/* The queue of the job's tasks. */
const char *intake_queue(const struct intake *d);
/* The job's id; NULL until the first document was saved. */
const char *intake_job(const struct intake *d);
/* Whether nothing was saved, so that there is no job. */
int intake_is_empty(const struct intake *d);

/* Counts over the whole run. */
struct intake_counts {
	uint64_t documents, unchanged, failed, tasks;
	struct intake_compared compared; /* in a dry run */
};
struct intake_counts intake_counted(const struct intake *d);

#endif
