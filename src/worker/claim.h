/*
 * claim - claim tasks, and hand them back
 *
 * Redis offers tasks, or Postgres itself while Redis is away. Postgres decides:
 * a task is claimed only when Postgres says so.
 */
#ifndef WORKER_CLAIM_H
#define WORKER_CLAIM_H

struct worker;

/*
 * Claim tasks while there is room. With tasks held, the tasks that Redis was
 * asked for are taken in a later round, so that Redis looks for them while
 * Postgres works. Returns the number claimed, or -1.
 */
int worker_claim(struct worker *w);
/*
 * Whether Redis gave tasks when it was last asked, and so may have more. Tasks
 * that other programs queued are known in Redis alone.
 */
int worker_claim_may_go_on(struct worker *w);
/* Hand back all tasks that are not done, without counting an attempt. */
void worker_claim_release(struct worker *w);

#endif
