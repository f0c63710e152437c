/*
 * libpq's own waits have no limit and do not see the stop flag. So a statement
 * is sent, and its results are awaited with poll, as in "Asynchronous Command
 * Processing" of libpq's documentation.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"
#include "net/db_private.h"

/*
 * Seconds: POLL_SECONDS is the longest poll, because a signal just before a
 * poll does not end it. After LONG_SECONDS a slow statement without a limit is
 * reported.
 */
enum { POLL_SECONDS = 1, LONG_SECONDS = 10 };

void
db_set_limits(struct db *d, const struct db_limits *limits)
{
	d->limits = *limits;
}

void
db_wait_begin(struct db *d, double allowed)
{
	d->since = time_now();
	d->allowed = allowed;
}

/* Seconds that are left for the server. */
static double
time_left(const struct db *d)
{
	const struct db_limits *l = &d->limits;
	double now = time_now(), left = INFINITY;

	if (d->allowed > 0)
		left = d->since + d->allowed - now;
	if (l->stop > 0 && stop_requested()) {
		double asked_at = now - stop_age();

		left = fmin(left, asked_at + l->stop - now);
		left = fmin(left, fmax(d->since, asked_at) + l->stopping - now);
		if (d->gave_up)
			left = 0;
	}
	return left;
}

static int
give_up(struct db *d)
{
	struct buf text = {0};
	char taken[32];

	if (d->gave_up) {
		db_set_error(d, DB_UNAVAILABLE, "",
		    "not asked any more, as it did not answer in time");
		return -1;
	}
	/* After a request to stop, do not wait for a silent server twice. */
	if (d->limits.stop > 0 && stop_requested())
		d->gave_up = 1;
	num_format_duration(time_now() - d->since, taken);
	buf_printf(&text, "no answer in time (%s)", taken);
	db_set_error(d, DB_UNAVAILABLE, "", text.data);
	buf_free(&text);
	return -1;
}

/* Report once that a statement without a limit takes long. */
static void
tell_long(struct db *d)
{
	if (d->allowed > 0 || d->told == NULL || d->has_told ||
	    time_now() - d->since < LONG_SECONDS)
		return;
	d->told(d->told_argument, "a statement takes more than 10 s");
	d->has_told = 1;
}

int
db_wait_socket(struct db *d, short events)
{
	struct pollfd p = {.fd = PQsocket(d->conn), .events = events};

	/* A negative descriptor is closed: libpq's next call reports it. */
	while (p.fd >= 0) {
		double left = fmin(time_left(d), POLL_SECONDS);
		int n;

		if (left <= 0)
			return give_up(d);
		n = poll(&p, 1, (int)(left * 1000) + 1);
		if (n > 0)
			return 0;
		if (n == -1 && errno != EINTR) {
			db_set_error(d, DB_UNAVAILABLE, "", strerror(errno));
			return -1;
		}
		tell_long(d);
	}
	return 0;
}

static int
wait_or_drop(struct db *d, short events)
{
	if (db_wait_socket(d, events) == 0)
		return 0;
	db_disconnect(d);
	return -1;
}

int
db_wait_sent(struct db *d)
{
	/* The result reports a failure to send. */
	while (PQflush(d->conn) == 1) {
		/* The server may not read before its own output was read. */
		if (wait_or_drop(d, POLLIN | POLLOUT) == -1)
			return -1;
		if (!PQconsumeInput(d->conn))
			break;
	}
	return 0;
}

int
db_wait_result(struct db *d, PGresult **r)
{
	if (db_wait_sent(d) == -1)
		return -1;
	while (PQisBusy(d->conn)) {
		if (wait_or_drop(d, POLLIN) == -1)
			return -1;
		/* The connection is lost; the result reports it. */
		if (!PQconsumeInput(d->conn))
			break;
	}
	*r = PQgetResult(d->conn);
	return 0;
}

static int
is_good(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	       status == PGRES_COPY_IN || status == PGRES_EMPTY_QUERY;
}

PGresult *
db_wait_answer(struct db *d, int sent)
{
	PGresult *last = NULL, *r;

	if (!sent) {
		db_set_lost(d);
		return NULL;
	}
	do {
		if (db_wait_result(d, &r) == -1) {
			PQclear(last);
			return NULL;
		}
		if (r != NULL && (last == NULL || is_good(last))) {
			PQclear(last);
			last = r;
		} else {
			PQclear(r);
		}
		/* libpq returns this result again until the COPY is done. */
	} while (r != NULL && PQresultStatus(last) != PGRES_COPY_IN);
	if (last != NULL && is_good(last))
		return last;
	db_set_error_from(d, last);
	PQclear(last);
	return NULL;
}

void
db_drain(struct db *d)
{
	PGresult *r;

	while (db_is_open(d)) {
		if (db_wait_result(d, &r) == -1 || r == NULL)
			return;
		/* In the middle of a COPY no further result comes. */
		if (PQresultStatus(r) == PGRES_COPY_IN)
			db_disconnect(d);
		PQclear(r);
	}
}
