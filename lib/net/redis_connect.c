#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/stop.h"
#include "base/time.h"
#include "net/redis_private.h"
#include "net/tls.h"

enum { READ = 16384 }; /* bytes of one read through TLS */

/*
 * Seconds after a request to stop in which answers may still come. Later, an
 * answer must come at once.
 */
static const double stopping = 2, at_once = 0.5;

void
redis_drop(struct redis *r)
{
	tls_close(r->tls);
	r->tls = NULL;
	if (r->context != NULL)
		redisFree(r->context);
	r->context = NULL;
	r->owed = r->kept_at = 0;
	buf_reset(&r->out, REDIS_KEEP);
}

void
redis_fail(struct redis *r, const char *what, int error)
{
	const char *why = error ? strerror(error) : r->context->errstr;

	if (error == 0 && r->context->err == REDIS_ERR_IO)
		error = errno;
	if (error == EAGAIN || error == EWOULDBLOCK)
		why = "no answer in time";
	else if (error == 0 && r->context->err == REDIS_ERR_EOF)
		why = "the server closed the connection";
	r->lost = error != EAGAIN && error != EWOULDBLOCK;
	redis_set_error(r, 1, what, why);
	redis_drop(r);
}

/* Fail as tls_write or tls_read did; n is 0 at the end of the connection. */
static void
fail_tls(struct redis *r, const char *what, ssize_t n)
{
	if (n == -1 && errno == EPROTO) {
		r->lost = 0;
		redis_set_error(r, 0, "TLS", tls_error(r->tls));
		redis_drop(r);
		return;
	}
	if (n == 0)
		r->context->err = REDIS_ERR_EOF;
	redis_fail(r, what, n == 0 ? 0 : errno);
}

/* By send(2), not hiredis: a lost connection must not raise SIGPIPE. */
int
redis_send_all(struct redis *r)
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
			redis_fail(r, "sending", errno);
			return -1;
		}
	}
	buf_reset(&r->out, REDIS_KEEP);
	return 0;
}

/*
 * Read the bytes that have arrived through TLS for the parser. Returns as
 * tls_read does.
 */
static ssize_t
feed(struct redis *r)
{
	char bytes[READ];
	ssize_t n = tls_read(r->tls, bytes, sizeof(bytes));

	if (n > 0 &&
	    redisReaderFeed(r->context->reader, bytes, (size_t)n) != REDIS_OK) {
		errno = ENOMEM;
		n = -1;
	}
	return n;
}

/*
 * Wait until bytes arrive. 0, or -1 with errno. A blocking read would begin its
 * time-out again after each signal.
 */
static int
wait_for_bytes(struct redis *r)
{
	struct pollfd p = {.fd = r->context->fd, .events = POLLIN};
	double until = time_now() + (double)r->timeout.tv_sec +
		       (double)r->timeout.tv_usec / 1e6;
	int n = tls_pending(r->tls) ? 1 : 0;

	while (n == 0) {
		double left = until - time_now();

		if (stop_requested()) {
			double more = stopping - stop_age();

			more = more > at_once ? more : at_once;
			left = left < more ? left : more;
		}
		if (left <= 0) {
			errno = EAGAIN;
			return -1;
		}
		n = poll(&p, 1, (int)(left * 1000) + 1);
		if (n == 0)
			errno = EAGAIN;
		if (n == 0 || (n == -1 && errno != EINTR))
			return -1;
		n = n > 0;
	}
	return 0;
}

struct redisReply *
redis_read(struct redis *r)
{
	void *reply = NULL;

	for (;;) {
		errno = 0;
		if (redisGetReplyFromReader(r->context, &reply) != REDIS_OK) {
			redis_fail(r, "reading", 0);
			return NULL;
		}
		if (reply != NULL)
			return reply;
		if (wait_for_bytes(r) == -1) {
			redis_fail(r, "reading", errno);
			return NULL;
		}
		if (redis_read_more(r) == -1) {
			if (r->context != NULL)
				redis_fail(r, "reading", 0);
			return NULL;
		}
	}
}

int
redis_read_more(struct redis *r)
{
	ssize_t n;

	if (r->tls == NULL)
		return redisBufferRead(r->context) == REDIS_OK ? 0 : -1;
	/* The bytes that arrived may be a message of TLS itself. */
	n = feed(r);
	if (n > 0 || (n == -1 && errno == EAGAIN))
		return 0;
	fail_tls(r, "reading", n);
	return -1;
}

void
redis_format(
    struct buf *out, const char *words[], const size_t lengths[], size_t n)
{
	char *command;
	long long size =
	    redisFormatCommandArgv(&command, (int)n, words, lengths);

	/* This fails only without memory. */
	if (size < 0)
		abort();
	buf_add(out, command, (size_t)size);
	redisFreeCommand(command);
}

/* Send a command of the start of a connection; r->command is not changed. */
static int
greet(struct redis *r, const char *words[], size_t n)
{
	struct redisReply *reply;

	buf_reset(&r->out, REDIS_KEEP);
	redis_format(&r->out, words, NULL, n);
	if (redis_send_all(r) != 0)
		return -1;
	reply = redis_read(r);
	if (reply == NULL)
		return -1;
	reply = redis_checked(r, reply);
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

/* Start TLS, if the URL asks for it. */
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
		redis_set_error(r, again, "TLS", why.data);
		redis_drop(r);
	}
	buf_free(&why);
	return r->tls != NULL ? 0 : -1;
}

int
redis_connect(struct redis *r)
{
	if (r->context != NULL)
		return 0;
	if (r->url.none) {
		redis_set_error(r, 1, "", "there is none");
		return -1;
	}
	r->context =
	    r->url.path
		? redisConnectUnixWithTimeout(r->url.path, r->timeout)
		: redisConnectWithTimeout(r->url.host, r->url.port, r->timeout);
	if (r->context == NULL || r->context->err != 0) {
		redis_set_error(r, 1, "connecting",
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
