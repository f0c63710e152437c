#include "net/redis.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/redis_private.h"
#include "net/redis_reply.h"
#include "net/redis_url.h"
#include "net/tls.h"

enum { TIMEOUT = 5000 }; /* ms */

static int load(struct redis *r, struct redis_script *s);

struct redis *
redis_open(const char *url, int timeout_ms, const char **why)
{
	struct redis *r = x_calloc(1, sizeof(*r));

	if (timeout_ms <= 0)
		timeout_ms = TIMEOUT;
	r->timeout.tv_sec = timeout_ms / 1000;
	r->timeout.tv_usec = timeout_ms % 1000 * 1000;
	if (redis_url_parse(url, &r->url, why) == 0)
		return r;
	redis_close(r);
	return NULL;
}

static void
free_command(struct redis_command *c)
{
	buf_free(&c->words);
	free(c->lengths);
	*c = (struct redis_command){0};
}

void
redis_close(struct redis *r)
{
	if (r == NULL)
		return;
	redis_drop(r);
	redis_url_free(&r->url);
	freeReplyObject(r->kept);
	free_command(&r->command);
	buf_free(&r->out);
	buf_free(&r->error);
	free(r);
}

/* Building commands. */

void
redis_begin(struct redis *r, const char *command)
{
	buf_reset(&r->command.words, REDIS_KEEP);
	r->command.count = 0;
	r->command.script = NULL;
	redis_str(r, command);
}

/* End a word: the last n bytes of the words. */
static void
end_word(struct redis_command *c, size_t n)
{
	c->lengths = x_grow(c->lengths, c->count, &c->cap, sizeof(*c->lengths));
	c->lengths[c->count++] = n;
}

void
redis_add(struct redis *r, const void *p, size_t n)
{
	buf_add(&r->command.words, p, n);
	end_word(&r->command, n);
}

void
redis_str(struct redis *r, const char *s)
{
	redis_add(r, s, strlen(s));
}

void
redis_int(struct redis *r, int64_t v)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%" PRId64, v);

	redis_add(r, text, (size_t)n);
}

void
redis_key(struct redis *r, const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	buf_add(&r->command.words, a, n);
	buf_add(&r->command.words, b, m);
	end_word(&r->command, n + m);
}

void
redis_append(struct redis *r)
{
	const struct redis_command *c = &r->command;
	const char **words = x_calloc(c->count, sizeof(*words));
	const char *word = c->words.data;

	for (size_t i = 0; i < c->count; i++) {
		words[i] = word;
		word += c->lengths[i];
	}
	redis_format(&r->out, words, c->lengths, c->count);
	free(words);
}

