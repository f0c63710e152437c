/*
 * periods - durations that C, SQL and Lua must agree on, in seconds
 *
 * They are defined only here. SQL and Lua get them as arguments.
 */
#ifndef PERIODS_H
#define PERIODS_H

enum {
	/* A worker's lease of a task, in Postgres and in Redis. */
	PERIOD_LEASE = 15,
	/* How often a worker renews its leases. */
	PERIOD_RENEWAL = 5,
	/* When to try a task again that another worker holds. */
	PERIOD_HELD = 5,
	/* How often a process that feeds a job reports that it is alive. */
	PERIOD_FEED = 20,
	/* A feeder silent for so long is dead: others seal its job. */
	PERIOD_FEED_DEAD = 90,
	/* How long work may be due while a worker is still starting. */
	PERIOD_START = 30,
	/*
	 * How long a task stays in RQ's intermediate list before it is queued
	 * again. A live worker needs less time from its BLMOVE to wip.
	 */
	PERIOD_ORPHAN = 30,
	/* A worker without a heartbeat for this time is lost. */
	PERIOD_WORKER_LOST = 30,
	/*
	 * A worker is forgotten this time after its last heartbeat: lists and
	 * counts leave it out, and the next sync deletes its row.
	 */
	PERIOD_WORKER_GONE = 3600,
	/* How often a parked queue is probed with one task. */
	PERIOD_PROBE = 300,
	/* How long a statement waits for a lock of another transaction. */
	PERIOD_LOCK = 2
};

#endif
