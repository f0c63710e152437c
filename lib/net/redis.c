#include "net/redis.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/redis_url.h"
#include "net/tls.h"

enum { KEEP = 4 << 20, TIMEOUT = 5000, READ = 16384 };

struct redis {
	struct redis_url url;
	struct timeval timeout;
	redisContext *context;
	struct tls *tls;  /* over it, or NULL */
	unsigned epoch;	  /* grows when the server may have lost its scripts */
	struct buf words; /* the command that is being built */
	size_t count;
	struct buf out; /* commands that are to be sent */
	struct buf error;
	int unavailable, lost;
	struct redis_script *script; /* the command's, or NULL */
	size_t owed;		     /* replies to read before others */
	size_t kept_at; /* of these, the one to keep, from 1; 0 none */
	struct redisReply *kept;
};

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

void
redis_close(struct redis *r)
{
	if (r == NULL)
		return;
	redis_drop(r);
	redis_url_free(&r->url);
	freeReplyObject(r->kept);
	buf_free(&r->words);
	buf_free(&r->out);
	buf_free(&r->error);
	free(r);
}

/* Errors. */

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

static void
set_error(struct redis *r, int unavailable, const char *what, const char *why)
{
	buf_reset(&r->error, KEEP);
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
	set_error(r, 0, "", what);
}

void
redis_blame(struct redis *r, const struct redis *other)
{
	buf_reset(&r->error, KEEP);
	buf_add(&r->error, other->error.data, other->error.len);
	r->unavailable = other->unavailable;
}

void
redis_drop(struct redis *r)
{
	tls_close(r->tls);
	r->tls = NULL;
	if (r->context != NULL)
		redisFree(r->context);
	r->context = NULL;
	r->owed = r->kept_at = 0;
	buf_reset(&r->out, KEEP);
}

/* The connection is of no more use; say why. */
static void
fail(struct redis *r, const char *what, int error)
{
	const char *why = error ? strerror(error) : r->context->errstr;

	if (error == 0 && r->context->err == REDIS_ERR_IO)
		error = errno;
	if (error == EAGAIN || error == EWOULDBLOCK)
		why = "no answer in time";
	else if (error == 0 && r->context->err == REDIS_ERR_EOF)
		why = "the server closed the connection";
	r->lost = error != EAGAIN && error != EWOULDBLOCK;
	set_error(r, 1, what, why);
	redis_drop(r);
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

static int
is_error(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR;
}

/* An error reply is told and freed. */
static struct redisReply *
checked(struct redis *r, struct redisReply *reply)
{
	if (reply == NULL || !is_error(reply))
		return reply;
	set_error(r, is_passing(reply->str), "", reply->str);
	buf_puts(&r->error, remedy(reply->str));
	freeReplyObject(reply);
	return NULL;
}

/* Building. */

void
redis_begin(struct redis *r, const char *command)
{
	buf_reset(&r->words, KEEP);
	r->count = 0;
	r->script = NULL;
	redis_str(r, command);
}

void
redis_add(struct redis *r, const void *p, size_t n)
{
	char head[32];
	int k = snprintf(head, sizeof(head), "$%zu\r\n", n);

	buf_add(&r->words, head, (size_t)k);
	buf_add(&r->words, p, n);
	buf_add(&r->words, "\r\n", 2);
	r->count++;
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
	char head[32];
	int k = snprintf(head, sizeof(head), "$%zu\r\n", n + m);

	buf_add(&r->words, head, (size_t)k);
	buf_add(&r->words, a, n);
	buf_add(&r->words, b, m);
	buf_add(&r->words, "\r\n", 2);
	r->count++;
}

void
redis_append(struct redis *r)
{
	buf_printf(&r->out, "*%zu\r\n", r->count);
	buf_add(&r->out, r->words.data, r->words.len);
}

/* Transport. */

/* What tls_write or tls_read said; n is 0 at the end of the connection. */
static void
fail_tls(struct redis *r, const char *what, ssize_t n)
{
	if (n == -1 && errno == EPROTO) {
		r->lost = 0;
		set_error(r, 0, "TLS", tls_error(r->tls));
		redis_drop(r);
		return;
	}
	if (n == 0)
		r->context->err = REDIS_ERR_EOF;
	fail(r, what, n == 0 ? 0 : errno);
}

/* send(2) and not hiredis: a cut connection must not raise SIGPIPE. */
static int
send_all(struct redis *r)
{
	size_t done = 0;

	if (r->tls != NULL) {
		if (tls_write(r->tls, r->out.data, r->out.len) == -1) {
			fail_tls(r, "sending", -1);
			return -1;
		}
		done = r->out.len;
	}
	while (done < r->out.len) {
		ssize_t n = send(r->context->fd, r->out.data + done,
		    r->out.len - done, MSG_NOSIGNAL);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno != EINTR) {
			fail(r, "sending", errno);
			return -1;
		}
	}
	buf_reset(&r->out, KEEP);
	return 0;
}

