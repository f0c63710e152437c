#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/num.h"
#include "net/db_private.h"
#include "net/db_url.h"

enum { CONNECT_SECONDS = 10 };

void
db_disconnect(struct db *d)
{
	PQfinish(d->conn);
	d->conn = NULL;
}

static enum db_fault
connect_fault(const struct db *d, const char *state, const char *message)
{
	enum db_fault fault = db_fault_of(state, message, d->worked);

	/* The server cannot begin a session, as when its disk is full. */
	if (fault == DB_FATAL && strcmp(state, "XX000") == 0)
		return DB_UNAVAILABLE;
	return fault;
}

/* Set the error, without the password. */
static void
set_hidden_error(
    struct db *d, enum db_fault fault, const char *state, const char *message)
{
	struct buf text = {0};

	db_url_add_message(&text, message, PQpass(d->conn));
	db_set_error(d, fault, state, text.data);
	buf_free(&text);
}

/*
 * A failed connection has no result with a SQLSTATE, but the verbose message
 * contains it: "FATAL: 28P01: password authentication failed ...".
 */
static void
set_connect_error(struct db *d)
{
	const char *message = PQerrorMessage(d->conn);
	const char *fatal = strstr(message, "FATAL:  ");
	char state[6] = "";
	struct buf text = {0};
	const char *location;

	if (fatal != NULL && strlen(fatal) > 15 && fatal[13] == ':') {
		memcpy(state, fatal + 8, 5);
		location = strstr(fatal, "\nLOCATION:");
		buf_add(&text, fatal + 15,
		    location ? (size_t)(location - fatal - 15)
			     : strlen(fatal + 15));
		set_hidden_error(
		    d, connect_fault(d, state, text.data), state, text.data);
		buf_free(&text);
		return;
	}
	set_hidden_error(d,
	    PQconnectionNeedsPassword(d->conn) && !d->worked ? DB_CONFIG
							     : DB_UNAVAILABLE,
	    "", message);
}

static void
ignore_notice(void *argument, const char *message)
{
	(void)argument;
	(void)message;
}

/* Go on until the connection is made, has failed, or took too long. 0 or -1. */
static int
finish_connecting(struct db *d, double seconds)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	db_wait_begin(d, seconds);
	while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
		if (db_wait_socket(
			d, state == PGRES_POLLING_READING ? POLLIN : POLLOUT) ==
		    -1)
			return -1;
		state = PQconnectPoll(d->conn);
	}
	/* From now on no call of libpq waits. */
	if (state == PGRES_POLLING_OK && PQsetnonblocking(d->conn, 1) == 0)
		return 0;
	set_connect_error(d);
	return -1;
}

/*
 * Whether s is numbers within bounds, separated by commas; each may be empty.
 */
static int
are_numbers(const char *s, int64_t lo, int64_t hi)
{
	int good = 1;

	while (good && *s != '\0') {
		size_t n = strcspn(s, ",");
		char *one = x_memdup(s, n);
		int64_t number;

		good = n == 0 || num_int(one, lo, hi, &number) == 0;
		free(one);
		s += n + (s[n] == ',');
	}
	return good;
}

/* A word may be a password that stands in a wrong place. */
static const char *
shown_number(const char *s)
{
	return s[strspn(s, "0123456789,-")] == '\0' ? s : "***";
}

/*
 * Whether all numbers in the address are valid. libpq checks them only when it
 * connects, and then the failure looks like a failure of the server.
 */
static int
has_sound_numbers(PGconn *conn, struct buf *why)
{
	PQconninfoOption *options = PQconninfo(conn);

	for (PQconninfoOption *o = options; o != NULL && o->keyword; o++) {
		int is_port = strcmp(o->keyword, "port") == 0;
		int is_number = is_port ||
				strcmp(o->keyword, "tcp_user_timeout") == 0 ||
				strncmp(o->keyword, "keepalives", 10) == 0;

		if (is_number && o->val != NULL &&
		    !are_numbers(o->val, is_port ? 1 : INT32_MIN,
			is_port ? 65535 : INT32_MAX))
			buf_printf(why, "%s%s '%s' cannot be",
			    why->len > 0 ? ", " : "", o->keyword,
			    shown_number(o->val));
	}
	PQconninfoFree(options);
	return why->len == 0;
}

