/*
 * lease - heartbeats of the worker, and renewal of its leases
 *
 * A worker that does not renew in time is taken for dead, and others get its
 * tasks. So this worker drops a task at once when the lease is lost.
 */
#ifndef WORKER_LEASE_H
#define WORKER_LEASE_H

struct worker;

/* Register in Redis; ends the process if another worker has the same name. */
void worker_lease_register(struct worker *w);
/*
 * Every few seconds, renew leases, and drop tasks that are lost or canceled.
 * The list of workers shows status, a static string.
 */
void worker_lease_beat_if_due(struct worker *w, const char *status);
/* Leave the lists of workers. */
void worker_lease_retire(struct worker *w);

#endif
