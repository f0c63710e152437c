/*
 * intake_work - the documents of a job that need a task, and their tasks
 *
 * Tasks are made when they are full. A document without a task is open: its
 * job knows it, and others give it a task when its feeder is gone. What a
 * transaction did to open and to the tasks counts when it is committed.
 */
#ifndef INTAKE_WORK_H
#define INTAKE_WORK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "net/db_values.h"

struct db;
struct intake_task;

/* The first members are set by the owner, the rest is of zeros. */
struct intake_work {
	struct db *db; /* borrowed */
	uint8_t job[DIGEST_UUID];
	const char *queue;     /* borrowed */
	size_t task_documents; /* documents in a task, at most */
	size_t workers;	       /* that share them; 0: tasks are full */
	int64_t delay_seconds; /* tasks become due this much later */
	int64_t run_at;	       /* or then, in Unix seconds; 0: at once */
	int dry_run;	       /* nothing of an earlier save is there */

	struct intake_task *task;
	size_t n, cap;
	struct buf open;      /* ids of open documents, 16 bytes each */
	struct buf open_next; /* what a commit leaves of them */
	size_t given;	      /* documents that have a task */
	size_t given_next;    /* after a commit */
	struct db_args args;
};

/*
 * Inside a transaction: divide the open documents, with_new also those that
 * were just copied, into tasks behind the n there are: as many as are full,
 * or all. Shared by workers, a task is full with an eighth of what each worker
 * would get of all documents so far. 0, or -1 with db_error.
 */
int intake_work_save(struct intake_work *w, int with_new, int all);
/* Forget the tasks from n on. */
void intake_work_undo(struct intake_work *w, size_t n);
/* The transaction is committed: open is what it left. */
void intake_work_committed(struct intake_work *w);
void intake_work_free(struct intake_work *w);

#endif
