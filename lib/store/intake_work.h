/*
 * intake_work - the documents of a job that need a task, and their tasks
 *
 * A task is created when it is full. A document without a task is open: it is a
 * row of its job, and another process gives it a task if the feeder dies. What
 * a transaction changed in open and in the tasks counts after its commit.
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
	size_t workers;	       /* that share the tasks; 0: not known */
	int64_t delay_seconds; /* tasks become due after this time */
	int64_t run_at;	       /* but not before; Unix seconds, or 0 */
	int dry_run;	       /* earlier saves were rolled back */

	struct intake_task *task;
	size_t n, cap;
	struct buf open;      /* ids of open documents, 16 bytes each */
	struct buf open_next; /* open after a commit */
	size_t given;	      /* documents that have a task */
	size_t given_next;    /* after a commit */
	struct db_args args;
};

/*
 * Inside a transaction: divide the open documents into tasks, which are
 * appended to the array task; with_new also the documents that were just
 * copied; all also those that do not fill a task. If the number of workers is
 * known, a task is full with an eighth of a worker's share of all documents so
 * far. 0, or -1 with db_error.
 */
int intake_work_save(struct intake_work *w, int with_new, int all);
/* Forget the tasks from n on. */
void intake_work_undo(struct intake_work *w, size_t n);
/* Call it after the commit: open becomes what the transaction left. */
void intake_work_committed(struct intake_work *w);
void intake_work_free(struct intake_work *w);

#endif
