/*
 * redis_reply - read the values of a reply
 *
 * A reply of another type reads as 0, NULL or no items.
 */
#ifndef REDIS_REPLY_H
#define REDIS_REPLY_H

#include <stddef.h>
#include <stdint.h>

struct redisReply;

void redis_free(struct redisReply *reply);
int64_t redis_number(const struct redisReply *reply);
/* Bytes, NUL-terminated; their count in *n unless NULL. */
const char *redis_text(const struct redisReply *reply, size_t *n);
size_t redis_count(const struct redisReply *reply);
const struct redisReply *redis_item(const struct redisReply *reply, size_t i);

#endif
