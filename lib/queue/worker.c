#include "queue/worker.h"

#include <yyjson.h>

#include "base/alloc.h"
#include "base/version.h"
#include "queue/handle.h"

static int
worker_call(struct queue *q, const struct queue_identity *w, const char *word,
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
queue_worker_birth(struct queue *q, const struct queue_identity *w)
{
	return worker_call(q, w, "birth", "idle");
}

int
queue_worker_heartbeat(struct queue *q, const struct queue_identity *w,
    enum queue_worker_state state)
{
	static const char *const names[] = {"idle", "busy"};

	return worker_call(q, w, "life", names[state]) < 0 ? -1 : 0;
}

int
queue_worker_death(struct queue *q, const struct queue_identity *w)
{
	return worker_call(q, w, "death", "") < 0 ? -1 : 0;
}

/* Commands. */

static int
listen_again(struct queue *q, const char *worker)
{
	struct redisReply *reply;
	const char *why;

	if (q->listener == NULL)
		q->listener = redis_open(q->url, q->options.timeout_ms, &why);
	if (q->listener == NULL) {
		redis_complain(q->redis, why);
		return -1;
	}
	redis_begin(q->listener, "SUBSCRIBE");
	redis_key(q->listener, "rq:pubsub:", worker);
	reply = redis_call(q->listener, 0);
	if (reply == NULL) {
		redis_blame(q->redis, q->listener);
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

	if ((q->listener == NULL || !redis_connected(q->listener)) &&
	    listen_again(q, worker) != 0)
		return -1;
	while (!known && (status = redis_hear(q->listener, 0, &reply)) == 1) {
		size_t n;
		const char *text = redis_text(redis_item(reply, 2), &n);

		if (text != NULL)
			known = read_command(text, n, what, id);
		redis_free(reply);
	}
	if (known || status == 0)
		return known;
	redis_blame(q->redis, q->listener);
	return -1;
}
