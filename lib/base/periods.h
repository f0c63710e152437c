/*
 * periods - spans of time that C, SQL and Lua must agree on; seconds
 *
 * This is the one place that has them. SQL and Lua are given them as
 * arguments.
 */
#ifndef PERIODS_H
#define PERIODS_H

enum {
	/* A worker's claim on a task, in Postgres and in Redis. */
	PERIOD_LEASE = 15,
	/* How often a worker renews its leases. */
	PERIOD_RENEWAL = 5,
	/* A task held elsewhere is looked at again after this. */
	PERIOD_HELD = 5,
	/* How often whoever feeds a job says that it lives ... */
	PERIOD_FEED = 20,
	/* ... and when it is taken for dead: others seal the job. */
	PERIOD_FEED_DEAD = 90,
	/* In which a worker may still be starting. */
	PERIOD_START = 30,
	/*
	 * A task that a worker of RQ took from the list and did not start is
	 * left to it; a living one needs less from its BLMOVE to wip.
	 */
	PERIOD_ORPHAN = 30,
	/* A worker that was not heard from for so long is lost ... */
	PERIOD_WORKER_LOST = 30,
	/* ... and after this its row is deleted. */
	PERIOD_WORKER_GONE = 3600,
	/* How often a parked queue is probed with one task. */
	PERIOD_PROBE = 300,
	/* How long a statement waits for a lock of another transaction. */
	PERIOD_LOCK = 2
};

#endif
