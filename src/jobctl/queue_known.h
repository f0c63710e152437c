/* queue_known - whether a queue of a given name is there, or was mistyped */
#ifndef JOBCTL_QUEUE_KNOWN_H
#define JOBCTL_QUEUE_KNOWN_H

struct jobctl;
struct queue;

/*
 * End the process, with the nearest name that is known, unless Postgres, Redis
 * (q, or NULL) or a worker knows the queue, or it is one that pl uses by
 * itself.
 */
void jobctl_need_queue(struct jobctl *c, struct queue *q, const char *name);

#endif
