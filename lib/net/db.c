#include "net/db.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/periods.h"
#include "base/time.h"
#include "net/db_values.h"

enum { CONNECT_SECONDS = 10, ERROR_MAX = 1024 };

struct db {
	char *url;
	char *application;
	PGconn *conn;
	enum db_fault fault;
	char sqlstate[6];
	char error[ERROR_MAX];
	int in_transaction; /* begun by db_transact */
	void (*told)(void *argument, const char *what);
	void *told_argument;
	int has_told; /* of this wait */
};

/* The result is libpq's own; only the name is ours. */
struct db_result {
	PGresult *pg;
};

struct db *
db_open(const char *url, const char *application)
{
	struct db *d = x_calloc(1, sizeof(*d));

	d->url = x_strdup(url);
	d->application = x_strdup(application);
	return d;
}

void
db_close(struct db *d)
{
	if (d == NULL)
		return;
	PQfinish(d->conn);
	free(d->url);
	free(d->application);
	free(d);
}

int
db_is_open(const struct db *d)
{
	return d->conn != NULL && PQstatus(d->conn) == CONNECTION_OK;
}

static void
disconnect(struct db *d)
{
	PQfinish(d->conn);
	d->conn = NULL;
}

const char *
db_error(const struct db *d)
{
	return d->error;
}

enum db_fault
db_fault(const struct db *d)
{
	return d->fault;
}

const char *
db_sqlstate(const struct db *d)
{
	return d->sqlstate;
}

/* Errors. */

static const char lock_not_available[] = "55P03";

static int
is_state(const char *state, const char *wanted)
{
	return state != NULL && strcmp(state, wanted) == 0;
}

/*
 * Supavisor reports its own troubles as XX000 with a code in parentheses; the
 * code, not the words after it, is its interface.
 */
static enum db_fault
pooler_fault(const char *message)
{
	static const char *const passing[] = {"(EMAXCONN", "(ECHECKOUT",
	    "(EPOOL", "(EDBHANDLEREXITED", "(ECIRCUITBREAKER"};
	static const char *const config[] = {"(ENOTFOUND", "(ENOIDENTIFIER",
	    "(EADDRNOTALLOWED", "(ESSLREQUIRED"};

	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		if (strstr(message, passing[i]) != NULL)
			return DB_UNAVAILABLE;
	for (size_t i = 0; i < sizeof(config) / sizeof(*config); i++)
		if (strstr(message, config[i]) != NULL)
			return DB_CONFIG;
	return DB_FATAL;
}

static enum db_fault
sqlstate_fault(const char *state, const char *message)
{
	static const struct {
		const char *prefix;
		enum db_fault fault;
	} table[] = {
	    {"08", DB_UNAVAILABLE},    /* connection exception */
	    {"53300", DB_UNAVAILABLE}, /* too many connections */
	    {"53400", DB_UNAVAILABLE}, /* configuration limit exceeded */
	    {"57P01", DB_UNAVAILABLE}, /* admin shutdown */
	    {"57P02", DB_UNAVAILABLE}, /* crash shutdown */
	    {"57P03", DB_UNAVAILABLE}, /* cannot connect now */
	    {"40001", DB_CONFLICT},    /* serialisation failure */
	    {"40P01", DB_CONFLICT},    /* deadlock */
	    {"55P03", DB_CONFLICT},    /* lock not available */
	    {"22", DB_DATA},	       /* data exception */
	    {"23", DB_DATA},	       /* constraint */
	    {"54", DB_DATA},	       /* program limit, e.g. too long */
	    {"28", DB_CONFIG},	       /* authorisation */
	    {"3D", DB_CONFIG},	       /* no such database */
	    {"3F", DB_CONFIG},	       /* no such schema */
	    {"42501", DB_CONFIG},      /* insufficient privilege */
	    {"42P01", DB_CONFIG},      /* no such table */
	    {"0A", DB_CONFIG},	       /* feature not supported */
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) ==
		    0)
			return table[i].fault;
	return strcmp(state, "XX000") == 0 ? pooler_fault(message) : DB_FATAL;
}

/*
 * Keep message as one line, without the question that libpq puts behind what
 * happened: our callers say what to do.
 */
