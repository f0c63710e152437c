#include "queue/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "queue/handle.h"
#include "queue/rq_job.h"

/* Scripts are longer than the 4095 bytes that ISO C promises for a literal. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "lua_scripts.h"

enum {
	RESULT_TTL = 500, /* seconds; RQ's own default */
	FAILURE_TTL = 30 * 86400,
	TIMEOUT = 3600,
	ATTEMPTS = 3,
	FUNCTION_MAX = 100,    /* characters */
	BATCH_BYTES = 1 << 20, /* of data in one script */
	IN_FLIGHT = 2	       /* scripts sent and not answered */
};

static const char *const texts[QUEUE_SCRIPTS] = {[QUEUE_CANCEL] = lua_cancel,
    [QUEUE_CLAIM] = lua_claim,
    [QUEUE_COMPLETE] = lua_complete,
    [QUEUE_DELETE] = lua_delete,
    [QUEUE_ENQUEUE] = lua_enqueue,
    [QUEUE_FAIL] = lua_fail,
    [QUEUE_PROMOTE] = lua_promote,
    [QUEUE_REAP] = lua_reap,
    [QUEUE_REFUSE] = lua_refuse,
    [QUEUE_RELEASE] = lua_release,
    [QUEUE_RENEW] = lua_renew,
    [QUEUE_REQUEUE] = lua_requeue,
    [QUEUE_RETRY] = lua_retry,
    [QUEUE_STATES] = lua_states,
    [QUEUE_STATS] = lua_stats,
    [QUEUE_WORKER] = lua_worker};

static char *
make_text(struct queue *q, const char *text)
{
	struct buf b = {0};

	rq_job_text(q->job, &b, text, strlen(text));
	return b.data;
}

struct queue *
queue_open(
    const char *url, const struct queue_options *options, const char **why)
{
	struct queue *q = x_calloc(1, sizeof(*q));

	if (options != NULL)
		q->options = *options;
	if (q->options.lease_seconds <= 0)
		q->options.lease_seconds = QUEUE_LEASE;
	q->redis = redis_open(url, q->options.timeout_ms, why);
	if (q->redis == NULL) {
		queue_close(q);
		return NULL;
	}
	q->url = x_strdup(url);
	q->function = x_strdup(
	    q->options.function ? q->options.function : "process_documents");
	for (int i = 0; i < QUEUE_SCRIPTS; i++) {
		q->scripts[i].head = lua_common;
		q->scripts[i].text = texts[i];
	}
	q->job = rq_job_new();
	q->abandoned = make_text(
	    q, "AbandonedJobError: the worker died, and no attempt is left");
	q->bad_id = make_text(
	    q, "refused: the id may hold letters, digits, _ and - only");
	q->bad_status = make_text(q, "refused: RQ has no such status");
	return q;
}

int
queue_function_ok(const char *s)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	size_t n;

	if (strlen(s) > FUNCTION_MAX)
		return 0;
	for (;;) {
		n = strspn(s, first);
		if (n == 0)
			return 0;
		while (strspn(s + n, first) > 0 || (s[n] >= '0' && s[n] <= '9'))
			n++;
		if (s[n] == '\0')
			return 1;
		if (s[n] != '.')
			return 0;
		s += n + 1;
	}
}

void
queue_close(struct queue *q)
{
	if (q == NULL)
		return;
	redis_close(q->redis);
	redis_close(q->ear);
	rq_job_free(q->job);
	free(q->url);
	free(q->function);
	free(q->abandoned);
	free(q->bad_id);
	free(q->bad_status);
	buf_free(&q->data);
	buf_free(&q->note);
	free(q);
}

const char *
queue_error(const struct queue *q)
{
	return redis_error(q->redis);
}

int
queue_unavailable(const struct queue *q)
{
	return redis_unavailable(q->redis);
}

int
queue_is_none(const struct queue *q)
{
	return redis_is_none(q->redis);
}

const char *
queue_note(const struct queue *q)
{
	return q->note.len > 0 ? q->note.data : NULL;
}

int
queue_begin(struct queue *q, enum queue_script script, size_t keys)
{
	return redis_begin_script(q->redis, &q->scripts[script], keys);
}

int64_t
queue_number(struct queue *q)
{
	struct redisReply *reply = redis_call(q->redis, 0);
	int64_t v = reply ? redis_number(reply) : -1;

	redis_free(reply);
	return v;
}

/* Pushing. */

static void
add_task(struct queue *q, const struct queue_task *t)
{
	struct redis *r = q->redis;
	const char *function = q->function;
	char text[192];

	/* It goes into JSON as it is. */
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
 * Append one script call for the first of the tasks that fit it: one queue, a
 * bounded number and size. How many, or 0 on failure.
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
 * Keep two calls on their way, so that both sides work at once. *done counts
 * the tasks whose call was answered. 0 or -1.
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
			/* The other answer would be taken for a later one's. */
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
