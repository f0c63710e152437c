/*
 * heartbeat - the worker's row in Postgres
 *
 * The row shows people which workers are there. A worker with many documents
 * reads it to find idle workers; no other decision about a task depends on it.
 */
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#include <stddef.h>
#include <stdint.h>

struct db;

/* The worker's row: heartbeat, state, and work done since the last call. */
struct heartbeat {
	const char *name, *host;
	int pid;
	const char *const *queues;
	size_t n_queues;
	const char *collection;
	const char *status; /* idle, busy, stopping */
	int64_t tasks, documents, busy_milliseconds;
};
int heartbeat_send(struct db *db, const struct heartbeat *w);
/* How many other workers of the queues have nothing to do, or -1. */
int heartbeat_idle(struct db *db, const char *name, const char *const *queues,
    size_t n_queues);
/* Remove the worker's row. */
int heartbeat_end(struct db *db, const char *name);
/* Remove the rows of workers that died long ago. 0 or -1. */
int heartbeat_forget(struct db *db);

#endif
