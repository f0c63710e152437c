/*
 * redis - one connection to Redis: commands out, replies in, scripts by SHA
 *
 * The only user of hiredis. Connects when first used and again after the
 * connection was lost. A reply belongs to the caller (redis_free). The same
 * NULL says that there is none; redis_error() then says why.
 */
#ifndef REDIS_H
#define REDIS_H

#include <stddef.h>
#include <stdint.h>

struct redis;
struct redisReply;

/* A Lua script: head and text are joined; the rest is filled in here. */
struct redis_script {
	const char *head, *text;
	char sha[41];
	unsigned epoch; /* of the server that it was loaded into */
};

/* NULL with *why (static text) when the URL cannot be used. */
struct redis *redis_open(const char *url, int timeout_ms, const char **why);
void redis_close(struct redis *r);
const char *redis_error(const struct redis *r);
/* Whether trying again later may help. */
int redis_unavailable(const struct redis *r);
/* Whether the URL is "none": there is no Redis, and every call fails. */
int redis_is_none(const struct redis *r);
/* Whether the connection broke after something was sent: it may be done. */
int redis_lost(const struct redis *r);
/* Take note of an error of the caller's own, such as a reply of odd form. */
void redis_complain(struct redis *r, const char *what);
/* Take over the error of another connection. */
void redis_blame(struct redis *r, const struct redis *other);

/* Build a command: begin, its words, then redis_call or redis_append. */
void redis_begin(struct redis *r, const char *command);
/* Begin a call of a script with so many keys; 0, or -1 with an error. */
int redis_begin_script(struct redis *r, struct redis_script *s, size_t keys);
void redis_add(struct redis *r, const void *p, size_t n);
void redis_str(struct redis *r, const char *s);
void redis_int(struct redis *r, int64_t v);
/* a and b joined, as in a key. */
void redis_key(struct redis *r, const char *a, const char *b);

/*
 * Send the command and read its reply. An error reply gives NULL; one of a
 * server that others may have replaced (READONLY, MASTERDOWN, LOADING, MISCONF,
 * NOREPLICAS) also drops the connection. When the
 * connection turns out to be lost, the command is sent once more on a new one,
 * unless once is set.
 */
struct redisReply *redis_call(struct redis *r, int once);
/*
 * Send the command and go on. Its reply comes before those of later commands:
 * of a post it is dropped, so a failure is not told; of an ask, of which there
 * can be one at a time, it is kept for redis_answer. 0 or -1.
 */
int redis_post(struct redis *r);
int redis_ask(struct redis *r);
/* The reply to what was asked, waited for. */
struct redisReply *redis_answer(struct redis *r);
/* Put the command behind those to be sent. */
void redis_append(struct redis *r);
/* Send them. 0 or -1. */
int redis_send(struct redis *r);
/* The next reply to what was appended and sent. */
struct redisReply *redis_next(struct redis *r);
/*
 * A message of what was subscribed to, waited for at most so long. 1 with
 * *reply, 0 none, -1 the connection is lost.
 */
int redis_hear(struct redis *r, int timeout_ms, struct redisReply **reply);
/* Whether there is a connection, as far as is known. */
int redis_connected(const struct redis *r);
/* Drop the connection and whatever was to be sent. */
void redis_drop(struct redis *r);

#endif
