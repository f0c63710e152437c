/*
 * lease - the worker and its tasks are alive, as others see it
 *
 * Whoever does not renew in time is taken for dead, and its tasks go to
 * others; so a task whose lease is lost is dropped at once.
 */
#ifndef WORKER_LEASE_H
#define WORKER_LEASE_H

struct worker;

/* Register in Redis; ends the process if another worker has our name. */
void worker_lease_register(struct worker *w);
/*
 * Every few seconds, renew leases and drop what is lost or canceled. status is
 * for the list of workers, static.
 */
void worker_lease_beat_if_due(struct worker *w, const char *status);
/* Leave the lists of workers. */
void worker_lease_retire(struct worker *w);

#endif
