/*
 * metrics - numbers about the whole system
 *
 * metrics_read asks Postgres; the caller fills in the numbers of Redis.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stddef.h>
#include <stdint.h>

struct counter;
struct db;
struct db_result;

struct metrics_queue {
	char *name;
	int64_t pending, queued, in_progress; /* tasks in Postgres */
	int64_t documents;		      /* that wait for a worker */
	double oldest; /* seconds that the oldest due task waits; 0: none */
	int paused;
	char *reason;  /* of the pause, or NULL */
	int suspended; /* by "rq suspend", as are all queues */
	/* From Redis; -1: not known. */
	int64_t redis_length, redis_started, redis_scheduled, redis_failed;
	double redis_oldest;
};

struct metrics_collection {
	char *name, *model;
	int64_t dimensions, rows;
	int estimated; /* rows come from the planner's statistics */
	/* Documents. stale, older: pl.stored_documents; incomplete: lack
	 * chunks. */
	int64_t stored, stale, older, incomplete;
};

struct metrics {
	int postgres_up, redis_up;
	int redis_none;	     /* the environment says that there is none */
	int redis_suspended; /* by "rq suspend" */
	double postgres_seconds, redis_seconds; /* a round trip */
	/* Documents of the jobs that there are, by what became of them. */
	int64_t stored, unchanged, failed, canceled, waiting, in_flight;
	int64_t jobs[7];	  /* in the order of metrics_job_states */
	int64_t jobs_stuck;	  /* open, and should have ended */
	int64_t busy, idle, lost; /* workers */
	struct metrics_queue *queues;
	size_t n_queues;
	struct metrics_collection *collections;
	size_t n_collections;
	struct counter *counters;
	size_t n_counters;
};

extern const char *const metrics_job_states[7];

/* Fill m, which is of zeros, but for counters. 0, or -1 with db_error. */
int metrics_read(struct db *d, struct metrics *m);
/* Only the counters, as counters_fold left them. */
int metrics_read_counters(struct db *d, struct metrics *m);
/* Only the queues, as metrics_read. */
int metrics_read_queues(struct db *d, struct metrics *m);
/*
 * Measure only the round trip: the median of five, in seconds; -1 with
 * db_error.
 */
double metrics_round_trip(struct db *d);
/*
 * Queues with due tasks that no worker serves: rows of the queue, the queue
 * without its collection, and the number of tasks. The caller frees the result;
 * NULL with db_error.
 */
struct db_result *metrics_unserved(struct db *d);
/* The queue of that name, added if there is none. */
struct metrics_queue *metrics_queue(struct metrics *m, const char *name);
void metrics_free(struct metrics *m);

#endif