/* Whether the server has lost its scripts (SCRIPT FLUSH, a restart). */
static int
is_forgotten(const struct redisReply *reply)
{
	return redis_is_error(reply) && strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

/* Read a reply to redis_post, or one to redis_ask and keep it. 0 or -1. */
static int
read_owed(struct redis *r)
{
	struct redisReply *reply = redis_read(r);

	if (reply == NULL)
		return -1;
	r->owed--;
	r->epoch += (unsigned)is_forgotten(reply);
	if (r->kept_at == 1)
		r->kept = reply;
	else
		freeReplyObject(reply);
	r->kept_at -= r->kept_at > 0;
	return 0;
}

/* The reply to the command that was sent last. */
static struct redisReply *
receive(struct redis *r)
{
	while (r->owed > 0)
		if (read_owed(r) != 0)
			return NULL;
	return redis_read(r);
}

int
redis_send(struct redis *r)
{
	struct buf keep;
	int status;

	r->lost = 0;
	if (r->context == NULL) {
		keep = r->out;
		r->out = (struct buf){0};
		status = redis_connect(r);
		buf_free(&r->out);
		r->out = keep;
		if (status != 0) {
			buf_reset(&r->out, REDIS_KEEP);
			r->lost = 0;
			return -1;
		}
	}
	return redis_send_all(r);
}

struct redisReply *
redis_next(struct redis *r)
{
	struct redisReply *reply;

	if (r->context == NULL)
		return NULL;
	reply = receive(r);
	if (reply != NULL && is_forgotten(reply)) {
		/* Drop the connection: a new one loads its scripts again. */
		reply = redis_checked(r, reply);
		redis_drop(r);
		r->lost = 1;
	}
	return redis_checked(r, reply);
}

/* Load the script of the command that is being built; keep the command. */
static int
load_again(struct redis *r)
{
	struct redis_command command = r->command;
	int status;

	r->command = (struct redis_command){0};
	status = load(r, command.script);
	free_command(&r->command);
	r->command = command;
	return status;
}

struct redisReply *
redis_call(struct redis *r, int once)
{
	for (int cuts = 0, loads = 0;;) {
		struct redisReply *reply = NULL;

		redis_append(r);
		if (redis_send(r) == 0)
			reply = receive(r);
		if (reply != NULL && is_forgotten(reply) && r->command.script &&
		    loads++ == 0) {
			freeReplyObject(reply);
			if (load_again(r) != 0)
				return NULL;
			continue;
		}
		if (reply != NULL)
			return redis_checked(r, reply);
		if (once || cuts++ > 0 || !r->lost)
			return NULL;
	}
}

int
redis_post(struct redis *r)
{
	redis_append(r);
	if (redis_send(r) != 0)
		return -1;
	r->owed++;
	return 0;
}

int
redis_ask(struct redis *r)
{
	freeReplyObject(r->kept);
	r->kept = NULL;
	if (redis_post(r) != 0)
		return -1;
	r->kept_at = r->owed;
	return 0;
}

struct redisReply *
redis_answer(struct redis *r)
{
	struct redisReply *reply;

	while (r->kept_at > 0)
		if (read_owed(r) != 0)
			return NULL;
	reply = r->kept;
	r->kept = NULL;
	/* The connection was lost before the reply, or the script was. */
	r->lost = reply == NULL || is_forgotten(reply);
	return redis_checked(r, reply);
}

int
redis_connected(const struct redis *r)
{
	return r->context != NULL;
}

int
redis_hear(struct redis *r, int timeout_ms, struct redisReply **reply)
{
	struct pollfd p = {.events = POLLIN};
	void *out = NULL;

	if (r->context == NULL)
		return -1;
	p.fd = r->context->fd;
	errno = 0;
	if (redisGetReplyFromReader(r->context, &out) == REDIS_OK &&
	    out == NULL &&
	    (tls_pending(r->tls) || poll(&p, 1, timeout_ms) > 0) &&
	    redis_read_more(r) == 0)
		redisGetReplyFromReader(r->context, &out);
	if (r->context == NULL)
		return -1;
	if (r->context->err != 0) {
		redis_fail(r, "reading", 0);
		return -1;
	}
	*reply = out;
	return out != NULL;
}

/* Scripts. */

static int
load(struct redis *r, struct redis_script *s)
{
	struct redisReply *reply;
	struct buf text = {0};
	int status = -1;

	buf_puts(&text, s->head);
	buf_puts(&text, s->text);
	redis_begin(r, "SCRIPT");
	redis_str(r, "LOAD");
	redis_add(r, text.data, text.len);
	reply = redis_call(r, 0);
	if (reply != NULL && reply->type == REDIS_REPLY_STRING &&
	    reply->len == sizeof(s->sha) - 1) {
		memcpy(s->sha, reply->str, sizeof(s->sha));
		s->epoch = r->epoch;
		status = 0;
	} else if (reply != NULL) {
		redis_complain(r, "SCRIPT LOAD gave no SHA");
	}
	freeReplyObject(reply);
	buf_free(&text);
	return status;
}

int
redis_begin_script(struct redis *r, struct redis_script *s, size_t keys)
{
	if ((r->context == NULL || s->epoch != r->epoch) && load(r, s) != 0)
		return -1;
	redis_begin(r, "EVALSHA");
	r->command.script = s;
	redis_str(r, s->sha);
	redis_int(r, (int64_t)keys);
	return 0;
}
