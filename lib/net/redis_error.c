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

void
redis_place(const struct redis *r, struct buf *out)
{
	const struct redis_url *u = &r->url;

	if (u->none)
		return;
	if (u->path != NULL)
		buf_printf(out, "in %s", u->path);
	else
		buf_printf(out, "at %s:%d", u->host, u->port);
	if (u->db != 0)
		buf_printf(out, ", database %d", u->db);
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

/* Temporary errors, by the first word of the reply. */
static const struct passing {
	const char *word;
	int elsewhere; /* another server may have replaced this one */
} passing[] = {{"LOADING", 1}, {"BUSY", 0}, {"MASTERDOWN", 1}, {"READONLY", 1},
    {"OOM", 0}, {"MISCONF", 1}, {"CLUSTERDOWN", 0}, {"TRYAGAIN", 0},
    {"NOREPLICAS", 1}, {"UNKILLABLE", 0}};

/* Before Redis 7, a script's error ends with the error of its command. */
static const char *
command_error(const char *text)
{
	static const char head[] = "ERR Error running script";
	const char *at = NULL;

	if (strncmp(text, head, sizeof(head) - 1) == 0)
		at = strstr(text, ": -");
	return at != NULL ? at + 3 : text;
}

/* The row of a temporary error, or NULL. */
static const struct passing *
passing_of(const char *text)
{
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
		size_t n = strlen(passing[i].word);

		if (strncmp(text, passing[i].word, n) == 0 && text[n] == ' ')
			return &passing[i];
	}
	return NULL;
}

/* What a person must do, or "". */
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
	const struct passing *row;

	if (reply == NULL || !redis_is_error(reply))
		return reply;
	row = passing_of(command_error(reply->str));
	redis_set_error(r,
	    row != NULL || strstr(reply->str, "max number of clients") != NULL,
	    "", reply->str);
	buf_puts(&r->error, remedy(reply->str));
	freeReplyObject(reply);
	/*
	 * The next call looks up the name again, and may find the new server.
	 */
	if (row != NULL && row->elsewhere)
		redis_drop(r);
	return NULL;
}
