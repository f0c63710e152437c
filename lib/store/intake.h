/*
 * docs - documents saved, and a job fed with them
 *
 * Documents are collected and saved in batches: one transaction upserts them,
 * counts the unchanged ones, and takes the others into the job. So a document
 * and the promise to process it are accepted together or not at all.
 *
 * Tasks are cut when they are full. What is saved and has no task yet is open:
 * docs_cut gives it one, and so does whoever finds that the feeder is gone.
 */
#ifndef DOCS_H
#define DOCS_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

/* How often a feeder says that it lives, and when it is taken for dead. */
enum { DOCS_TOUCH_SECONDS = 20, DOCS_DEAD_SECONDS = 90 };

struct db;
struct doc;
struct rec_error;

struct docs_options {
	const char *queue;
	size_t task_documents; /* documents in a task */
	int64_t timeout_seconds;
	int64_t max_attempts;
	int all;		/* process unchanged documents too */
	int dry_run;		/* roll every batch back */
	int64_t delay_seconds;	/* tasks become due this much later */
	int64_t run_at;		/* or then, in Unix seconds; 0: at once */
	const char *unique_key; /* at most one open job has it, or NULL */
	const char *function;	/* RQ's name of the tasks' function, or NULL */
};

/* A task that was created: what Redis must be told. */
struct docs_task {
	uint8_t id[DIGEST_UUID];
	uint8_t *documents; /* n ids of 16 bytes */
	size_t n;
};

struct docs;

/* options must outlive the result; db is borrowed. */
struct docs *docs_open(struct db *db, const struct docs_options *options);
void docs_close(struct docs *d);
/*
 * Look for an open job with the unique key. 1 found, its id in job; 0 none;
 * -1 with db_error.
 */
int docs_find_unique(struct docs *d, char job[static DIGEST_UUID_TEXT]);
/*
 * Collect a document; everything is copied. One without content means "what
 * is saved under this id". Returns 1 when the same document is already in the
 * batch, which must be saved first; else 0.
 */
int docs_add(struct docs *d, const struct doc *doc);
/*
 * Collect a page that failed before it became a document; it needs a url, and
 * is counted as a failed document of the job. As docs_add.
 */
int docs_add_failed(
    struct docs *d, const char *source, const struct rec_error *e);
/* Documents and bytes collected since the last save. */
size_t docs_pending(const struct docs *d);
size_t docs_pending_bytes(const struct docs *d);
/*
 * Save what was collected, in one transaction, and empty the batch. On
 * failure nothing is saved, the batch is kept, and it may be tried again: -1
 * with db_error, or because the job has ended.
 */
int docs_save(struct docs *d);
/*
 * After a failure with DB_DATA: save the documents of the batch one by one,
 * calling refuse for those that the server does not take. -1 as docs_save.
 */
int docs_save_singly(struct docs *d,
    void (*refuse)(
	void *argument, const char *id, const char *url, const char *why),
    void *argument);
/* Saved documents that have no task yet. */
size_t docs_open_documents(const struct docs *d);
/* Give them tasks, full or not, as docs_save does: -1 nothing was done. */
int docs_cut(struct docs *d);
/* Tasks of the last save or cut, valid until the next; *n their number. */
const struct docs_task *docs_tasks(const struct docs *d, size_t *n);
/* Ids of the last save that are not saved documents; *n their number. */
const uint8_t *docs_missing(const struct docs *d, size_t *n);
/* Note that Redis has those tasks. */
int docs_pushed(struct docs *d);
/* Say that more may come, after a while without. */
int docs_touch(struct docs *d);
/* No more documents will come, all have tasks; creates the job if none came. */
int docs_seal(struct docs *d);
/* Whether a save failed because the job was canceled meanwhile. */
int docs_job_ended(const struct docs *d);
/* The source of the latest document, or NULL. */
const char *docs_source(const struct docs *d);
/* The job's id; NULL until the first document was saved. */
const char *docs_job(const struct docs *d);

/*
 * Load saved documents (n ids of 16 bytes): got is called for each that has
 * content, with its record as one line of JSON, valid during the call. 0, or
 * -1 with db_error.
 */
int docs_load(struct db *db, const uint8_t *ids, size_t n,
    void (*got)(
	void *argument, const uint8_t *id, const char *line, size_t len),
    void *argument);

/* Counts over the whole run. */
struct docs_counts {
	uint64_t documents, unchanged, failed, tasks;
};
struct docs_counts docs_counted(const struct docs *d);

#endif