/* Some more bytes through TLS for the parser. As tls_read. */
static ssize_t
feed(struct redis *r, int wait)
{
	char bytes[READ];
	ssize_t n = tls_read(r->tls, bytes, sizeof(bytes), wait);

	if (n > 0 &&
	    redisReaderFeed(r->context->reader, bytes, (size_t)n) != REDIS_OK) {
		errno = ENOMEM;
		n = -1;
	}
	return n;
}

static struct redisReply *
receive_tls(struct redis *r)
{
	void *reply = NULL;

	for (;;) {
		ssize_t n;

		if (redisGetReplyFromReader(r->context, &reply) != REDIS_OK) {
			fail(r, "reading", 0);
			return NULL;
		}
		if (reply != NULL)
			return reply;
		n = feed(r, 1);
		if (n <= 0) {
			fail_tls(r, "reading", n);
			return NULL;
		}
	}
}

static struct redisReply *
read_reply(struct redis *r)
{
	void *reply = NULL;

	if (r->tls != NULL)
		return receive_tls(r);
	errno = 0;
	if (redisGetReply(r->context, &reply) != REDIS_OK) {
		fail(r, "reading", 0);
		return NULL;
	}
	return reply;
}

/* Whether the server has forgotten its scripts (SCRIPT FLUSH, a restart). */
static int
is_forgotten(const struct redisReply *reply)
{
	return is_error(reply) && strncmp(reply->str, "NOSCRIPT", 8) == 0;
}

