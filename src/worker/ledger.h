/*
 * ledger - results are written to Postgres, then Redis is told
 *
 * Postgres decides: a result of a task that is not ours any more is not
 * written. Redis may miss what it is told; sync repairs that.
 */
#ifndef WORKER_LEDGER_H
#define WORKER_LEDGER_H

struct worker;

/* Write the results, complete the tasks that have none open. 0 or -1. */
int worker_ledger_flush(struct worker *w);
/* The same if it is time: many wait, or for long, or nothing else is to do. */
void worker_ledger_flush_if_due(struct worker *w);

#endif
