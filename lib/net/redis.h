/*
 * redis - one connection to Redis: commands out, replies in, scripts by SHA
 *
 * The only user of hiredis. Connects on first use, and again after the
 * connection was lost. The caller owns a reply (redis_free). A function that
 * returns NULL has no reply; redis_error() then says why.
 */
#ifndef REDIS_H
#define REDIS_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct redis;
struct redisReply;

/* A Lua script: head and text are joined. This module sets sha and epoch. */
struct redis_script {
	const char *head, *text;
	char sha[41];
	unsigned epoch; /* epoch of the server in which it was loaded */
};

/* Returns NULL with *why (static text) if the URL cannot be used. */
struct redis *redis_open(const char *url, int timeout_ms, const char **why);
void redis_close(struct redis *r);
const char *redis_error(const struct redis *r);
/* Whether trying again later may help. */
int redis_unavailable(const struct redis *r);
/*
 * Append where the server is, for people and without user and password; nothing
 * if the URL is "none".
 */
void redis_place(const struct redis *r, struct buf *out);
/* Whether the URL is "none": there is no Redis, and every call fails. */
int redis_is_none(const struct redis *r);
/*
 * Whether the connection was lost after a command was sent, so that the command
 * may have been done.
 */
int redis_lost(const struct redis *r);
/* Set an error that the caller found, such as a reply of a wrong form. */
void redis_complain(struct redis *r, const char *what);
/* Copy the error of another connection. */
void redis_blame(struct redis *r, const struct redis *other);

/* Build a command: begin, its words, then redis_call or redis_append. */
void redis_begin(struct redis *r, const char *command);
/*
 * Begin a call of a script that has this number of keys. 0, or -1 with an
 * error.
 */
int redis_begin_script(struct redis *r, struct redis_script *s, size_t keys);
void redis_add(struct redis *r, const void *p, size_t n);
void redis_str(struct redis *r, const char *s);
void redis_int(struct redis *r, int64_t v);
/* Add a and b, joined, as one word. */
void redis_key(struct redis *r, const char *a, const char *b);

/*
 * Send the command and read its reply; NULL for an error reply. If the
 * connection turns out to be lost, the command is sent once more on a new one,
 * unless once is set. An error of a server that another one may have replaced
 * (READONLY, MASTERDOWN, LOADING, MISCONF, NOREPLICAS) also drops the
 * connection.
 */
struct redisReply *redis_call(struct redis *r, int once);
/*
 * Send the command without waiting for its reply. 0 or -1. redis_post drops the
 * reply, so an error is not reported. redis_ask keeps the reply for
 * redis_answer; only one such reply can be open.
 */
int redis_post(struct redis *r);
int redis_ask(struct redis *r);
/* Wait for the reply to redis_ask. */
struct redisReply *redis_answer(struct redis *r);
/* Append the command to the commands to send. */
void redis_append(struct redis *r);
/* Send the appended commands. 0 or -1. */
int redis_send(struct redis *r);
/* The next reply to an appended command. */
struct redisReply *redis_next(struct redis *r);
/*
 * Wait at most timeout_ms for a message of a subscription. 1 with *reply, 0
 * none, -1 the connection is lost.
 */
int redis_hear(struct redis *r, int timeout_ms, struct redisReply **reply);
/* Whether a connection is open, as far as is known. */
int redis_connected(const struct redis *r);
/* Drop the connection and the commands that were not sent. */
void redis_drop(struct redis *r);

#endif