static void
set_error(
    struct db *d, enum db_fault fault, const char *state, const char *message)
{
	static const char hint[] = "\n\tIs the server running ";
	size_t n = 0;

	d->fault = fault;
	snprintf(d->sqlstate, sizeof(d->sqlstate), "%s", state);
	for (; *message != '\0' && n < sizeof(d->error) - 1; message++) {
		if (strncmp(message, hint, strlen(hint)) == 0)
			break;
		char c = *message == '\n' || *message == '\t' ? ' ' : *message;

		if (c != ' ' || (n > 0 && d->error[n - 1] != ' '))
			d->error[n++] = c;
	}
	while (n > 0 && d->error[n - 1] == ' ')
		n--;
	d->error[n] = '\0';
}

static void
set_error_from(struct db *d, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
	const char *context = PQresultErrorField(r, PG_DIAG_CONTEXT);
	struct buf text = {0};

	if (message == NULL)
		message = PQerrorMessage(d->conn);
	if (is_state(state, lock_not_available)) {
		buf_puts(&text, "another transaction holds a lock that is "
				"needed");
		/* It tells the row and the table. */
		if (context != NULL)
			buf_printf(&text, " %s", context);
	} else {
		buf_puts(&text, message);
	}
	if (detail != NULL)
		buf_printf(&text, ": %s", detail);
	if (state == NULL || !db_is_open(d))
		set_error(d, DB_UNAVAILABLE, state ? state : "", text.data);
	else
		set_error(d, sqlstate_fault(state, message), state, text.data);
	buf_free(&text);
}

/*
 * A failed connection has no result to ask for its SQLSTATE, but the verbose
 * message holds it: "FATAL:  28P01: password authentication failed ...".
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
		set_error(
		    d, sqlstate_fault(state, text.data), state, text.data);
		buf_free(&text);
		return;
	}
	set_error(d,
	    PQconnectionNeedsPassword(d->conn) ? DB_CONFIG : DB_UNAVAILABLE, "",
	    *message ? message : "no answer in time");
}

/* Connecting. */

static void
ignore_notice(void *argument, const char *message)
{
	(void)argument;
	(void)message;
}

/* Drive the connection until it stands, failed, or took too long. */
static int
finish_connecting(PGconn *conn, double deadline)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
		struct pollfd p = {.fd = PQsocket(conn),
		    .events =
			state == PGRES_POLLING_READING ? POLLIN : POLLOUT};
		double left = deadline - time_now();
		int n;

		if (left <= 0)
			return -1;
		n = poll(&p, 1, (int)(left * 1000) + 1);
		if (n == 0 || (n == -1 && errno != EINTR))
			return -1;
		if (n > 0)
			state = PQconnectPoll(conn);
	}
	return state == PGRES_POLLING_OK ? 0 : -1;
}

/* Numbers within bounds, with commas between; any of them may be missing. */
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

/*
 * Whether every number in the address is one. libpq looks at them only when it
 * connects, and its failure then looks like that of a server.
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
			    why->len > 0 ? ", " : "", o->keyword, o->val);
	}
	PQconninfoFree(options);
	return why->len == 0;
}

/* The address makes no sense; nothing that happens later will change it. */
static int
refuse_address(struct db *d, const char *why)
{
	set_error(d, DB_CONFIG, "", why);
	disconnect(d);
	return -1;
}

int
db_connect(struct db *d)
{
	const char *keys[] = {
	    "dbname", "fallback_application_name", "client_encoding", NULL};
	const char *values[] = {d->url, d->application, "UTF8", NULL};
	const char *limit = getenv("PGCONNECT_TIMEOUT");
	int64_t seconds = CONNECT_SECONDS;
	struct buf why = {0};

	if (db_is_open(d))
		return 0;
	disconnect(d);
	if (limit != NULL)
		num_int(limit, 1, 3600, &seconds);
	/* libpq would take it for the name of a database. */
	if (d->url != NULL && strstr(d->url, "://") != NULL &&
	    strncmp(d->url, "postgres://", 11) != 0 &&
	    strncmp(d->url, "postgresql://", 13) != 0) {
		return refuse_address(
		    d, "the url does not begin with postgresql://");
	}
	d->conn = PQconnectStartParams(keys, values, 1);
	if (d->conn == NULL) {
		set_error(d, DB_UNAVAILABLE, "", "out of memory");
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
		 * Not even started. Either the url makes no sense or, on a
		 * unix socket, nobody listens; only PQping can tell which.
		 */
		int nonsense =
		    PQpingParams(keys, values, 1) == PQPING_NO_ATTEMPT;

		set_error(d, nonsense ? DB_CONFIG : DB_UNAVAILABLE, "",
		    PQerrorMessage(d->conn));
		return -1;
	}
	if (finish_connecting(d->conn, time_now() + (double)seconds) == -1) {
		set_connect_error(d);
		return -1;
	}
	PQsetErrorVerbosity(d->conn, PQERRORS_DEFAULT);
	d->fault = DB_NONE;
	return 0;
}

