#include "queue/settle.h"

#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/time.h"
#include "queue/claim.h"
#include "queue/handle.h"
#include "queue/rq_job.h"

/* A longer script would make other clients wait. */
enum { COMPLETE_BATCH = 250 };

/* Add the argument: seconds of work on the claim. */
static void
add_seconds(struct redis *r, const struct queue_claim *claim)
{
	char seconds[32];

	snprintf(
	    seconds, sizeof(seconds), "%.6f", time_now() - claim->claimed_at);
	redis_str(r, seconds);
}

/* Add the arguments for one claim of a script that takes many. */
static void
add_execution(struct redis *r, const struct queue_claim *claim)
{
	redis_str(r, claim->queue);
	redis_str(r, claim->id);
	redis_str(r, claim->execution);
	add_seconds(r, claim);
}

/*
 * Begin a script for one claim, with the arguments that all these scripts take.
 */
static int
begin_settle(struct queue *q, enum queue_script script, const char *worker,
    const struct queue_claim *claim)
{
	struct redis *r = q->redis;

	if (queue_begin(q, script, 1) != 0)
		return -1;
	redis_key(r, "rq:job:", claim->id);
	redis_str(r, claim->queue);
	redis_str(r, claim->id);
	redis_str(r, claim->execution);
	redis_str(r, worker);
	add_seconds(r, claim);
	return 0;
}

int
queue_renew(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], size_t n, int lost[])
{
	struct redis *r = q->redis;
	struct redisReply *reply;

	if (queue_begin(q, QUEUE_RENEW, 1) != 0)
		return -1;
	redis_key(r, "rq:worker:", worker);
	redis_str(r, worker);
	redis_int(r, q->options.lease_seconds);
	for (size_t i = 0; i < n; i++)
		add_execution(r, claims[i]);
	reply = redis_call(r, 0);
	if (reply == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		lost[i] = redis_number(redis_item(reply, i)) != 1;
	redis_free(reply);
	return 0;
}

/* Begin one call for n claims. 0 or -1. */
static int
begin_complete(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n)
{
	struct redis *r = q->redis;

	if (queue_begin(q, QUEUE_COMPLETE, n) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		redis_key(r, "rq:job:", claims[i]->id);
	redis_str(r, worker);
	for (size_t i = 0; i < n; i++) {
		add_execution(r, claims[i]);
		buf_reset(&q->data, QUEUE_KEEP);
		if (results != NULL && results[i] != NULL)
			encode_base64(&q->data, results[i], strlen(results[i]));
		redis_add(r, q->data.len > 0 ? q->data.data : "", q->data.len);
	}
	return 0;
}

/*
 * Complete all claims, a bounded number in a call. *count is how many were
 * done. 0 or -1.
 */
static int
complete_all(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n, int done[], int *count)
{
	*count = 0;
	for (size_t i = 0, some; i < n; i += some) {
		struct redisReply *reply;

		some = n - i < COMPLETE_BATCH ? n - i : COMPLETE_BATCH;
		if (begin_complete(q, worker, claims + i,
			results ? results + i : NULL, some) != 0)
			return -1;
		reply = redis_call(q->redis, 0);
		if (reply == NULL)
			return -1;
		for (size_t k = 0; k < some; k++) {
			int one = (int)redis_number(redis_item(reply, k));

			*count += one;
			if (done != NULL)
				done[i + k] = one;
		}
		redis_free(reply);
	}
	return 0;
}

/* Begin and post a call. 0 or -1. */
static int
post_complete(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n)
{
	if (begin_complete(q, worker, claims, results, n) != 0)
		return -1;
	return redis_post(q->redis);
}

int
queue_complete_later(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n)
{
	for (size_t i = 0, some; i < n; i += some) {
		const char *const *r = results ? results + i : NULL;

		some = n - i < COMPLETE_BATCH ? n - i : COMPLETE_BATCH;
		/* If the connection was cut, try once more on a new one. */
		if (post_complete(q, worker, claims + i, r, some) != 0 &&
		    (!redis_lost(q->redis) ||
			post_complete(q, worker, claims + i, r, some) != 0))
			return -1;
	}
	return 0;
}

int
queue_complete(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *result)
{
	int done;

	if (queue_complete_many(q, worker, &claim, &result, 1, &done) == -1)
		return -1;
	return done;
}

int
queue_complete_many(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n, int done[])
{
	int count;

	if (complete_all(q, worker, claims, results, n, done, &count) == 0)
		return count;
	return -1;
}

/* End a claim as failed or stopped: status is RQ's word. */
static int
end_badly(struct queue *q, const char *worker, const struct queue_claim *claim,
    const char *status, const char *text)
{
	if (begin_settle(q, QUEUE_FAIL, worker, claim) != 0)
		return -1;
	buf_reset(&q->data, QUEUE_KEEP);
	rq_job_text(q->job, &q->data, text, strlen(text));
	redis_add(q->redis, q->data.data, q->data.len);
	redis_str(q->redis, status);
	return (int)queue_number(q);
}

int
queue_fail(struct queue *q, const char *worker, const struct queue_claim *claim,
    const char *text)
{
	return end_badly(q, worker, claim, "failed", text);
}

int
queue_stopped(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *text)
{
	return end_badly(q, worker, claim, "stopped", text);
}

int
queue_retry(struct queue *q, const char *worker,
    const struct queue_claim *claim, double delay)
{
	char text[32];

	if (begin_settle(q, QUEUE_RETRY, worker, claim) != 0)
		return -1;
	snprintf(text, sizeof(text), "%.3f", delay > 0 ? delay : 0.0);
	redis_str(q->redis, text);
	return (int)queue_number(q);
}

int
queue_release(
    struct queue *q, const char *worker, const struct queue_claim *claim)
{
	if (begin_settle(q, QUEUE_RELEASE, worker, claim) != 0)
		return -1;
	return (int)queue_number(q);
}
