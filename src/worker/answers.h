/*
 * answers - what comes out of the pipeline, its end and its silence too
 *
 * Each document in flight gets one result: by its stored or error record; or,
 * when the pipeline died or hangs and the document was in it alone, by that.
 */
#ifndef WORKER_ANSWERS_H
#define WORKER_ANSWERS_H

struct worker;

/* Read the answers that are there; notice deaths and time-outs. */
void worker_answers(struct worker *w);

#endif
