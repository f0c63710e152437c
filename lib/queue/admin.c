/* The part of queue that keeps house: reaping, states, workers, numbers. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/time.h"
#include "queue/handle.h"
#include "queue/rq_job.h"
#include "tool/cli.h"

enum {
	CANCELED_TTL = 30 * 86400, /* seconds */
	ORPHAN_SECONDS = 30,	   /* > BLMOVE to wip of a living RQ worker */
	STATES_BATCH = 10000	   /* ids in one script, which reads the list */
};

int
queue_reap(struct queue *q, const char *queue, struct queue_reaped *counts)
{
	struct redis *r = q->redis;
	struct queue_reaped sum = {0};
	int64_t acted = QUEUE_BATCH;

	/* What is only watched for now stays; only what changed counts. */
	while (acted >= QUEUE_BATCH) {
		struct redisReply *reply;

		if (queue_begin(q, QUEUE_REAP, 1) != 0)
			return -1;
		redis_key(r, "rq:queue:", queue);
		redis_str(r, queue);
		redis_str(r, q->abandoned);
		redis_int(r, ORPHAN_SECONDS);
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

/* Call a script for n ids, a batch at a time; the sum of its answers or -1. */
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

/* Workers. */

static int
worker_call(struct queue *q, const struct queue_worker *w, const char *word,
    const char *state)
{
	struct redis *r = q->redis;

	if (queue_begin(q, QUEUE_WORKER, 1) != 0)
		return -1;
	redis_key(r, "rq:worker:", w->name);
	redis_str(r, word);
	redis_str(r, w->name);
	redis_str(r, state);
	redis_int(r, w->pid);
	redis_str(r, w->host ? w->host : "");
	redis_str(r, "pl/" PL_VERSION);
	redis_str(r, "");
	for (size_t i = 0; i < w->count; i++)
		redis_str(r, w->queues[i]);
	return (int)queue_number(q);
}

int
queue_worker_birth(struct queue *q, const struct queue_worker *w)
{
	return worker_call(q, w, "birth", "idle");
}

int
queue_worker_heartbeat(struct queue *q, const struct queue_worker *w,
    enum queue_worker_state state)
{
	static const char *const names[] = {"idle", "busy", "suspended"};

	return worker_call(q, w, "life", names[state]) < 0 ? -1 : 0;
}

int
queue_worker_death(struct queue *q, const struct queue_worker *w)
{
	return worker_call(q, w, "death", "") < 0 ? -1 : 0;
}

/* Commands. */

static int
listen_again(struct queue *q, const char *worker)
{
	struct redisReply *reply;
	const char *why;

	if (q->ear == NULL)
		q->ear = redis_open(q->url, q->options.timeout_ms, &why);
	if (q->ear == NULL) {
		redis_complain(q->redis, why);
		return -1;
	}
	redis_begin(q->ear, "SUBSCRIBE");
	redis_key(q->ear, "rq:pubsub:", worker);
	reply = redis_call(q->ear, 0);
	if (reply == NULL) {
		redis_blame(q->redis, q->ear);
		return -1;
	}
	redis_free(reply);
	return 0;
}

/* 1 when the message is a command that we know. */
static int
read_command(const char *text, size_t n, enum queue_command *what, char **id)
{
	yyjson_doc *doc = yyjson_read(text, n, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	yyjson_val *command = yyjson_obj_get(root, "command");
	yyjson_val *job = yyjson_obj_get(root, "job_id");
	int known = 0;

	*id = NULL;
	if (yyjson_equals_str(command, "shutdown")) {
		*what = QUEUE_SHUTDOWN;
		known = 1;
	} else if ((yyjson_equals_str(command, "stop-job") ||
		       yyjson_equals_str(command, "stop-execution")) &&
		   yyjson_is_str(job)) {
		*what = QUEUE_STOP;
		*id = x_memdup(yyjson_get_str(job), yyjson_get_len(job));
		known = 1;
	}
	yyjson_doc_free(doc);
	return known;
}

int
queue_hear(
    struct queue *q, const char *worker, enum queue_command *what, char **id)
{
	struct redisReply *reply;
	int status, known = 0;

	if ((q->ear == NULL || !redis_connected(q->ear)) &&
	    listen_again(q, worker) != 0)
		return -1;
	while (!known && (status = redis_hear(q->ear, 0, &reply)) == 1) {
		size_t n;
		const char *text = redis_text(redis_item(reply, 2), &n);

		if (text != NULL)
			known = read_command(text, n, what, id);
		redis_free(reply);
	}
	if (known || status == 0)
		return known;
	redis_blame(q->redis, q->ear);
	return -1;
}

/* Flags and numbers. */

int
queue_suspended(struct queue *q)
{
	redis_begin(q->redis, "EXISTS");
	redis_str(q->redis, "rq:suspended");
	return (int)queue_number(q);
}

int
queue_pause(struct queue *q, const char *queue, const char *reason,
    int64_t probe_after, int64_t probe_every)
{
	struct redis *r = q->redis;
	struct redisReply *reply;

	redis_begin(r, "HSET");
	redis_key(r, "pl:paused:", queue);
	redis_str(r, "reason");
	redis_str(r, reason);
	redis_str(r, "probe_at");
	redis_int(r, probe_after > 0 ? time_unix() + probe_after : 0);
	redis_str(r, "probe_every");
	redis_int(r, probe_every);
	reply = redis_call(r, 0);
	if (reply == NULL)
		return -1;
	redis_free(reply);
	return 0;
}

int
queue_resume(struct queue *q, const char *queue)
{
	redis_begin(q->redis, "DEL");
	redis_key(q->redis, "pl:paused:", queue);
	return (int)queue_number(q);
}

int
queue_paused(struct queue *q, const char *queue, char **reason)
{
	struct redisReply *reply;
	const char *s, *probe_at;
	size_t n;
	int paused = 0;

	redis_begin(q->redis, "HMGET");
	redis_key(q->redis, "pl:paused:", queue);
	redis_str(q->redis, "reason");
	redis_str(q->redis, "probe_at");
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	s = redis_text(redis_item(reply, 0), &n);
	probe_at = redis_text(redis_item(reply, 1), NULL);
	if (s != NULL)
		paused = probe_at && strcmp(probe_at, "0") != 0 ? 2 : 1;
	*reason = s ? x_memdup(s, n) : NULL;
	redis_free(reply);
	return paused;
}

int
queue_stats(struct queue *q, const char *queue, struct queue_stats *out)
{
	int64_t *const numbers[] = {&out->length, &out->started,
	    &out->scheduled, &out->failed, &out->finished, &out->deferred,
	    &out->canceled, &out->busy, &out->idle, &out->suspended};
	enum { NUMBERS = sizeof(numbers) / sizeof(*numbers) };
	struct redisReply *reply;
	const char *s;
	size_t n;
	int64_t then;

	*out = (struct queue_stats){0};
	if (queue_begin(q, QUEUE_STATS, 1) != 0)
		return -1;
	redis_key(q->redis, "rq:queue:", queue);
	redis_str(q->redis, queue);
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	for (size_t i = 0; i < NUMBERS; i++)
		*numbers[i] = redis_number(redis_item(reply, i));
	s = redis_text(redis_item(reply, NUMBERS), &n);
	if (s != NULL && rq_job_untime(s, n, &then) == 0)
		out->oldest =
		    (double)redis_number(redis_item(reply, NUMBERS + 1)) -
		    (double)then / 1e6;
	if (out->oldest < 0)
		out->oldest = 0;
	out->paused = redis_text(redis_item(reply, NUMBERS + 2), NULL) != NULL;
	redis_free(reply);
	return 0;
}

/* The texts of an array reply without their prefix, in one block; how many. */
static size_t
to_texts(const struct redisReply *reply, const char *prefix, char ***out)
{
	size_t n, bytes = 0, count = 0, skip = strlen(prefix);
	char *text;

	for (size_t i = 0; i < redis_count(reply); i++) {
		redis_text(redis_item(reply, i), &n);
		bytes += sizeof(char *) + n + 1;
	}
	*out = x_calloc(bytes, 1);
	text = (char *)(*out + redis_count(reply));
	for (size_t i = 0; i < redis_count(reply); i++) {
		const char *s = redis_text(redis_item(reply, i), &n);

		if (s == NULL || n < skip || memcmp(s, prefix, skip) != 0)
			continue;
		(*out)[count++] = memcpy(text, s + skip, n - skip + 1);
		text += n - skip + 1;
	}
	return count;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int64_t
queue_names(struct queue *q, char ***names)
{
	struct redisReply *reply;
	size_t count;

	redis_begin(q->redis, "SMEMBERS");
	redis_str(q->redis, "rq:queues");
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	count = to_texts(reply, "rq:queue:", names);
	redis_free(reply);
	qsort(*names, count, sizeof(**names), by_name);
	return (int64_t)count;
}

int64_t
queue_ids(struct queue *q, const char *queue, enum queue_state where,
    size_t from, size_t max, char ***ids)
{
	static const char *const keys[] = {[QUEUE_QUEUED] = "rq:queue:",
	    [QUEUE_STARTED] = "rq:wip:",
	    [QUEUE_FINISHED] = "rq:finished:",
	    [QUEUE_FAILED] = "rq:failed:",
	    [QUEUE_SCHEDULED] = "rq:scheduled:",
	    [QUEUE_DEFERRED] = "rq:deferred:",
	    [QUEUE_CANCELED] = "rq:canceled:",
	    [QUEUE_UNKNOWN] = NULL};
	struct redisReply *reply;
	size_t count;

	if (keys[where] == NULL || max == 0) {
		*ids = x_calloc(1, sizeof(**ids));
		return 0;
	}
	redis_begin(q->redis, where == QUEUE_QUEUED ? "LRANGE" : "ZRANGE");
	redis_key(q->redis, keys[where], queue);
	redis_int(q->redis, (int64_t)from);
	redis_int(q->redis, (int64_t)(from + max - 1));
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	count = to_texts(reply, "", ids);
	redis_free(reply);
	for (size_t i = 0; i < count; i++) {
		const char *execution;
		size_t n =
		    rq_job_member((*ids)[i], strlen((*ids)[i]), &execution);

		(*ids)[i][n] = '\0';
	}
	return (int64_t)count;
}

double
queue_ping(struct queue *q)
{
	double begun;
	struct redisReply *reply;

	/* The first call may have to connect; it is the second that counts. */
	if (queue_suspended(q) < 0)
		return -1;
	begun = time_now();
	redis_begin(q->redis, "PING");
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	redis_free(reply);
	return time_now() - begun;
}
