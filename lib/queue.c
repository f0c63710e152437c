#include "queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "cli.h"
#include "num.h"
#include "redis.h"
#include "rqjob.h"
#include "xalloc.h"

/* Scripts are longer than the 4095 bytes that ISO C promises for a literal. */
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "lua_scripts.h"

enum {
	RESULT_TTL = 500, /* seconds; RQ's own default */
	FAILURE_TTL = 30 * 86400,
	CANCELED_TTL = 30 * 86400,
	TIMEOUT = 3600,
	ATTEMPTS = 3,
	ORPHAN_SECONDS = 30, /* > BLMOVE to wip of a living RQ worker */
	BATCH = 1000,	     /* tasks in one script */
	BATCH_BYTES = 1 << 20,
	IN_FLIGHT = 2, /* scripts sent and not answered */
	STATES_BATCH = 5000,
	KEEP = 1 << 20
};

enum script {
	CANCEL,
	CLAIM,
	COMPLETE,
	DELETE,
	ENQUEUE,
	FAIL,
	PROMOTE,
	REAP,
	RELEASE,
	RENEW,
	REQUEUE,
	RETRY,
	STATES,
	STATS,
	WORKER,
	SCRIPTS
};

static const char *const texts[SCRIPTS] = {[CANCEL] = lua_cancel,
    [CLAIM] = lua_claim,
    [COMPLETE] = lua_complete,
    [DELETE] = lua_delete,
    [ENQUEUE] = lua_enqueue,
    [FAIL] = lua_fail,
    [PROMOTE] = lua_promote,
    [REAP] = lua_reap,
    [RELEASE] = lua_release,
    [RENEW] = lua_renew,
    [REQUEUE] = lua_requeue,
    [RETRY] = lua_retry,
    [STATES] = lua_states,
    [STATS] = lua_stats,
    [WORKER] = lua_worker};

struct queue {
	struct redis *redis;
	struct redis_script scripts[SCRIPTS];
	struct rqjob *job;
	struct queue_options options;
	char *function;
	struct buf data; /* of the task that is being sent */
	struct buf note;
	char *abandoned, *bad_id, *bad_status; /* exc_string texts */
};

static char *
make_text(struct queue *q, const char *text)
{
	struct buf b = {0};

	rqjob_text(q->job, &b, text, strlen(text));
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
	q->function = x_strdup(
	    q->options.function ? q->options.function : "process_documents");
	for (int i = 0; i < SCRIPTS; i++) {
		q->scripts[i].head = lua_common;
		q->scripts[i].text = texts[i];
	}
	q->job = rqjob_new();
	q->abandoned = make_text(
	    q, "AbandonedJobError: the worker died, and no attempt is left");
	q->bad_id = make_text(
	    q, "refused: the id may hold letters, digits, _ and - only");
	q->bad_status = make_text(q, "refused: RQ has no such status");
	return q;
}

