#include <string.h>

#include "net/redis_private.h"

const char *
redis_error(const struct redis *r)
{
	return r->error.len > 0 ? r->error.data : "no error";
}

int
redis_unavailable(const struct redis *r)
{
	return r->unavailable;
}

int
redis_lost(const struct redis *r)
{
	return r->lost;
}

int
redis_is_none(const struct redis *r)
{
	return r->url.none;
}

void
redis_set_error(
    struct redis *r, int unavailable, const char *what, const char *why)
{
	buf_reset(&r->error, REDIS_KEEP);
	if (r->url.path != NULL)
		buf_puts(&r->error, r->url.path);
	else if (r->url.none)
		buf_puts(&r->error, "none");
	else
		buf_printf(&r->error, "%s:%d", r->url.host, r->url.port);
	buf_printf(&r->error, ": %s%s%s", what, *what ? ": " : "", why);
	r->unavailable = unavailable;
}

void
redis_complain(struct redis *r, const char *what)
{
	redis_set_error(r, 0, "", what);
}

void
redis_blame(struct redis *r, const struct redis *other)
{
	buf_reset(&r->error, REDIS_KEEP);
	buf_add(&r->error, other->error.data, other->error.len);
	r->unavailable = other->unavailable;
}

/* Errors that time heals, by the first word of the reply. */
static int
is_passing(const char *text)
{
	static const char *const words[] = {"LOADING", "BUSY", "MASTERDOWN",
	    "READONLY", "OOM", "MISCONF", "CLUSTERDOWN", "TRYAGAIN",
	    "NOREPLICAS", "UNKILLABLE"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);

		if (strncmp(text, words[i], n) == 0 && text[n] == ' ')
			return 1;
	}
	return strstr(text, "max number of clients") != NULL;
}

/* What a person must do about it, or nothing. */
static const char *
remedy(const char *text)
{
	static const char *const words[] = {"NOAUTH", "WRONGPASS"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncmp(text, words[i], strlen(words[i])) == 0)
			return ": check user and password in the URL, "
			       "redis://USER:PASSWORD@HOST";
	return "";
}

int
redis_is_error(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR;
}

struct redisReply *
redis_checked(struct redis *r, struct redisReply *reply)
{
	if (reply == NULL || !redis_is_error(reply))
		return reply;
	redis_set_error(r, is_passing(reply->str), "", reply->str);
	buf_puts(&r->error, remedy(reply->str));
	freeReplyObject(reply);
	return NULL;
}