/* Read one reply that nobody waits for. 0 or -1. */
static int
read_owed(struct redis *r)
{
	struct redisReply *reply = read_reply(r);

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

/* The reply to what was sent last. */
static struct redisReply *
receive(struct redis *r)
{
	while (r->owed > 0)
		if (read_owed(r) != 0)
			return NULL;
	return read_reply(r);
}

/* One of the commands that open a connection; what was begun stays. */
static int
greet(struct redis *r, const char *const words[], size_t n)
{
	struct redisReply *reply;

	buf_reset(&r->out, KEEP);
	buf_printf(&r->out, "*%zu\r\n", n);
	for (size_t i = 0; i < n; i++)
		buf_printf(
		    &r->out, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
	if (send_all(r) != 0)
		return -1;
	reply = receive(r);
	if (reply == NULL)
		return -1;
	reply = checked(r, reply);
	if (reply == NULL) {
		redis_drop(r);
		return -1;
	}
	freeReplyObject(reply);
	return 0;
}

static int
log_in(struct redis *r)
{
	const struct redis_url *u = &r->url;
	char db[16];

	if (u->password != NULL && u->user != NULL) {
		if (greet(r, (const char *[]){"AUTH", u->user, u->password},
			3) != 0)
			return -1;
	} else if (u->password != NULL) {
		if (greet(r, (const char *[]){"AUTH", u->password}, 2) != 0)
			return -1;
	}
	snprintf(db, sizeof(db), "%d", u->db);
	return u->db ? greet(r, (const char *[]){"SELECT", db}, 2) : 0;
}

/* The start of TLS, where the URL asks for it. */
static int
secure(struct redis *r)
{
	const struct redis_url *u = &r->url;
	const struct tls_options options = {.host = u->host,
	    .authorities = u->authorities,
	    .certificate = u->certificate,
	    .key = u->key,
	    .unchecked = u->unchecked,
	    .any_host = u->any_host};
	struct buf why = {0};
	int again;

	if (!u->tls)
		return 0;
	r->tls = tls_open(r->context->fd, &options, &why, &again);
	if (r->tls == NULL) {
		set_error(r, again, "TLS", why.data);
		redis_drop(r);
	}
	buf_free(&why);
	return r->tls != NULL ? 0 : -1;
}

static int
open_connection(struct redis *r)
{
	if (r->context != NULL)
		return 0;
	if (r->url.none) {
		set_error(r, 1, "", "there is none");
		return -1;
	}
	r->context =
	    r->url.path
		? redisConnectUnixWithTimeout(r->url.path, r->timeout)
		: redisConnectWithTimeout(r->url.host, r->url.port, r->timeout);
	if (r->context == NULL || r->context->err != 0) {
		set_error(r, 1, "connecting",
		    r->context ? r->context->errstr : "out of memory");
		redis_drop(r);
		return -1;
	}
	redisSetTimeout(r->context, r->timeout);
	if (secure(r) != 0)
		return -1;
	r->epoch++;
	return log_in(r);
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
		status = open_connection(r);
		buf_free(&r->out);
		r->out = keep;
		if (status != 0) {
			buf_reset(&r->out, KEEP);
			r->lost = 0;
			return -1;
		}
	}
	return send_all(r);
}

struct redisReply *
redis_next(struct redis *r)
{
	struct redisReply *reply;

	if (r->context == NULL)
		return NULL;
	reply = receive(r);
	if (reply != NULL && is_forgotten(reply)) {
		/* As if cut: a new connection loads its scripts anew. */
		reply = checked(r, reply);
		redis_drop(r);
		r->lost = 1;
	}
	return checked(r, reply);
}

/* Load the script of the command that is being built, which stays. */
static int
load_again(struct redis *r)
{
	struct redis_script *script = r->script;
	struct buf words = r->words;
	size_t count = r->count;
	int status;

	r->words = (struct buf){0};
	status = load(r, script);
	buf_free(&r->words);
	r->words = words;
	r->count = count;
	r->script = script;
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
		if (reply != NULL && is_forgotten(reply) && r->script &&
		    loads++ == 0) {
			freeReplyObject(reply);
			if (load_again(r) != 0)
				return NULL;
			continue;
		}
		if (reply != NULL)
			return checked(r, reply);
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
	/* The connection it was asked on is gone, or the script was. */
	r->lost = reply == NULL || is_forgotten(reply);
	return checked(r, reply);
}

int
redis_connected(const struct redis *r)
{
	return r->context != NULL;
}

/* Take in what has come. 0, or -1 with an error. */
static int
read_more(struct redis *r)
{
	ssize_t n;

	if (r->tls == NULL)
		return redisBufferRead(r->context) == REDIS_OK ? 0 : -1;
	/* Something came, but it may be for TLS itself. */
	n = feed(r, 0);
	if (n > 0 || (n == -1 && errno == EAGAIN))
		return 0;
	fail_tls(r, "reading", n);
	return -1;
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
	    read_more(r) == 0)
		redisGetReplyFromReader(r->context, &out);
	if (r->context == NULL)
		return -1;
	if (r->context->err != 0) {
		fail(r, "reading", 0);
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
	r->script = s;
	redis_str(r, s->sha);
	redis_int(r, (int64_t)keys);
	return 0;
}

/* Replies. */

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