void
queue_close(struct queue *q)
{
	if (q == NULL)
		return;
	redis_close(q->redis);
	rqjob_free(q->job);
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

const char *
queue_note(const struct queue *q)
{
	return q->note.len > 0 ? q->note.data : NULL;
}

static int
begin(struct queue *q, enum script script, size_t keys)
{
	return redis_begin_script(q->redis, &q->scripts[script], keys);
}

/* Call what was begun and give the integer it answers, or -1. */
static int64_t
call_number(struct queue *q)
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
	char text[128];

	buf_reset(&q->data, KEEP);
	rqjob_encode(q->job, &q->data, q->function, t->job_id, t->document_ids,
	    t->count);
	redis_str(r, t->id);
	redis_add(r, q->data.data, q->data.len);
	redis_int(r, t->timeout_seconds > 0 ? t->timeout_seconds : TIMEOUT);
	redis_int(r, t->attempts_max > 0 ? t->attempts_max : ATTEMPTS);
	snprintf(text, sizeof(text), "%s('%s', [%zu documents])", q->function,
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

	if (begin(q, ENQUEUE, 1) != 0)
		return 0;
	redis_key(r, "rq:queue:", tasks->queue);
	redis_str(r, tasks->queue);
	redis_int(r, RESULT_TTL);
	redis_int(r, FAILURE_TTL);
	do {
		add_task(q, &tasks[i++]);
		bytes += q->data.len;
	} while (i < n && i < BATCH && bytes < BATCH_BYTES &&
		 strcmp(tasks[i].queue, tasks->queue) == 0);
	redis_append(r);
	return i;
}

static int
check_tasks(struct queue *q, const struct queue_task *tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rqjob_id_ok(tasks[i].id, strlen(tasks[i].id)) &&
		    rqjob_id_ok(tasks[i].job_id, strlen(tasks[i].job_id)))
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

/* Claiming. */

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

/* {queue, id, execution, data, bytes, timeout, attempt, allowed, enqueued} */
static void
read_claim(
    struct queue *q, const struct redisReply *item, struct queue_claim *out)
{
	const struct redisReply *when = redis_item(item, 8);
	struct rqjob_call call;
	size_t n;
	const char *s = redis_text(redis_item(item, 0), &n);

	*out = (struct queue_claim){.claimed_at = cli_now()};
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
	s = redis_text(when, &n);
	if (s == NULL || rqjob_untime(s, n, &out->enqueued_at) != 0)
		out->enqueued_at = 0;
	s = redis_text(redis_item(item, 3), &n);
	if (s == NULL) {
		out->malformed = "the payload is too large";
	} else if (rqjob_decode(q->job, s, n, q->function, &call,
		       &out->malformed) == 0) {
		memcpy(out->job_id, call.job_id, sizeof(out->job_id));
		out->document_ids = call.document_ids;
		out->count = call.count;
	}
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

static struct redisReply *
call_claim(struct queue *q, const char *const queues[], size_t n,
    const char *worker, const char *base, size_t max, int again)
{
	struct redis *r = q->redis;

	if (begin(q, CLAIM, n + 1) != 0)
		return NULL;
	redis_key(r, "rq:worker:", worker);
	for (size_t i = 0; i < n; i++)
		redis_key(r, "rq:queue:", queues[i]);
	redis_str(r, worker);
	redis_str(r, base);
	redis_int(r, (int64_t)max);
	redis_int(r, q->options.lease_seconds);
	redis_int(r, q->options.plain);
	redis_int(r, RQJOB_DATA_MAX);
	redis_int(r, again);
	redis_str(r, q->bad_id);
	redis_str(r, q->bad_status);
	for (size_t i = 0; i < n; i++)
		redis_str(r, queues[i]);
	return redis_call(r, 1);
}

/* The script's first word as a result; 1 when it is to be called again. */
static int
claim_word(const struct redisReply *reply)
{
	const char *word = redis_text(redis_item(reply, 0), NULL);

	if (word != NULL && strcmp(word, "suspended") == 0)
		return QUEUE_SUSPENDED;
	if (word != NULL && strcmp(word, "paused") == 0)
		return QUEUE_PAUSED;
	return word != NULL && strcmp(word, "again") == 0;
}

int
queue_claim_many(struct queue *q, const char *const queues[], size_t n,
    const char *worker, struct queue_claim out[], size_t max)
{
	char base[QUEUE_EXECUTION];
	int status;

	if (max > QUEUE_CLAIM_MAX)
		max = QUEUE_CLAIM_MAX;
	buf_reset(&q->note, KEEP);
	random_base(base);
	do {
		struct redisReply *reply =
		    call_claim(q, queues, n, worker, base, max, 0);
		size_t count;

		/* Whatever the lost answer gave us, the repeat gives. */
		if (reply == NULL && redis_lost(q->redis))
			reply = call_claim(q, queues, n, worker, base, max, 1);
		if (reply == NULL)
			return -1;
		status = claim_word(reply);
		count = redis_count(redis_item(reply, 1));
		for (size_t i = 0; i < count && i < max; i++)
			read_claim(
			    q, redis_item(redis_item(reply, 1), i), &out[i]);
		read_notes(q, redis_item(reply, 2));
		redis_free(reply);
		if (count > 0)
			return (int)count;
	} while (status == 1);
	return status;
}

int
queue_claim(struct queue *q, const char *const queues[], size_t n,
    const char *worker, struct queue_claim *out)
{
	return queue_claim_many(q, queues, n, worker, out, 1);
}

void
queue_claim_free(struct queue_claim *claim)
{
	free(claim->id);
	free(claim->queue);
	free(claim->document_ids);
	*claim = (struct queue_claim){0};
}

/* As long as possible without EINTR; 1 when interrupted. */
static int
doze(int milliseconds)
{
	struct timespec t = {
	    milliseconds / 1000, milliseconds % 1000 * 1000000L};

	return nanosleep(&t, NULL) == -1;
}

/* 1 when something is listed in a queue that is open, 0 not, -1 failed. */
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
		redis_key(r, "pl:paused:", queues[i]);
		redis_append(r);
	}
	if (redis_send(r) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct redisReply *length = redis_next(r);
		struct redisReply *closed = length ? redis_next(r) : NULL;

		if (closed == NULL) {
			/* A key of another type: the claim says so. */
			redis_free(length);
			redis_drop(r);
			return redis_unavailable(r) ? -1 : 1;
		}
		found |= redis_number(length) > 0 && redis_number(closed) == 0;
		redis_free(length);
		redis_free(closed);
	}
	return found;
}

