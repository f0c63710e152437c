#include "queue/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/periods.h"
#include "queue/handle.h"
#include "queue/rq_job.h"

/* Scripts are longer than the 4095 bytes that ISO C promises for a literal. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "lua_scripts.h"

enum { FUNCTION_MAX = 100 }; /* characters */

static const char *const texts[QUEUE_SCRIPTS] = {[QUEUE_CANCEL] = lua_cancel,
    [QUEUE_CLAIM] = lua_claim,
    [QUEUE_COMPLETE] = lua_complete,
    [QUEUE_DELETE] = lua_delete,
    [QUEUE_ENQUEUE] = lua_enqueue,
    [QUEUE_FAIL] = lua_fail,
    [QUEUE_PROMOTE] = lua_promote,
    [QUEUE_PRUNE] = lua_prune,
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
		q->options.lease_seconds = PERIOD_LEASE;
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
	redis_close(q->listener);
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

void
queue_place(const struct queue *q, struct buf *out)
{
	redis_place(q->redis, out);
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
