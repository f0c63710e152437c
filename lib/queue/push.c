#include "queue/push.h"

#include <stdio.h>
#include <string.h>

#include "queue/handle.h"
#include "queue/queue.h"
#include "queue/rq_job.h"

enum {
	RESULT_TTL = 500, /* seconds; RQ's own default */
	FAILURE_TTL = 30 * 86400,
	TIMEOUT = 3600,
	ATTEMPTS = 3,
	BATCH_BYTES = 1 << 20, /* of data in one script */
	IN_FLIGHT = 2	       /* scripts sent and not answered */
};

static void
add_task(struct queue *q, const struct queue_task *t)
{
	struct redis *r = q->redis;
	const char *function = q->function;
	char text[192];

	/* The name goes into JSON without escapes, so it is checked. */
	if (t->function != NULL && queue_function_ok(t->function))
		function = t->function;
	buf_reset(&q->data, QUEUE_KEEP);
	rq_job_encode(
	    q->job, &q->data, function, t->job_id, t->document_ids, t->count);
	redis_str(r, t->id);
	redis_add(r, q->data.data, q->data.len);
	redis_int(r, t->timeout_seconds > 0 ? t->timeout_seconds : TIMEOUT);
	redis_int(r, t->attempts_max > 0 ? t->attempts_max : ATTEMPTS);
	snprintf(text, sizeof(text), "%s('%s', [%zu documents])", function,
	    t->job_id, t->count);
	redis_str(r, t->description ? t->description : text);
	redis_int(r, t->run_at);
	redis_int(r, t->at_front != 0);
}

/*
 * Append one script call for the first tasks, as many as fit: of one queue,
 * with a bounded number and size. Returns how many, or 0 on failure.
 */
static size_t
append_batch(struct queue *q, const struct queue_task *tasks, size_t n)
{
	struct redis *r = q->redis;
	size_t i = 0, bytes = 0;

	if (queue_begin(q, QUEUE_ENQUEUE, 1) != 0)
		return 0;
	redis_key(r, "rq:queue:", tasks->queue);
	redis_str(r, tasks->queue);
	redis_int(r, RESULT_TTL);
	redis_int(r, FAILURE_TTL);
	do {
		add_task(q, &tasks[i++]);
		bytes += q->data.len;
	} while (i < n && i < QUEUE_BATCH && bytes < BATCH_BYTES &&
		 strcmp(tasks[i].queue, tasks->queue) == 0);
	redis_append(r);
	return i;
}

static int
check_tasks(struct queue *q, const struct queue_task *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rq_job_id_ok(tasks[i].id, strlen(tasks[i].id)) &&
		    rq_job_id_ok(tasks[i].job_id, strlen(tasks[i].job_id)))
			continue;
		redis_complain(q->redis, "a task's id or job id is not a UUID");
		return -1;
	}
	return 0;
}

/*
 * Keep two calls in flight, so that both sides work at once. *done counts the
 * tasks whose call was answered. 0 or -1.
 */
static int
push_some(struct queue *q, const struct queue_task *tasks, size_t n,
    size_t *done, int64_t *pushed)
{
	size_t sizes[IN_FLIGHT] = {0}, sent = *done, calls = 0, answers = 0;

	while (*done < n) {
		struct redisReply *reply;

		if (sent < n && calls - answers < IN_FLIGHT) {
			size_t k = append_batch(q, tasks + sent, n - sent);

			if (k == 0 || redis_send(q->redis) != 0)
				return -1;
			sizes[calls++ % IN_FLIGHT] = k;
			sent += k;
			continue;
		}
		reply = redis_next(q->redis);
		if (reply == NULL) {
			/* A later call would get the other answer. */
			if (calls - answers > 1)
				redis_drop(q->redis);
			return -1;
		}
		*done += sizes[answers++ % IN_FLIGHT];
		*pushed += redis_number(reply);
		redis_free(reply);
	}
	return 0;
}

int64_t
queue_push(struct queue *q, const struct queue_task *tasks, size_t n)
{
	size_t done = 0;
	int64_t pushed = 0;

	if (check_tasks(q, tasks, n) != 0)
		return -1;
	if (push_some(q, tasks, n, &done, &pushed) == 0)
		return pushed;
	if (redis_lost(q->redis) && push_some(q, tasks, n, &done, &pushed) == 0)
		return pushed;
	return -1;
}
