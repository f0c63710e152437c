/*
 * handle - what the parts of queue share
 *
 * A call begins a script, adds its arguments with redis_str and similar
 * functions, and reads one answer. Only files of lib/queue include this header.
 */
#ifndef QUEUE_HANDLE_H
#define QUEUE_HANDLE_H

#include "base/buf.h"
#include "net/redis.h"
#include "net/redis_reply.h"
#include "queue/options.h"

enum queue_script {
	QUEUE_CANCEL,
	QUEUE_CLAIM,
	QUEUE_COMPLETE,
	QUEUE_DELETE,
	QUEUE_ENQUEUE,
	QUEUE_FAIL,
	QUEUE_PROMOTE,
	QUEUE_PRUNE,
	QUEUE_REAP,
	QUEUE_REFUSE,
	QUEUE_RELEASE,
	QUEUE_RENEW,
	QUEUE_REQUEUE,
	QUEUE_RETRY,
	QUEUE_STATES,
	QUEUE_STATS,
	QUEUE_WORKER,
	QUEUE_SCRIPTS
};

enum {
	QUEUE_BATCH = 1000,  /* tasks in one script */
	QUEUE_KEEP = 1 << 20 /* memory kept between calls */
};

struct rq_job;

/* A claim that was asked for; names are borrowed from the caller. */
struct queue_ask {
	const char *const *queues;
	size_t n;
	const char *worker;
	char base[QUEUE_EXECUTION]; /* its executions' ids begin so */
	size_t max;
};

struct queue {
	struct redis *redis;
	struct redis *listener; /* subscribed to a worker's commands, or NULL */
	char *url;
	struct redis_script scripts[QUEUE_SCRIPTS];
	struct rq_job *job;
	struct queue_options options;
	char *function;
	struct buf data; /* of the task that is being sent */
	struct buf note;
	struct queue_ask ask;
	char *abandoned, *bad_id, *bad_status; /* exc_string texts */
};

/* Begin a call of a script with this number of keys. 0 or -1. */
int queue_begin(struct queue *q, enum queue_script script, size_t keys);
/* Finish the call. The integer that the script returns, or -1. */
int64_t queue_number(struct queue *q);

#endif
