/*
 * worker - workers as "rq info" shows them, and RQ's commands to them
 *
 * Results are as in queue.h.
 */
#ifndef QUEUE_WORKER_H
#define QUEUE_WORKER_H

#include <stddef.h>
#include <stdint.h>

struct queue;

/* A worker; what it points to is borrowed. */
struct queue_identity {
	const char *name; /* unique: host.pid.n */
	const char *const *queues;
	size_t count;
	int64_t pid;
	const char *host;
};
enum queue_worker_state { QUEUE_WORKER_IDLE, QUEUE_WORKER_BUSY };

/* 1 registered, 0 another living worker has that name, -1 failed. */
int queue_worker_birth(struct queue *q, const struct queue_identity *w);
/*
 * Call it at least every 10 s. Registers the worker again if Redis lost it. 0
 * or -1.
 */
int queue_worker_heartbeat(struct queue *q, const struct queue_identity *w,
    enum queue_worker_state state);
/* Call it after the last claim was settled. 0 or -1. */
int queue_worker_death(struct queue *q, const struct queue_identity *w);

/* What RQ's send_..._command functions ask of a worker. */
enum queue_command {
	QUEUE_SHUTDOWN, /* end when the current work is done */
	QUEUE_STOP	/* end the named task, then queue_stopped */
};
/*
 * The next command for the worker, without waiting. Commands have a connection
 * of their own, which is opened at the first call and when it was lost. 1 with
 * *what and, for QUEUE_STOP, *id (the caller frees it; else NULL); 0 none; -1
 * failed.
 */
int queue_hear(
    struct queue *q, const char *worker, enum queue_command *what, char **id);

#endif
