/* due - what is due in Postgres alone, which Redis does not tell of */
#ifndef WORKER_DUE_H
#define WORKER_DUE_H

struct worker;

/*
 * If it is time to look: push tasks that nobody pushed, and delete documents
 * whose time has come. An idle worker looks every second.
 */
void worker_due(struct worker *w);

#endif
