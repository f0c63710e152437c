/*
 * death - the pipeline has ended, is silent, or prints lines that are no answer
 *
 * A document that was alone in the pipeline is at fault. If there were several,
 * each is sent again, alone. A pipeline that fails without input too is
 * misconfigured. A pipeline that lacks a service is started again later.
 */
#ifndef WORKER_DEATH_H
#define WORKER_DEATH_H

struct worker;

/* The pipeline's output, or all its stages, ended. */
void worker_death_ended(struct worker *w);
/*
 * Find documents that wait too long for an answer, or that later ones overtook.
 */
void worker_death_look(struct worker *w);

#endif
