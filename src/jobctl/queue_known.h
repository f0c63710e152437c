/* queue_known - whether a queue of a given name is there, or was mistyped */
#ifndef JOBCTL_QUEUE_KNOWN_H
#define JOBCTL_QUEUE_KNOWN_H

struct jobctl;

/*
 * End the process, with the nearest name that is known, unless Postgres, Redis
 * or a worker knows the queue, or it is one that pl uses by itself.
 */
void jobctl_need_queue(struct jobctl *c, const char *name);

#endif
