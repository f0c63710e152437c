/*
 * intake - documents saved, and a job fed with them
 *
 * Documents are collected and saved in batches: one transaction upserts them,
 * counts the unchanged ones, and takes the others into the job. So a document
 * and the promise to process it are accepted together or not at all.
 *
 * A document has one text in a job, the first one that came.
 *
 * Tasks are cut when they are full. What is saved and has no task yet is open:
 * intake_cut gives it one, and so does whoever finds that the feeder is gone.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

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
	int64_t delay_seconds;	/* tasks become due this much later */
	int64_t run_at;		/* or then, in Unix seconds; 0: at once */
	const char *unique_key; /* at most one open job has it, or NULL */
	const char *function;	/* RQ's name of the tasks' function, or NULL */
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
 * Collect a document; everything is copied. One without content means "what
 * is saved under this id". Returns 1 when the same document is already in the
 * batch, which must be saved first; else 0.
 */
int intake_add(struct intake *d, const struct document *doc);
/*
 * Collect a page that failed before it became a document; it needs a url, and
 * is counted as a failed document of the job. As intake_add.
 */
int intake_add_failed(
    struct intake *d, const char *source, const struct error_record *e);
/* Documents and bytes collected since the last save. */
size_t intake_pending(const struct intake *d);
size_t intake_pending_bytes(const struct intake *d);
/*
 * Save what was collected, in one transaction, and empty the batch. On
 * failure nothing is saved, the batch is kept, and it may be tried again: -1
 * with db_error, or because the job has ended.
 */
int intake_save(struct intake *d);
/*
 * After a failure with DB_DATA: save the documents of the batch one by one,
 * calling refuse for those that the server does not take. -1 as intake_save.
 */
int intake_save_singly(struct intake *d,
    void (*refuse)(
	void *argument, const char *id, const char *url, const char *why),
    void *argument);
/* Saved documents that have no task yet. */
size_t intake_open_documents(const struct intake *d);
/* Give them tasks, full or not, as intake_save does: -1 nothing was done. */
int intake_cut(struct intake *d);
/* Tasks of the last save or cut, valid until the next; *n their number. */
const struct intake_task *intake_tasks(const struct intake *d, size_t *n);
/* Ids of the last save that are not saved documents; *n their number. */
const uint8_t *intake_missing(const struct intake *d, size_t *n);
/* A document that was not saved: the job has another text of it. */
struct intake_taken {
	uint8_t id[DIGEST_UUID];
	char *url;
};
/* Those of the last save, valid until the next; *n their number. */
const struct intake_taken *intake_taken(const struct intake *d, size_t *n);
/* Note that Redis has those tasks. */
int intake_pushed(struct intake *d);
/* Say that more may come, after a while without. */
int intake_touch(struct intake *d);
/* No more documents will come, all have tasks; creates the job if none came. */
int intake_seal(struct intake *d);
/* Whether a save failed because the job was canceled meanwhile. */
int intake_job_ended(const struct intake *d);
/* The source of the latest document, or NULL. */
const char *intake_source(const struct intake *d);
/* The job's id; NULL until the first document was saved. */
const char *intake_job(const struct intake *d);
/* Whether nothing was saved, so that there is no job. */
int intake_is_empty(const struct intake *d);

/* Counts over the whole run. */
struct intake_counts {
	uint64_t documents, unchanged, failed, tasks;
};
struct intake_counts intake_counted(const struct intake *d);

#endif
