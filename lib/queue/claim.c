#include "queue/claim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"
#include "queue/handle.h"
#include "queue/rq_job.h"

/*
 * A further result of a claim: the call must be repeated, as it met too many
 * unfit tasks.
 */
enum { CLAIM_AGAIN = -4 };

static void
random_base(char out[static QUEUE_EXECUTION])
{
	unsigned char p[14];
	size_t done = 0;

	while (done < sizeof(p)) {
		ssize_t n = getrandom(p + done, sizeof(p) - done, 0);

		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			abort();
	}
	/* A version 4 UUID, as RQ's are; the last 4 digits count claims. */
	p[6] = (unsigned char)(0x40 | (p[6] & 0x0F));
	p[8] = (unsigned char)(0x80 | (p[8] & 0x3F));
	for (size_t i = 0; i < sizeof(p); i++)
		snprintf(out + 2 * i, 3, "%02x", p[i]);
}

static int64_t
number_or(
    const struct redisReply *reply, int64_t lo, int64_t hi, int64_t fallback)
{
	const char *s = redis_text(reply, NULL);
	int64_t v = fallback;

	if (s != NULL)
		num_int(s, lo, hi, &v);
	return v;
}

static void
read_when(const struct redisReply *reply, struct queue_claim *out)
{
	size_t n;
	const char *s = redis_text(reply, &n);

	if (s == NULL || rq_job_parse_time(s, n, &out->enqueued_at) != 0)
		out->enqueued_at = 0;
}

static void
read_payload(
    struct queue *q, const char *data, size_t n, struct queue_claim *out)
{
	struct rq_job_call call;

	if (rq_job_decode(
		q->job, data, n, q->function, &call, &out->malformed) == 0) {
		memcpy(out->job_id, call.job_id, sizeof(out->job_id));
		out->document_ids = call.document_ids;
		out->count = call.count;
		out->malformed = NULL;
	}
}

/*
 * {queue, id, execution, data, bytes, timeout, attempt, allowed, enqueued,
 * probe}
 */
static void
read_claim(
    struct queue *q, const struct redisReply *item, struct queue_claim *out)
{
	size_t n;
	const char *s = redis_text(redis_item(item, 0), &n);

	*out = (struct queue_claim){.claimed_at = time_now()};
	out->queue = x_memdup(s ? s : "", n);
	s = redis_text(redis_item(item, 1), &n);
	out->id = x_memdup(s ? s : "", n);
	s = redis_text(redis_item(item, 2), &n);
	if (s != NULL && n < sizeof(out->execution))
		memcpy(out->execution, s, n);
	out->timeout_seconds =
	    number_or(redis_item(item, 5), -1, INT32_MAX, 180);
	out->attempt = redis_number(redis_item(item, 6));
	out->attempts_max = redis_number(redis_item(item, 7));
	read_when(redis_item(item, 8), out);
	out->probe = redis_number(redis_item(item, 9)) == 1;
	s = redis_text(redis_item(item, 3), &n);
	if (s == NULL)
		out->malformed = "the payload is too large";
	else
		read_payload(q, s, n, out);
}

int
queue_peek(struct queue *q, const char *id, struct queue_claim *out)
{
	static const char *const names[] = {"origin", "data", "timeout",
	    "pl_attempts", "pl_max_attempts", "enqueued_at"};
	enum { NAMES = sizeof(names) / sizeof(*names) };
	struct redisReply *reply;
	const char *s, *data;
	size_t n, bytes;

	redis_begin(q->redis, "HMGET");
	redis_key(q->redis, "rq:job:", id);
	for (size_t i = 0; i < NAMES; i++)
		redis_str(q->redis, names[i]);
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	data = redis_text(redis_item(reply, 1), &bytes);
	if (data == NULL) {
		redis_free(reply);
		return 0;
	}
	*out = (struct queue_claim){.id = x_strdup(id)};
	s = redis_text(redis_item(reply, 0), &n);
	out->queue = x_memdup(s ? s : "", n);
	out->timeout_seconds =
	    number_or(redis_item(reply, 2), -1, INT32_MAX, 180);
	out->attempt = number_or(redis_item(reply, 3), 0, INT32_MAX, 0);
	out->attempts_max = number_or(redis_item(reply, 4), 0, INT32_MAX, 3);
	read_when(redis_item(reply, 5), out);
	read_payload(q, data, bytes, out);
	redis_free(reply);
	return 1;
}

static void
read_notes(struct queue *q, const struct redisReply *notes)
{
	for (size_t i = 0; i < redis_count(notes); i++) {
		size_t n, begin_at = q->note.len;
		const char *s = redis_text(redis_item(notes, i), &n);

		if (begin_at > 0)
			buf_putc(&q->note, '\n');
		begin_at = q->note.len;
		buf_add(&q->note, s ? s : "", n);
		/* An id may hold anything; the log gets one line of text. */
		for (size_t k = begin_at; k < q->note.len; k++)
			if ((unsigned char)q->note.data[k] < ' ' ||
			    (unsigned char)q->note.data[k] > '~')
				q->note.data[k] = '?';
	}
}

