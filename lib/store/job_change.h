/*
 * job_change - what all changes of a job have in common
 *
 * Every change is one transaction, tried again after a deadlock. Rows are
 * locked in the order tasks, job_documents, jobs. why is as in job.h.
 */
#ifndef JOB_CHANGE_H
#define JOB_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db;
struct db_result;

/* What one try does inside the transaction. 0, or -1 as said in job.h. */
typedef int job_change_work(
    struct db *d, const uint8_t *id, void *argument, struct buf *why);
/* Do the work in a transaction, and again after a deadlock. 0 or -1. */
int job_change(struct db *d, job_change_work *work, const uint8_t *id,
    void *argument, struct buf *why);

/* Run a statement whose only argument is the job. Rows affected, or -1. */
int64_t job_change_run(struct db *d, const uint8_t *id, const char *sql);
/*
 * Run such a statement for its result, in text form, which the caller frees;
 * NULL on failure.
 */
struct db_result *job_change_ask(
    struct db *d, const uint8_t *id, const char *sql);

/* A job whose row is locked. */
struct job_locked {
	char status[16];
	int sealed, has_documents;
	int64_t left; /* documents that are not done */
};
/* Lock the job's row. 0, or -1: there is no such job, or the database failed.
 */
int job_change_lock(
    struct db *d, const uint8_t *id, struct job_locked *j, struct buf *why);

/* Append that a job of this status cannot be "started", "canceled" ... */
void job_change_refuse(
    struct buf *why, const uint8_t *id, const char *status, const char *verb);
/* Append that there is no such job. */
void job_change_refuse_gone(struct buf *why, const uint8_t *id);

#endif
