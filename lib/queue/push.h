/*
 * push - put tasks into a queue
 *
 * A task that is alive in Redis already is left alone, so that pushing again
 * does no harm. Results are as in queue.h.
 */
#ifndef QUEUE_PUSH_H
#define QUEUE_PUSH_H

#include <stddef.h>
#include <stdint.h>

struct queue;

struct queue_task {
	const char *id; /* the 36 characters of a UUID */
	const char *queue;
	const char *job_id; /* a UUID, too */
	const uint8_t (*document_ids)[16];
	size_t count;
	int64_t timeout_seconds; /* 0: 3600 */
	int at_front;
	int64_t run_at;		 /* unix seconds; 0 or the past: now */
	int attempts_max;	 /* 0: 3 */
	const char *description; /* NULL: made from the ids */
	const char *function;	 /* NULL: that of the options */
};

/*
 * Push n tasks. Tasks that have ended in Redis start again. Returns how many
 * were pushed, or -1: then some may have been pushed, and the caller should
 * push all again.
 */
int64_t queue_push(struct queue *q, const struct queue_task *tasks, size_t n);

#endif
