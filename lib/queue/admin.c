#include "queue/admin.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/periods.h"
#include "queue/claim.h"
#include "queue/handle.h"
#include "queue/rq_job.h"

enum {
	CANCELED_TTL = 30 * 86400, /* seconds */
	STATES_BATCH = 10000	   /* ids in one script: each reads the list */
};

int
queue_reap(struct queue *q, const char *queue, struct queue_reaped *counts)
{
	struct redis *r = q->redis;
	struct queue_reaped sum = {0};
	int64_t acted = QUEUE_BATCH;

	/* Entries that are only watched stay, so only changes count. */
	while (acted >= QUEUE_BATCH) {
		struct redisReply *reply;

		if (queue_begin(q, QUEUE_REAP, 1) != 0)
			return -1;
		redis_key(r, "rq:queue:", queue);
		redis_str(r, queue);
		redis_str(r, q->abandoned);
		redis_int(r, PERIOD_ORPHAN);
		redis_int(r, QUEUE_BATCH);
		reply = redis_call(r, 0);
		if (reply == NULL)
			return -1;
		sum.requeued += (uint64_t)redis_number(redis_item(reply, 0));
		sum.failed += (uint64_t)redis_number(redis_item(reply, 1));
		sum.dropped += (uint64_t)redis_number(redis_item(reply, 2));
		acted = redis_number(redis_item(reply, 0)) +
			redis_number(redis_item(reply, 1)) +
			redis_number(redis_item(reply, 2));
		redis_free(reply);
	}
	if (counts != NULL)
		*counts = sum;
	return 0;
}

int64_t
queue_promote(struct queue *q, const char *queue)
{
	struct redis *r = q->redis;
	int64_t sum = 0, queued = QUEUE_BATCH;

	while (queued == QUEUE_BATCH) {
		if (queue_begin(q, QUEUE_PROMOTE, 2) != 0)
			return -1;
		redis_key(r, "rq:queue:", queue);
		redis_key(r, "rq:scheduled:", queue);
		redis_str(r, queue);
		redis_int(r, (int64_t)getpid());
		redis_str(r, "pl");
		redis_int(r, QUEUE_BATCH);
		queued = queue_number(q);
		if (queued < 0)
			return -1;
		sum += queued;
	}
	return sum;
}

/* Call a script for n ids, a batch at a time. The sum of its results, or -1. */
static int64_t
for_ids(struct queue *q, enum queue_script script, const char *const ids[],
    size_t n, int64_t first)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n;) {
		size_t end = n - i > QUEUE_BATCH ? i + QUEUE_BATCH : n;
		int64_t v;

		if (queue_begin(q, script, 0) != 0)
			return -1;
		if (first >= 0)
			redis_int(q->redis, first);
		for (; i < end; i++)
			if (rq_job_id_ok(ids[i], strlen(ids[i])))
				redis_str(q->redis, ids[i]);
		v = queue_number(q);
		if (v < 0)
			return -1;
		sum += v;
	}
	return sum;
}

int64_t
queue_cancel(struct queue *q, const char *const ids[], size_t n)
{
	return for_ids(q, QUEUE_CANCEL, ids, n, CANCELED_TTL);
}

int64_t
queue_requeue(struct queue *q, const char *const ids[], size_t n)
{
	return for_ids(q, QUEUE_REQUEUE, ids, n, -1);
}

int64_t
queue_delete(struct queue *q, const char *const ids[], size_t n)
{
	return for_ids(q, QUEUE_DELETE, ids, n, -1);
}

static const char *const state_names[] = {[QUEUE_ABSENT] = "absent",
    [QUEUE_QUEUED] = "queued",
    [QUEUE_UNLISTED] = "unlisted",
    [QUEUE_STARTED] = "started",
    [QUEUE_FINISHED] = "finished",
    [QUEUE_FAILED] = "failed",
    [QUEUE_SCHEDULED] = "scheduled",
    [QUEUE_DEFERRED] = "deferred",
    [QUEUE_STOPPED] = "stopped",
    [QUEUE_CANCELED] = "canceled",
    [QUEUE_UNKNOWN] = "unknown"};

const char *
queue_state_name(enum queue_state state)
{
	return state_names[state];
}

static enum queue_state
state_of(const struct redisReply *reply)
{
	const char *s = redis_text(reply, NULL);

	if (s == NULL || *s == '\0')
		return QUEUE_ABSENT;
	for (int i = QUEUE_QUEUED; i < QUEUE_UNKNOWN; i++)
		if (strcmp(s, state_names[i]) == 0)
			return (enum queue_state)i;
	return QUEUE_UNKNOWN;
}

int
queue_states(
    struct queue *q, const char *const ids[], size_t n, enum queue_state out[])
{
	for (size_t i = 0; i < n;) {
		size_t count = n - i > STATES_BATCH ? STATES_BATCH : n - i;
		struct redisReply *reply;

		if (queue_begin(q, QUEUE_STATES, 0) != 0)
			return -1;
		redis_int(q->redis, 1);
		for (size_t k = 0; k < count; k++)
			redis_str(q->redis, ids[i + k]);
		reply = redis_call(q->redis, 0);
		if (reply == NULL)
			return -1;
		for (size_t k = 0; k < count; k++)
			out[i + k] = state_of(redis_item(reply, k));
		redis_free(reply);
		i += count;
	}
	return 0;
}

int64_t
queue_listed(struct queue *q, const char *queue, int64_t from, size_t max,
    char ***ids, size_t *seen)
{
	struct redisReply *reply;
	size_t n, bytes = 1, count = 0;
	char *text;

	redis_begin(q->redis, "LRANGE");
	redis_key(q->redis, "rq:queue:", queue);
	redis_int(q->redis, from);
	redis_int(q->redis, from + (int64_t)max - 1);
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	*seen = redis_count(reply);
	for (size_t i = 0; i < *seen; i++) {
		redis_text(redis_item(reply, i), &n);
		bytes += sizeof(char *) + n + 1;
	}
	*ids = x_calloc(bytes, 1);
	text = (char *)(*ids + *seen);
	for (size_t i = 0; i < *seen; i++) {
		const char *s = redis_text(redis_item(reply, i), &n);

		if (s == NULL || !rq_job_id_ok(s, n))
			continue;
		(*ids)[count++] = memcpy(text, s, n + 1);
		text += n + 1;
	}
	redis_free(reply);
	return (int64_t)count;
}

int
queue_peek_waiting(struct queue *q, const char *id, struct queue_claim *out)
{
	enum queue_state state;

	if (queue_states(q, &id, 1, &state) == -1)
		return -1;
	return state == QUEUE_QUEUED ? queue_peek(q, id, out) : 0;
}

int64_t
queue_unlist(struct queue *q, const char *queue, const char *id)
{
	redis_begin(q->redis, "LREM");
	redis_key(q->redis, "rq:queue:", queue);
	redis_int(q->redis, 0);
	redis_str(q->redis, id);
	return queue_number(q);
}

int
queue_refuse(
    struct queue *q, const char *queue, const char *id, const char *text)
{
	if (queue_begin(q, QUEUE_REFUSE, 0) != 0)
		return -1;
	redis_str(q->redis, queue);
	buf_reset(&q->data, QUEUE_KEEP);
	rq_job_text(q->job, &q->data, text, strlen(text));
	redis_add(q->redis, q->data.data, q->data.len);
	redis_str(q->redis, id);
	return (int)queue_number(q);
}