int
queue_wait(
    struct queue *q, const char *const queues[], size_t n, int timeout_ms)
{
	double until = cli_now() + timeout_ms / 1000.0;
	int pause = 5;

	for (;;) {
		int found = any_listed(q, queues, n);
		double left = (until - cli_now()) * 1000;

		if (found == 1)
			return 1;
		if (found == -1) {
			doze(left > 1 ? (int)left : 1);
			return -1;
		}
		if (left < 1 || doze(left < pause ? (int)left : pause))
			return 0;
		pause = pause * 2 < 80 ? pause * 2 : 80;
	}
}

/* Settling. */

/* The words that every settling script takes first. */
static int
begin_settle(struct queue *q, enum script script, const char *worker,
    const struct queue_claim *claim)
{
	struct redis *r = q->redis;
	char seconds[32];

	if (begin(q, script, 1) != 0)
		return -1;
	redis_key(r, "rq:job:", claim->id);
	redis_str(r, claim->queue);
	redis_str(r, claim->id);
	redis_str(r, claim->execution);
	redis_str(r, worker);
	snprintf(
	    seconds, sizeof(seconds), "%.6f", cli_now() - claim->claimed_at);
	redis_str(r, seconds);
	return 0;
}

int
queue_renew(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], size_t n, int lost[])
{
	struct redis *r = q->redis;
	struct redisReply *reply;
	char seconds[32];

	if (begin(q, RENEW, 1) != 0)
		return -1;
	redis_key(r, "rq:worker:", worker);
	redis_str(r, worker);
	redis_int(r, q->options.lease_seconds);
	for (size_t i = 0; i < n; i++) {
		redis_str(r, claims[i]->queue);
		redis_str(r, claims[i]->id);
		redis_str(r, claims[i]->execution);
		snprintf(seconds, sizeof(seconds), "%.6f",
		    cli_now() - claims[i]->claimed_at);
		redis_str(r, seconds);
	}
	reply = redis_call(r, 0);
	if (reply == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		lost[i] = redis_number(redis_item(reply, i)) != 1;
	redis_free(reply);
	return 0;
}

static int
append_complete(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *result)
{
	if (begin_settle(q, COMPLETE, worker, claim) != 0)
		return -1;
	buf_reset(&q->data, KEEP);
	if (result != NULL)
		rqjob_base64(&q->data, result, strlen(result));
	redis_add(q->redis, q->data.len > 0 ? q->data.data : "", q->data.len);
	return 0;
}

int
queue_complete(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *result)
{
	if (append_complete(q, worker, claim, result) != 0)
		return -1;
	return (int)call_number(q);
}

/* All in one go; *count of them were done. 0 or -1. */
static int
complete_all(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n, int done[], int *count)
{
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (append_complete(
			q, worker, claims[i], results ? results[i] : NULL) != 0)
			return -1;
		redis_append(q->redis);
	}
	if (redis_send(q->redis) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct redisReply *reply = redis_next(q->redis);
		int64_t one = redis_number(reply);

		if (reply == NULL) {
			redis_drop(q->redis);
			return -1;
		}
		redis_free(reply);
		*count += (int)one;
		if (done != NULL)
			done[i] = (int)one;
	}
	return 0;
}

