#include "net/redis_reply.h"

#include "net/redis_private.h"

void
redis_free(struct redisReply *reply)
{
	freeReplyObject(reply);
}

int64_t
redis_number(const struct redisReply *reply)
{
	return reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
}

const char *
redis_text(const struct redisReply *reply, size_t *n)
{
	int is_text = reply && (reply->type == REDIS_REPLY_STRING ||
				   reply->type == REDIS_REPLY_STATUS);

	if (n != NULL)
		*n = is_text ? (size_t)reply->len : 0;
	return is_text ? reply->str : NULL;
}

size_t
redis_count(const struct redisReply *reply)
{
	return reply && reply->type == REDIS_REPLY_ARRAY ? reply->elements : 0;
}

const struct redisReply *
redis_item(const struct redisReply *reply, size_t i)
{
	return i < redis_count(reply) ? reply->element[i] : NULL;
}
