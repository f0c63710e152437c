/*
 * account - the work done since the last report
 *
 * The list of workers shows it: tasks, documents, and the time in which a task
 * was held.
 */
#ifndef WORKER_ACCOUNT_H
#define WORKER_ACCOUNT_H

#include <stddef.h>

struct worker;

/* A task is held: start the busy time, unless it runs. */
void worker_account_begin(struct worker *w);
/* No task is held any more: stop the busy time. */
void worker_account_end(struct worker *w);
/* Count tasks and documents that are done. */
void worker_account_add(struct worker *w, size_t tasks, size_t documents);
/* Bring the busy time up to now, before a report. */
void worker_account_update(struct worker *w);
/* The account was reported: start from zero. */
void worker_account_clear(struct worker *w);

#endif
