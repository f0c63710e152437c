/*
 * answers - read the pipeline's answers, and notice its end or its silence
 *
 * Each document in flight gets one result: from its stored or error record, or
 * because the pipeline died or hung while the document was alone in it.
 */
#ifndef WORKER_ANSWERS_H
#define WORKER_ANSWERS_H

struct worker;

/* Read the answers that have arrived; notice deaths and time-outs. */
void worker_answers(struct worker *w);

#endif
