/* recover - what dead workers left, and Redis lost, is put right */
#ifndef WORKER_RECOVER_H
#define WORKER_RECOVER_H

struct worker;

/* If it is time: reap, promote, bring Redis and Postgres together. */
void worker_recover(struct worker *w);

#endif
