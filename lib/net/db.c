#include "net/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/periods.h"
#include "base/time.h"
#include "net/db_private.h"
#include "net/db_result.h"
#include "net/db_values.h"

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

/* Send statements without arguments, as one message. The result or NULL. */
static PGresult *
send_plain(struct db *d, const char *sql)
{
	db_wait_begin(d, d->limits.statement);
	return db_wait_answer(d, PQsendQuery(d->conn, sql));
}

static int
begin(struct db *d, int how)
{
	char sql[256];
	PGresult *r;

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
	r = send_plain(d, sql);
	PQclear(r);
	return r == NULL ? -1 : 0;
}

static int
commit(struct db *d)
{
	PGresult *r;
	int status = -1;

	/* The transaction ended with the connection. */
	if (!db_is_open(d)) {
		db_set_error(d, DB_UNAVAILABLE, "", "the connection was lost");
		return -1;
	}
	r = send_plain(d, "commit");
	if (r == NULL)
		return -1;
	if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
		/* A failed transaction answers COMMIT with ROLLBACK. */
		db_set_error(
		    d, DB_FATAL, "25P02", "transaction was rolled back");
	else
		status = 0;
	d->worked |= status == 0;
	PQclear(r);
	return status;
}

/* Roll back; safe at any time. Drops a connection whose state is not known. */
static void
rollback(struct db *d)
{
	/* Keep the error that caused the rollback. */
	struct db failed = *d;

	if (!db_is_open(d))
		return;
	if (d->fault == DB_UNAVAILABLE) {
		db_disconnect(d);
		return;
	}
	db_wait_begin(d, d->limits.statement);
	db_drain(d);
	if (db_is_open(d) && PQtransactionStatus(d->conn) != PQTRANS_IDLE) {
		PGresult *r = send_plain(d, "rollback");

		if (r == NULL)
			db_disconnect(d);
		PQclear(r);
	}
	d->fault = failed.fault;
	memcpy(d->sqlstate, failed.sqlstate, sizeof(d->sqlstate));
	memcpy(d->error, failed.error, sizeof(d->error));
}

/* Whether the failure was a lock that the caller waits for; reports it once. */
static int
waits_for_lock(struct db *d)
{
	if (d->told == NULL || !db_is_locked(d))
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
		/* A lock was already waited for, for PERIOD_LOCK. */
		if (d->fault != DB_CONFLICT || ++tries == TRIES ||
		    db_is_locked(d))
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

/* Send a statement in the open transaction. */
static PGresult *
send(struct db *d, const char *sql, const struct db_args *a, int binary)
{
	static const struct db_args none;
	struct sent s;

	if (a == NULL && !binary)
		return send_plain(d, sql);
	lay_out(&s, a ? a : &none);
	db_wait_begin(d, d->limits.statement);
	return db_wait_answer(
	    d, PQsendQueryParams(d->conn, sql, a ? a->n : 0, s.types, s.values,
		   s.lengths, s.formats, binary));
}

/* Send a statement as a transaction of its own. */
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
		/* The transaction ended with the connection. */
		db_set_error(d, DB_UNAVAILABLE, "", "the connection was lost");
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

int64_t
db_do_made(struct db *d, struct buf *sql)
{
	int64_t n = db_do(d, sql->data, NULL);

	buf_free(sql);
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
	db_wait_begin(d, d->limits.statement);
	if (!PQsendQueryParams(d->conn, t->sql, a->n, s.types, s.values,
		s.lengths, s.formats, 1) ||
	    !PQsetSingleRowMode(d->conn)) {
		db_set_lost(d);
		return -1;
	}
	for (;;) {
		ExecStatusType state;
		struct db_result one;

		if (db_wait_result(d, &r) == -1)
			return -1;
		if (r == NULL)
			return status;
		state = PQresultStatus(r);
		one.pg = r;

		if (state == PGRES_SINGLE_TUPLE) {
			if (!stopped)
				stopped = t->row(t->argument, &one) == -1;
		} else if (state != PGRES_TUPLES_OK && status == 0) {
			db_set_error_from(d, r);
			status = -1;
		}
		PQclear(r);
		/* The time of row() does not count as the server's. */
		db_wait_begin(d, d->limits.statement);
	}
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
