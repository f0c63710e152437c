/*
 * ingest - the ingest task that a worker runs beside its documents
 *
 * A worker runs one at a time, in a pipeline of its own whose text is fixed:
 * pl-ingest reads what the task names, pl-enqueue feeds the task's job. The
 * worker's own queues come first: while it has documents, it takes only a task
 * that has waited long.
 */
#ifndef WORKER_INGEST_H
#define WORKER_INGEST_H

struct worker;

/* Claim a task, or go on with the one that runs. Never waits. */
void worker_ingest(struct worker *w);
int worker_ingest_is_running(const struct worker *w);
/* The worker ends: kill the pipeline, and hand the task back. */
void worker_ingest_stop(struct worker *w);

#endif
