/*
 * death - the pipeline ends, is silent, or speaks of something else
 *
 * Whoever was in it alone is at fault; of several nobody knows, so that each is
 * sent alone. A pipeline that ends without input too is a wrong setting, and
 * one whose service is away is started again later.
 */
#ifndef WORKER_DEATH_H
#define WORKER_DEATH_H

struct worker;

/* The pipeline's output, or all its stages, ended. */
void worker_death_ended(struct worker *w);
/* Find who has waited too long for an answer, or has been passed over. */
void worker_death_look(struct worker *w);

#endif
