/*
 * account - what the worker did since it last reported
 *
 * For the list of workers: tasks, documents, and the time with a task in hand.
 */
#ifndef WORKER_ACCOUNT_H
#define WORKER_ACCOUNT_H

#include <stddef.h>

struct worker;

/* There is a task in hand, from now on at the latest. */
void worker_account_begin(struct worker *w);
/* There is none any more. */
void worker_account_end(struct worker *w);
/* So many tasks and documents are done. */
void worker_account_add(struct worker *w, size_t tasks, size_t documents);
/* Bring the time up to now, to report it. */
void worker_account_update(struct worker *w);
/* It was reported. */
void worker_account_clear(struct worker *w);

#endif
