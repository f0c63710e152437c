/*
 * handback - claimed tasks go back to their queues, for others
 *
 * No attempt is burnt. A task of which a document was sent to the pipeline is
 * kept until the worker ends.
 */
#ifndef WORKER_HANDBACK_H
#define WORKER_HANDBACK_H

struct worker;

/*
 * Once a second: hand unsent tasks back when a queue that is served before
 * theirs has work, or a share of them when other workers are idle and nothing
 * else is left for them.
 */
void worker_handback_if_fair(struct worker *w);
/* Hand all tasks back that are not done, and forget their documents. */
void worker_handback_all(struct worker *w);

#endif