/* Running. */

struct sent {
	const char *values[DB_ARGS_MAX];
	int lengths[DB_ARGS_MAX];
	int formats[DB_ARGS_MAX];
	Oid types[DB_ARGS_MAX];
};

static void
lay_out(struct sent *s, const struct db_args *a)
{
	for (int i = 0; i < a->n; i++) {
		s->values[i] = a->arg[i].offset == SIZE_MAX
				   ? NULL
				   : a->data->data + a->arg[i].offset;
		s->lengths[i] = a->arg[i].length;
		s->formats[i] = a->arg[i].format;
		s->types[i] = a->arg[i].type;
	}
}

/* A result that is good, or NULL with the error. */
static PGresult *
check(struct db *d, PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	    status == PGRES_COPY_IN || status == PGRES_EMPTY_QUERY)
		return r;
	set_error_from(d, r);
	PQclear(r);
	return NULL;
}

/* Statements without arguments, as one message. 0 or -1. */
static int
send_plain(struct db *d, const char *sql)
{
	PGresult *r = check(d, PQexec(d->conn, sql));

	PQclear(r);
	return r == NULL ? -1 : 0;
}

static int
begin(struct db *d, int how)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "begin%s;%s set local lock_timeout = '%ds'",
	    how & DB_SNAPSHOT ? " isolation level repeatable read, read only"
			      : "",
	    how & DB_KEYED ? " set local enable_seqscan = off;"
			     " set local enable_bitmapscan = off;"
			     " set local jit = off;"
			   : "",
	    PERIOD_LOCK);
	d->fault = DB_NONE;
	*d->sqlstate = '\0';
	if (db_connect(d) == -1)
		return -1;
	return send_plain(d, sql);
}

static int
commit(struct db *d)
{
	PGresult *r;
	int status = -1;

	/* Without a connection there is no transaction left to commit. */
	if (!db_is_open(d)) {
		set_error(d, DB_UNAVAILABLE, "", "the connection was lost");
		return -1;
	}
	r = PQexec(d->conn, "commit");
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		set_error_from(d, r);
	else if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
		/* A failed transaction answers COMMIT with ROLLBACK. */
		set_error(d, DB_FATAL, "25P02", "transaction was rolled back");
	else
		status = 0;
	PQclear(r);
	return status;
}

/* Read what is left of a statement, so that the next one can be sent. */
static void
drain(struct db *d)
{
	PGresult *r;

	while ((r = PQgetResult(d->conn)) != NULL)
		PQclear(r);
}

/* Safe at any time. A connection in doubt is dropped. */
static void
rollback(struct db *d)
{
	if (!db_is_open(d))
		return;
	if (d->fault == DB_UNAVAILABLE) {
		disconnect(d);
		return;
	}
	drain(d);
	if (PQtransactionStatus(d->conn) != PQTRANS_IDLE)
		PQclear(PQexec(d->conn, "rollback"));
}

/* Whether a lock was in the way and we are to wait for it; says so once. */
static int
waits_for_lock(struct db *d)
{
	if (d->told == NULL || !is_state(d->sqlstate, lock_not_available))
		return 0;
	if (!d->has_told)
		d->told(d->told_argument, d->error);
	d->has_told = 1;
	return 1;
}