/* The address is wrong: trying again will not help. */
static int
refuse_address(struct db *d, const char *why)
{
	db_set_error(d, DB_CONFIG, "", why);
	db_disconnect(d);
	return -1;
}

/* Refuse an address that libpq cannot read, or reads otherwise than meant. */
static int
check_address(struct db *d)
{
	PQconninfoOption *options;
	const char *why;
	char *message = NULL;
	int status;

	if (d->url == NULL)
		return 0;
	if (db_url_check(d->url, &why) == -1)
		return refuse_address(d, why);
	/* Without any of both it is the name of a database. */
	if (strchr(d->url, '=') == NULL && strstr(d->url, "://") == NULL)
		return 0;
	options = PQconninfoParse(d->url, &message);
	status = options == NULL && message != NULL ? -1 : 0;
	if (status == -1)
		refuse_address(d, db_url_complaint(message));
	PQfreemem(message);
	PQconninfoFree(options);
	return status;
}

int
db_connect(struct db *d)
{
	/*
	 * The url (dbname) overrides the keys before it. A server that is gone
	 * without a word is noticed after a minute if nothing is being sent to
	 * it, and after half a minute otherwise. connect_timeout is for PQping.
	 */
	const char *keys[] = {"keepalives_idle", "keepalives_interval",
	    "keepalives_count", "tcp_user_timeout", "connect_timeout", "dbname",
	    "fallback_application_name", "client_encoding", NULL};
	const char *values[] = {"30", "10", "3", "30000", "10", d->url,
	    d->application, "UTF8", NULL};
	const char *limit = getenv("PGCONNECT_TIMEOUT");
	int64_t seconds = CONNECT_SECONDS;
	struct buf why = {0};

	if (db_is_open(d))
		return 0;
	db_disconnect(d);
	if (limit != NULL)
		num_int(limit, 1, 3600, &seconds);
	if (check_address(d) == -1)
		return -1;
	d->conn = PQconnectStartParams(keys, values, 1);
	if (d->conn == NULL) {
		db_set_error(d, DB_UNAVAILABLE, "", "out of memory");
		return -1;
	}
	if (!has_sound_numbers(d->conn, &why)) {
		refuse_address(d, why.data);
		buf_free(&why);
		return -1;
	}
	PQsetErrorVerbosity(d->conn, PQERRORS_VERBOSE);
	PQsetNoticeProcessor(d->conn, ignore_notice, NULL);
	if (PQstatus(d->conn) == CONNECTION_BAD) {
		/*
		 * The connection was not even started: the url is wrong, or
		 * nobody listens on the unix socket. Only PQping can tell
		 * which.
		 */
		int nonsense =
		    PQpingParams(keys, values, 1) == PQPING_NO_ATTEMPT;

		set_hidden_error(d, nonsense ? DB_CONFIG : DB_UNAVAILABLE, "",
		    PQerrorMessage(d->conn));
		return -1;
	}
	if (finish_connecting(d, (double)seconds) == -1)
		return -1;
	PQsetErrorVerbosity(d->conn, PQERRORS_DEFAULT);
	d->fault = DB_NONE;
	return 0;
}

const char *
db_socket_folder(const struct db *d)
{
	const char *host = db_is_open(d) ? PQhost(d->conn) : NULL;

	return host != NULL && *host == '/' ? host : NULL;
}

void
db_place(const struct db *d, struct buf *out)
{
	const char *host = d->conn != NULL ? PQhost(d->conn) : NULL;
	const char *port = d->conn != NULL ? PQport(d->conn) : NULL;
	const char *name = d->conn != NULL ? PQdb(d->conn) : NULL;

	if (host == NULL || *host == '\0')
		return;
	if (name != NULL && *name != '\0')
		buf_printf(out, "database %s ", name);
	buf_printf(out, "%s %s", *host == '/' ? "in" : "at", host);
	if (*host != '/' && port != NULL && *port != '\0')
		buf_printf(out, ":%s", port);
}
