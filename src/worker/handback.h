/*
 * handback - give claimed tasks back to their queues, for other workers
 *
 * No attempt is counted. Once a document of a task was sent to the pipeline,
 * the task is kept until the worker ends.
 */
#ifndef WORKER_HANDBACK_H
#define WORKER_HANDBACK_H

struct worker;

/*
 * Once a second, hand back unsent tasks: those whose queue comes after one that
 * has work; or a share of them, when other workers are idle and the queues are
 * empty.
 */
void worker_handback_if_fair(struct worker *w);
/* Hand back all tasks that are not done, and free their documents. */
void worker_handback_all(struct worker *w);

#endif
