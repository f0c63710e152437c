/* redis_private - the state that the modules of redis share */
#ifndef REDIS_PRIVATE_H
#define REDIS_PRIVATE_H

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include "base/buf.h"
#include "net/redis.h"
#include "net/redis_url.h"

/* Bytes that a buffer keeps for the next command. */
enum { REDIS_KEEP = 4 << 20 };

/* The command that is being built: its words, one behind the other. */
struct redis_command {
	struct buf words;
	size_t *lengths;
	size_t count;
	size_t cap;
	struct redis_script *script; /* that it calls, or NULL */
};

struct redis {
	struct redis_url url;
	struct timeval timeout;
	redisContext *context;
	struct tls *tls; /* over it, or NULL */
	unsigned epoch;	 /* grows when the server may have lost its scripts */
	struct redis_command command;
	struct buf out; /* commands that are to be sent */
	struct buf error;
	int unavailable, lost;
	size_t owed;	/* replies to read before others */
	size_t kept_at; /* which owed reply to keep, from 1; 0: none */
	struct redisReply *kept;
};

/* redis_error.c */

void redis_set_error(
    struct redis *r, int unavailable, const char *what, const char *why);
int redis_is_error(const struct redisReply *reply);
/* Check a reply: an error reply is freed, its error set, and NULL returned. */
struct redisReply *redis_checked(struct redis *r, struct redisReply *reply);

/* redis_connect.c: 0 or a reply, else -1 or NULL with the error. */

/* Append a command of n words as Redis reads it. lengths NULL: they are
 * strings. */
void redis_format(
    struct buf *out, const char *words[], const size_t lengths[], size_t n);
/* Connect, unless there is a connection. Unsent commands are dropped. */
int redis_connect(struct redis *r);
int redis_send_all(struct redis *r);
struct redisReply *redis_read(struct redis *r);
/* Read the bytes that have arrived. */
int redis_read_more(struct redis *r);
/* Drop the connection, and set the error. error is an errno, or 0. */
void redis_fail(struct redis *r, const char *what, int error);

#endif
