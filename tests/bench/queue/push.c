/*
 * push - push tasks to Redis as fast as possible; prints tasks a second
 *
 * usage: push pl|bare SOCKET COUNT
 *
 * pl is queue_push. bare is the limit for comparison: the same fields and
 * payloads, made before the clock starts, in plain SADD, HSET and RPUSH, a
 * thousand tasks in one write; without scripts and without a check for existing
 * tasks; only the replies are read. One document in a task.
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/time.h"
#include "queue/push.h"
#include "queue/queue.h"
#include "queue/rq_job.h"
#include "queue/stats.h"
#include "tool/cli.h"

enum { PIPELINED = 1000 };

static const char job[] = "11111111-1111-4111-8111-111111111111";

struct task {
	char id[DIGEST_UUID_TEXT];
	uint8_t document[1][16];
	struct buf data;
};

static _Noreturn void
die(const char *why)
{
	fprintf(stderr, "push: %s\n", why);
	exit(1);
}

static double
push_pl(const char *path, const struct task *tasks, size_t n)
{
	struct queue_task *push = x_calloc(n, sizeof(*push));
	char url[200];
	const char *why;
	struct queue *q;
	double begun;

	snprintf(url, sizeof(url), "unix://%s", path);
	q = queue_open(url, NULL, &why);
	if (q == NULL || queue_ping(q) < 0)
		die("no Redis");
	for (size_t i = 0; i < n; i++)
		push[i] = (struct queue_task){.id = tasks[i].id,
		    .queue = "pushed",
		    .job_id = job,
		    .document_ids = tasks[i].document,
		    .count = 1};
	begun = time_now();
	if (queue_push(q, push, n) != (int64_t)n)
		die(queue_error(q));
	begun = time_now() - begun;
	queue_close(q);
	free(push);
	return begun;
}

static void
append(redisContext *c, const struct task *t)
{
	redisAppendCommand(c, "SADD rq:queues rq:queue:bare");
	redisAppendCommand(c,
	    "HSET rq:job:%s status queued"
	    " created_at 2026-01-02T03:04:05.678901Z data %b origin bare"
	    " description process_documents('%s',\\ [1\\ documents])"
	    " timeout 3600 result_ttl 500 failure_ttl 2592000 retries_left 2"
	    " pl_max_attempts 3 pl_attempts 0"
	    " enqueued_at 2026-01-02T03:04:05.678901Z",
	    t->id, t->data.data, t->data.len, job);
	redisAppendCommand(c, "RPUSH rq:queue:bare %s", t->id);
}

static double
push_bare(const char *path, const struct task *tasks, size_t n)
{
	redisContext *c = redisConnectUnix(path);
	double begun;

	if (c == NULL || c->err)
		die("no Redis");
	begun = time_now();
	for (size_t i = 0; i < n;) {
		size_t replies = 0;

		for (; i < n && replies < 3 * PIPELINED; i++, replies += 3)
			append(c, &tasks[i]);
		while (replies-- > 0) {
			void *reply;

			if (redisGetReply(c, &reply) != REDIS_OK)
				die(c->errstr);
			freeReplyObject(reply);
		}
	}
	begun = time_now() - begun;
	redisFree(c);
	return begun;
}

int
main(int argc, char **argv)
{
	size_t n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	struct task *tasks = x_calloc(n + 1, sizeof(*tasks));
	struct rq_job *rq = rq_job_new();
	int bare;

	if (n == 0)
		die("usage: push pl|bare SOCKET COUNT");
	bare = strcmp(argv[1], "bare") == 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t id[DIGEST_UUID];

		digest_uuid7(id);
		digest_uuid_text(id, tasks[i].id);
		digest_uuid5(
		    digest_namespace, &i, sizeof(i), tasks[i].document[0]);
		rq_job_encode(rq, &tasks[i].data, "process_documents", job,
		    (const uint8_t(*)[16])tasks[i].document, 1);
	}
	printf("%.0f\n",
	    (double)n / (bare ? push_bare : push_pl)(argv[2], tasks, n));
	for (size_t i = 0; i < n; i++)
		buf_free(&tasks[i].data);
	free(tasks);
	rq_job_free(rq);
	return 0;
}