/* again: an earlier answer was lost. 0 or -1. */
static int
begin_claim(struct queue *q, int again)
{
	const struct queue_ask *ask = &q->ask;
	struct redis *r = q->redis;

	if (queue_begin(q, QUEUE_CLAIM, ask->n + 1) != 0)
		return -1;
	redis_key(r, "rq:worker:", ask->worker);
	for (size_t i = 0; i < ask->n; i++)
		redis_key(r, "rq:queue:", ask->queues[i]);
	redis_str(r, ask->worker);
	redis_str(r, ask->base);
	redis_int(r, (int64_t)ask->max);
	redis_int(r, q->options.lease_seconds);
	redis_int(r, q->options.plain);
	redis_int(r, RQ_JOB_DATA_MAX);
	redis_int(r, again);
	redis_str(r, q->bad_id);
	redis_str(r, q->bad_status);
	for (size_t i = 0; i < ask->n; i++)
		redis_str(r, ask->queues[i]);
	return 0;
}

/* The script's first word as a result. */
static int
claim_word(const struct redisReply *reply)
{
	const char *word = redis_text(redis_item(reply, 0), NULL);

	if (word != NULL && strcmp(word, "suspended") == 0)
		return QUEUE_SUSPENDED;
	if (word != NULL && strcmp(word, "paused") == 0)
		return QUEUE_PAUSED;
	if (word != NULL && strcmp(word, "again") == 0)
		return CLAIM_AGAIN;
	return QUEUE_NOTHING;
}

int
queue_ask(struct queue *q, const char *const queues[], size_t n,
    const char *worker, size_t max)
{
	q->ask = (struct queue_ask){.queues = queues,
	    .n = n,
	    .worker = worker,
	    .max = max < QUEUE_CLAIM_MAX ? max : QUEUE_CLAIM_MAX};
	random_base(q->ask.base);
	if (begin_claim(q, 0) != 0)
		return -1;
	/* If the call is lost, queue_take repeats it. */
	return redis_ask(q->redis) == 0 || redis_lost(q->redis) ? 0 : -1;
}

/* Read the claims of one answer. How many, or the status if there are none. */
static int
read_claims(
    struct queue *q, const struct redisReply *reply, struct queue_claim out[])
{
	size_t count = redis_count(redis_item(reply, 1));

	if (count > q->ask.max)
		count = q->ask.max;
	for (size_t i = 0; i < count; i++)
		read_claim(q, redis_item(redis_item(reply, 1), i), &out[i]);
	read_notes(q, redis_item(reply, 2));
	return count > 0 ? (int)count : claim_word(reply);
}

int
queue_take(struct queue *q, struct queue_claim out[])
{
	struct redisReply *reply = redis_answer(q->redis);
	int status = CLAIM_AGAIN;

	buf_reset(&q->note, QUEUE_KEEP);
	/* The repetition returns the claims of the lost answer. */
	if (reply == NULL && redis_lost(q->redis) && begin_claim(q, 1) == 0)
		reply = redis_call(q->redis, 1);
	while (reply != NULL) {
		status = read_claims(q, reply, out);
		redis_free(reply);
		reply = NULL;
		if (status == CLAIM_AGAIN && begin_claim(q, 0) == 0)
			reply = redis_call(q->redis, 1);
	}
	return status == CLAIM_AGAIN ? -1 : status;
}

int
queue_claim_many(struct queue *q, const char *const queues[], size_t n,
    const char *worker, struct queue_claim out[], size_t max)
{
	if (queue_ask(q, queues, n, worker, max) == 0)
		return queue_take(q, out);
	return -1;
}

void
queue_claim_free(struct queue_claim *claim)
{
	free(claim->id);
	free(claim->queue);
	free(claim->document_ids);
	*claim = (struct queue_claim){0};
}

/* Whether a queue is paused and no probe is due. */
static int
is_closed(const struct redisReply *probe_at)
{
	int64_t at = number_or(probe_at, 0, INT64_MAX, 0);

	return redis_text(probe_at, NULL) != NULL &&
	       (at == 0 || at > time_unix());
}

/* 1 if the list of an open queue has a task, 0 if not, -1 failed. */
static int
any_listed(struct queue *q, const char *const queues[], size_t n)
{
	struct redis *r = q->redis;
	int found = 0;

	for (size_t i = 0; i < n; i++) {
		redis_begin(r, "LLEN");
		redis_key(r, "rq:queue:", queues[i]);
		redis_append(r);
		redis_begin(r, "EXISTS");
		redis_str(r, "rq:suspended");
		redis_append(r);
		redis_begin(r, "HGET");
		redis_key(r, "pl:paused:", queues[i]);
		redis_str(r, "probe_at");
		redis_append(r);
	}
	if (redis_send(r) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct redisReply *length = redis_next(r);
		struct redisReply *suspended = length ? redis_next(r) : NULL;
		struct redisReply *pause = suspended ? redis_next(r) : NULL;
		int lost = pause == NULL;

		found |= redis_number(length) > 0 &&
			 redis_number(suspended) == 0 && !is_closed(pause);
		redis_free(length);
		redis_free(suspended);
		redis_free(pause);
		if (lost) {
			/* A key of another type: the claim reports it. */
			redis_drop(r);
			return redis_unavailable(r) ? -1 : 1;
		}
	}
	return found;
}

int
queue_wait(
    struct queue *q, const char *const queues[], size_t n, int timeout_ms)
{
	double until = time_now() + timeout_ms / 1000.0;
	double pause = 0.005;

	for (;;) {
		int found = any_listed(q, queues, n);
		double left = until - time_now();

		if (found == 1)
			return 1;
		if (found == -1) {
			time_sleep(left > 0.001 ? left : 0.001);
			return -1;
		}
		if (left < 0.001 || stop_requested() ||
		    time_sleep(left < pause ? left : pause) == -1)
			return 0;
		pause = pause * 2 < 0.08 ? pause * 2 : 0.08;
	}
}