int
queue_complete_many(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n, int done[])
{
	int count;

	if (n == 0)
		return 0;
	if (complete_all(q, worker, claims, results, n, done, &count) == 0)
		return count;
	if (redis_lost(q->redis) &&
	    complete_all(q, worker, claims, results, n, done, &count) == 0)
		return count;
	return -1;
}

int
queue_fail(struct queue *q, const char *worker, const struct queue_claim *claim,
    const char *text)
{
	if (begin_settle(q, FAIL, worker, claim) != 0)
		return -1;
	buf_reset(&q->data, KEEP);
	rqjob_text(q->job, &q->data, text, strlen(text));
	redis_add(q->redis, q->data.data, q->data.len);
	return (int)call_number(q);
}

int
queue_retry(struct queue *q, const char *worker,
    const struct queue_claim *claim, double delay)
{
	char text[32];

	if (begin_settle(q, RETRY, worker, claim) != 0)
		return -1;
	snprintf(text, sizeof(text), "%.3f", delay > 0 ? delay : 0.0);
	redis_str(q->redis, text);
	return (int)call_number(q);
}

int
queue_release(
    struct queue *q, const char *worker, const struct queue_claim *claim)
{
	if (begin_settle(q, RELEASE, worker, claim) != 0)
		return -1;
	return (int)call_number(q);
}

/* Housekeeping. */

int
queue_reap(struct queue *q, const char *queue, struct queue_reaped *counts)
{
	struct redis *r = q->redis;
	struct queue_reaped sum = {0};
	int64_t acted = BATCH;

	/* What is only watched for now stays; only what changed counts. */
	while (acted >= BATCH) {
		struct redisReply *reply;

		if (begin(q, REAP, 1) != 0)
			return -1;
		redis_key(r, "rq:queue:", queue);
		redis_str(r, queue);
		redis_str(r, q->abandoned);
		redis_int(r, ATTEMPTS);
		redis_int(r, ORPHAN_SECONDS);
		redis_int(r, BATCH);
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
	int64_t sum = 0, queued = BATCH;

	while (queued == BATCH) {
		struct redisReply *reply;

		if (begin(q, PROMOTE, 2) != 0)
			return -1;
		redis_key(r, "rq:queue:", queue);
		redis_key(r, "rq:scheduled:", queue);
		redis_str(r, queue);
		redis_int(r, (int64_t)getpid());
		redis_str(r, "pl");
		redis_int(r, BATCH);
		reply = redis_call(r, 0);
		if (reply == NULL)
			return -1;
		queued = redis_number(redis_item(reply, 0));
		sum += queued;
		redis_free(reply);
	}
	return sum;
}

/* Call a script for n ids, a batch at a time; the sum of its answers or -1. */
static int64_t
for_ids(struct queue *q, enum script script, const char *const ids[], size_t n,
    int64_t first)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n;) {
		size_t end = n - i > BATCH ? i + BATCH : n;
		int64_t v;

		if (begin(q, script, 0) != 0)
			return -1;
		if (first >= 0)
			redis_int(q->redis, first);
		for (; i < end; i++)
			if (rqjob_id_ok(ids[i], strlen(ids[i])))
				redis_str(q->redis, ids[i]);
		v = call_number(q);
		if (v < 0)
			return -1;
		sum += v;
	}
	return sum;
}

