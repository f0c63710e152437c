/* recover - repair what dead workers left, and what Redis lost */
#ifndef WORKER_RECOVER_H
#define WORKER_RECOVER_H

struct worker;

/*
 * If it is time: reap lapsed leases, promote scheduled tasks, sync Redis with
 * Postgres.
 */
void worker_recover(struct worker *w);

#endif
