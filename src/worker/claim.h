/*
 * claim - tasks are claimed, and handed back
 *
 * A task is claimed in Postgres, which decides; Redis says which ones may be,
 * or Postgres itself while Redis is away.
 */
#ifndef WORKER_CLAIM_H
#define WORKER_CLAIM_H

#include "tool/cli.h"

struct worker;

/*
 * Claim tasks while there is room. With tasks in hand, what Redis is asked for
 * is taken in a later round: it looks for tasks while Postgres takes note of
 * others. The number claimed, or -1.
 */
int worker_claim(struct worker *w);
/*
 * Whether Redis gave something when it was last asked, so that it may have
 * more: what other programs queued is known there alone.
 */
int worker_claim_may_go_on(struct worker *w);
/*
 * With nothing in hand, whether a burst is over: nothing is left that it should
 * wait for, or that it may claim.
 */
int worker_claim_is_over(struct worker *w);
/* Say what a burst that is over has left; the exit status for that. */
enum cli_status worker_claim_left(const struct worker *w);
/* Hand everything back that is not done, without burning attempts. */
void worker_claim_release(struct worker *w);

#endif