int64_t
queue_cancel(struct queue *q, const char *const ids[], size_t n)
{
	return for_ids(q, CANCEL, ids, n, CANCELED_TTL);
}

int64_t
queue_requeue(struct queue *q, const char *const ids[], size_t n)
{
	return for_ids(q, REQUEUE, ids, n, -1);
}

int64_t
queue_delete(struct queue *q, const char *const ids[], size_t n)
{
	return for_ids(q, DELETE, ids, n, -1);
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

		if (begin(q, STATES, 0) != 0)
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

/* Workers. */

static int
worker_call(struct queue *q, const struct queue_worker *w, const char *word,
    const char *state)
{
	struct redis *r = q->redis;

	if (begin(q, WORKER, 1) != 0)
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
	return (int)call_number(q);
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

/* Flags and numbers. */

int
queue_suspended(struct queue *q)
{
	redis_begin(q->redis, "EXISTS");
	redis_str(q->redis, "rq:suspended");
	return (int)call_number(q);
}

int
queue_pause(
    struct queue *q, const char *queue, const char *reason, int64_t seconds)
{
	struct redisReply *reply;

	redis_begin(q->redis, "SET");
	redis_key(q->redis, "pl:paused:", queue);
	redis_str(q->redis, reason);
	if (seconds > 0) {
		redis_str(q->redis, "EX");
		redis_int(q->redis, seconds);
	}
	reply = redis_call(q->redis, 0);
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
	return (int)call_number(q);
}

int
queue_paused(struct queue *q, const char *queue, char **reason)
{
	struct redisReply *reply;
	const char *s;
	size_t n;

	redis_begin(q->redis, "GET");
	redis_key(q->redis, "pl:paused:", queue);
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	s = redis_text(reply, &n);
	*reason = s ? x_memdup(s, n) : NULL;
	redis_free(reply);
	return *reason != NULL;
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
	if (begin(q, STATS, 1) != 0)
		return -1;
	redis_key(q->redis, "rq:queue:", queue);
	redis_str(q->redis, queue);
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	for (size_t i = 0; i < NUMBERS; i++)
		*numbers[i] = redis_number(redis_item(reply, i));
	s = redis_text(redis_item(reply, NUMBERS), &n);
	if (s != NULL && rqjob_untime(s, n, &then) == 0)
		out->oldest =
		    (double)redis_number(redis_item(reply, NUMBERS + 1)) -
		    (double)then / 1e6;
	if (out->oldest < 0)
		out->oldest = 0;
	out->paused = redis_text(redis_item(reply, NUMBERS + 2), NULL) != NULL;
	redis_free(reply);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int64_t
queue_names(struct queue *q, char ***names)
{
	static const char prefix[] = "rq:queue:";
	struct redisReply *reply;
	size_t n, bytes = 0, count = 0;
	char *text;

	redis_begin(q->redis, "SMEMBERS");
	redis_str(q->redis, "rq:queues");
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	for (size_t i = 0; i < redis_count(reply); i++) {
		redis_text(redis_item(reply, i), &n);
		bytes += sizeof(char *) + n + 1;
	}
	*names = x_calloc(bytes, 1);
	text = (char *)(*names + redis_count(reply));
	for (size_t i = 0; i < redis_count(reply); i++) {
		const char *s = redis_text(redis_item(reply, i), &n);

		if (s == NULL || n < sizeof(prefix) ||
		    memcmp(s, prefix, sizeof(prefix) - 1) != 0)
			continue;
		s += sizeof(prefix) - 1;
		(*names)[count++] = memcpy(text, s, strlen(s) + 1);
		text += strlen(s) + 1;
	}
	redis_free(reply);
	qsort(*names, count, sizeof(**names), by_name);
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
	begun = cli_now();
	redis_begin(q->redis, "PING");
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	redis_free(reply);
	return cli_now() - begun;
}
