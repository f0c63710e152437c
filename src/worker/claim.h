/*
 * claim - tasks are claimed, and handed back
 *
 * A task is claimed in Postgres, which decides; Redis says which ones may be,
 * or Postgres itself while Redis is away.
 */
#ifndef WORKER_CLAIM_H
#define WORKER_CLAIM_H

struct worker;

/*
 * Claim tasks while there is room. With tasks in hand, what Redis is asked for
 * is taken in a later round: it looks for tasks while Postgres takes note of
 * others. The number claimed, or -1.
 */
int worker_claim(struct worker *w);
/*
 * Open tasks of our queues that a burst should wait for, or -1; those of
 * paused queues are in w->claims.
 */
int worker_claim_open_tasks(struct worker *w);
/* Hand everything back that is not done, without burning attempts. */
void worker_claim_release(struct worker *w);

#endif