int
db_transact(struct db *d, int how, int (*work)(struct db *d, void *argument),
    void *argument)
{
	static const struct backoff race = {0.02, 0.32, 0.5};
	enum { TRIES = 5 };
	int tries = 0, n;

	d->has_told = 0;
	for (;;) {
		n = -1;
		d->in_transaction = 1;
		if (begin(d, how) == 0)
			n = work(d, argument);
		d->in_transaction = 0;
		if (n != -1 && how & DB_UNDO) {
			rollback(d);
			return n;
		}
		if (n != -1 && commit(d) == 0)
			return n;
		rollback(d);
		if (waits_for_lock(d))
			continue;
		/* Who waited for a lock has waited long enough. */
		if (d->fault != DB_CONFLICT || ++tries == TRIES ||
		    is_state(d->sqlstate, lock_not_available))
			return -1;
		time_sleep(backoff_wait(&race, tries));
	}
}

void
db_wait_for_locks(struct db *d, void (*told)(void *argument, const char *what),
    void *argument)
{
	d->told = told;
	d->told_argument = argument;
}

/* One statement in the transaction that is open. */
static PGresult *
send(struct db *d, const char *sql, const struct db_args *a, int binary)
{
	static const struct db_args none;
	struct sent s;

	if (a == NULL && !binary)
		return check(d, PQexec(d->conn, sql));
	lay_out(&s, a ? a : &none);
	return check(d, PQexecParams(d->conn, sql, a ? a->n : 0, s.types,
			    s.values, s.lengths, s.formats, binary));
}

/* A statement that is a transaction of its own. */
static PGresult *
send_alone(struct db *d, const char *sql, const struct db_args *a, int binary)
{
	PGresult *r = NULL;

	d->has_told = 0;
	do {
		if (begin(d, DB_PLAIN) == 0)
			r = send(d, sql, a, binary);
		if (r != NULL && commit(d) == 0)
			return r;
		PQclear(r);
		r = NULL;
		rollback(d);
	} while (waits_for_lock(d));
	return NULL;
}

static struct db_result *
run(struct db *d, const char *sql, const struct db_args *a, int binary)
{
	struct db_result *result = NULL;
	PGresult *r;

	if (!d->in_transaction) {
		r = send_alone(d, sql, a, binary);
	} else if (!db_is_open(d)) {
		/* What came before in the transaction went with it. */
		set_error(d, DB_UNAVAILABLE, "", "the connection was lost");
		return NULL;
	} else {
		r = send(d, sql, a, binary);
	}
	if (r == NULL)
		return NULL;
	result = x_calloc(1, sizeof(*result));
	result->pg = r;
	return result;
}

struct db_result *
db_run(struct db *d, const char *sql, const struct db_args *a)
{
	return run(d, sql, a, 0);
}

struct db_result *
db_run_binary(struct db *d, const char *sql, const struct db_args *a)
{
	return run(d, sql, a, 1);
}

int64_t
db_do(struct db *d, const char *sql, const struct db_args *a)
{
	struct db_result *r = run(d, sql, a, 0);
	int64_t n = 0;

	if (r == NULL)
		return -1;
	num_int(PQcmdTuples(r->pg), 0, INT64_MAX, &n);
	db_result_free(r);
	return n;
}

struct stream {
	const char *sql;
	const struct db_args *args;
	int (*row)(void *argument, const struct db_result *r);
	void *argument;
};

static int
stream(struct db *d, void *argument)
{
	static const struct db_args none;
	const struct stream *t = argument;
	const struct db_args *a = t->args ? t->args : &none;
	struct sent s;
	PGresult *r;
	int status = 0, stopped = 0;

	lay_out(&s, a);
	if (!PQsendQueryParams(d->conn, t->sql, a->n, s.types, s.values,
		s.lengths, s.formats, 1) ||
	    !PQsetSingleRowMode(d->conn)) {
		set_error(d, DB_UNAVAILABLE, "", PQerrorMessage(d->conn));
		return -1;
	}
	while ((r = PQgetResult(d->conn)) != NULL) {
		ExecStatusType state = PQresultStatus(r);
		struct db_result one = {r};

		if (state == PGRES_SINGLE_TUPLE) {
			if (!stopped)
				stopped = t->row(t->argument, &one) == -1;
		} else if (state != PGRES_TUPLES_OK) {
			set_error_from(d, r);
			status = -1;
		}
		PQclear(r);
	}
	return status;
}

