/*
 * ledger - write results to Postgres, then tell Redis
 *
 * Postgres decides: it writes no result of a task that this worker has lost. If
 * Redis does not hear of a result, sync repairs that.
 */
#ifndef WORKER_LEDGER_H
#define WORKER_LEDGER_H

struct worker;

/* Write the results, and complete the tasks that have no open item. 0 or -1. */
int worker_ledger_flush(struct worker *w);
/*
 * Flush if it is time: many results wait, or one has waited long, or there is
 * nothing else to do.
 */
void worker_ledger_flush_if_due(struct worker *w);

#endif
