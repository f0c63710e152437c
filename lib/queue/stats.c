#include "queue/stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/time.h"
#include "queue/handle.h"
#include "queue/rq_job.h"

enum { WRITTEN_MS = 1 }; /* how long a trial write is kept */

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
	if (s != NULL && rq_job_parse_time(s, n, &then) == 0)
		out->oldest =
		    (double)redis_number(redis_item(reply, NUMBERS + 1)) -
		    (double)then / 1e6;
	if (out->oldest < 0)
		out->oldest = 0;
	out->paused = redis_text(redis_item(reply, NUMBERS + 2), NULL) != NULL;
	redis_free(reply);
	return 0;
}

/* Copy the texts of an array reply, without prefix, to one block. How many. */
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

	/* The first call may have to connect, so the second is measured. */
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

int
queue_try_write(struct queue *q)
{
	struct redisReply *reply;

	redis_begin(q->redis, "SET");
	redis_str(q->redis, "pl:written");
	redis_int(q->redis, time_unix());
	redis_str(q->redis, "PX");
	redis_int(q->redis, WRITTEN_MS);
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return -1;
	redis_free(reply);
	return 0;
}

/* The value of a field, given as "\nNAME:", in a section of INFO; or NULL. */
static char *
ask_info(struct queue *q, const char *section, const char *field)
{
	struct redisReply *reply;
	const char *at = NULL;
	char *value = NULL;

	redis_begin(q->redis, "INFO");
	redis_str(q->redis, section);
	reply = redis_call(q->redis, 0);
	if (reply != NULL && redis_text(reply, NULL) != NULL)
		at = strstr(redis_text(reply, NULL), field);
	if (at != NULL) {
		at += strlen(field);
		value = x_memdup(at, strcspn(at, "\r\n"));
	}
	redis_free(reply);
	return value;
}

char *
queue_policy(struct queue *q)
{
	return ask_info(q, "memory", "\nmaxmemory_policy:");
}

char *
queue_server(struct queue *q, const char **name)
{
	char *version = ask_info(q, "server", "\nvalkey_version:");

	*name = version != NULL ? "valkey" : "redis";
	return version ? version : ask_info(q, "server", "\nredis_version:");
}

int
queue_save_failed(struct queue *q)
{
	static const char *const fields[] = {
	    "\nrdb_last_bgsave_status:", "\naof_last_write_status:"};
	int failed = 0;

	for (size_t i = 0; i < 2; i++) {
		char *status = ask_info(q, "persistence", fields[i]);

		failed |= status != NULL && strcmp(status, "err") == 0;
		free(status);
	}
	return failed;
}

/* Whether this worker is one of Python's RQ 0.x or 1.x. */
static int
is_old(struct queue *q, const char *name)
{
	struct buf key = {0};
	struct redisReply *reply;
	const char *version, *python;
	int old;

	redis_begin(q->redis, "HMGET");
	buf_printf(&key, "rq:worker:%s", name);
	redis_str(q->redis, key.data);
	redis_str(q->redis, "version");
	redis_str(q->redis, "python_version");
	reply = redis_call(q->redis, 0);
	buf_free(&key);
	version = redis_text(redis_item(reply, 0), NULL);
	python = redis_text(redis_item(reply, 1), NULL);
	old =
	    version != NULL && python != NULL && strcmp(python, "-") != 0 &&
	    (strncmp(version, "0.", 2) == 0 || strncmp(version, "1.", 2) == 0);
	redis_free(reply);
	return old;
}

char *
queue_old_worker(struct queue *q)
{
	struct redisReply *reply;
	char **names, *old = NULL;
	size_t n;

	redis_begin(q->redis, "SMEMBERS");
	redis_str(q->redis, "rq:workers");
	reply = redis_call(q->redis, 0);
	if (reply == NULL)
		return NULL;
	n = to_texts(reply, "rq:worker:", &names);
	redis_free(reply);
	for (size_t i = 0; i < n && old == NULL; i++)
		if (is_old(q, names[i]))
			old = x_strdup(names[i]);
	free(names);
	return old;
}