int
db_stream(struct db *d, const char *sql, const struct db_args *a,
    int (*row)(void *argument, const struct db_result *r), void *argument)
{
	struct stream s = {sql, a, row, argument};

	if (d->in_transaction)
		return stream(d, &s);
	return db_transact(d, DB_PLAIN, stream, &s);
}

void
db_result_free(struct db_result *r)
{
	if (r == NULL)
		return;
	PQclear(r->pg);
	free(r);
}

int
db_rows(const struct db_result *r)
{
	return PQntuples(r->pg);
}

const char *
db_text(const struct db_result *r, int row, int column)
{
	return PQgetvalue(r->pg, row, column);
}

size_t
db_length(const struct db_result *r, int row, int column)
{
	return (size_t)PQgetlength(r->pg, row, column);
}

int
db_is_null(const struct db_result *r, int row, int column)
{
	return PQgetisnull(r->pg, row, column);
}

int64_t
db_int(const struct db_result *r, int row, int column)
{
	int64_t v = 0;

	num_int(db_text(r, row, column), INT64_MIN, INT64_MAX, &v);
	return v;
}

double
db_double(const struct db_result *r, int row, int column)
{
	return strtod(db_text(r, row, column), NULL);
}

int
db_bool(const struct db_result *r, int row, int column)
{
	return *db_text(r, row, column) == 't';
}

static uint32_t
be32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
	       (uint32_t)u[2] << 8 | u[3];
}

int32_t
db_binary_int4(const struct db_result *r, int row, int column)
{
	return (int32_t)be32(db_text(r, row, column));
}

int64_t
db_binary_int8(const struct db_result *r, int row, int column)
{
	const char *p = db_text(r, row, column);

	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

int
db_count(struct db *d, const char *sql, const struct db_args *a)
{
	struct db_result *r = db_run(d, sql, a);
	int n;

	if (r == NULL)
		return -1;
	n = (int)db_int(r, 0, 0);
	db_result_free(r);
	return n;
}

uint8_t *
db_ids(struct db *d, const char *sql, const struct db_args *a, size_t *n)
{
	enum { SIZE = 16 };
	struct db_result *r = db_run_binary(d, sql, a);
	uint8_t *ids;

	if (r == NULL)
		return NULL;
	*n = (size_t)db_rows(r);
	ids = x_calloc(*n + 1, SIZE);
	for (size_t i = 0; i < *n; i++)
		memcpy(ids + i * SIZE, db_text(r, (int)i, 0), SIZE);
	db_result_free(r);
	return ids;
}

/* COPY. */

static int
copy_bytes(struct db *d, const char *p, size_t n)
{
	enum { PIECE = 1 << 20 };

	for (size_t at = 0; at < n; at += PIECE) {
		size_t piece = n - at < PIECE ? n - at : PIECE;

		if (PQputCopyData(d->conn, p + at, (int)piece) != 1) {
			set_error(
			    d, DB_UNAVAILABLE, "", PQerrorMessage(d->conn));
			return -1;
		}
	}
	return 0;
}

int
db_copy_begin(struct db *d, const char *sql)
{
	/* Signature, flags, length of the header extension. */
	static const char head[19] = "PGCOPY\n\377\r\n";

	if (db_do(d, sql, NULL) == -1)
		return -1;
	return copy_bytes(d, head, sizeof(head));
}

int
db_copy_write(struct db *d, const struct buf *rows)
{
	return copy_bytes(d, rows->data, rows->len);
}

int
db_copy_end(struct db *d)
{
	static const char trailer[2] = "\xFF\xFF";
	PGresult *r;
	int status = -1;

	if (copy_bytes(d, trailer, sizeof(trailer)) == -1)
		return -1;
	if (PQputCopyEnd(d->conn, NULL) != 1) {
		set_error(d, DB_UNAVAILABLE, "", PQerrorMessage(d->conn));
		return -1;
	}
	r = PQgetResult(d->conn);
	if (PQresultStatus(r) == PGRES_COMMAND_OK)
		status = 0;
	else
		set_error_from(d, r);
	PQclear(r);
	drain(d);
	return status;
}
