/*
 * db - Postgres: connect, run, transaction
 *
 * The only user of libpq. One connection per handle, opened on first use and
 * again after it was lost. Works behind a transaction pooler, because it needs
 * no session state: no prepared statements, no SET, no LISTEN.
 *
 * A statement outside db_transact is a transaction of its own. Functions return
 * 0 or a result, -1 or NULL on failure; then db_error has the message, and
 * db_fault the kind, which the SQLSTATE decides, never the text.
 */
#ifndef DB_H
#define DB_H

#include <stdint.h>

#include "net/db_fault.h" /* for all who run anything */

struct buf;
struct db;
struct db_args; /* db_values.h */
struct db_result;

/* A handle for url, or for libpq's own variables if NULL. Does not connect. */
struct db *db_open(const char *url, const char *application);
void db_close(struct db *d);
/*
 * Limits for the server, in seconds; 0, as in a new handle, is no limit. If the
 * server does not answer in time, the connection is dropped (DB_UNAVAILABLE). A
 * request to stop is the flag of base/stop.h.
 */
struct db_limits {
	double statement; /* for one statement's answer, or a part of it */
	double stopping;  /* as statement, after a request to stop */
	double stop; /* for all statements together, from that request on */
};
void db_set_limits(struct db *d, const struct db_limits *limits);
/* Connect, if not connected. */
int db_connect(struct db *d);
/* Whether a connection is open, as far as is known. */
int db_is_open(const struct db *d);
/* The folder of the unix socket of the connection, or NULL. */
const char *db_socket_folder(const struct db *d);
/*
 * Append which database of which server the last attempt to connect was about,
 * for people and without user and password; nothing if that is not known.
 */
void db_place(const struct db *d, struct buf *out);

/*
 * Run one statement with arguments (NULL: none; then several statements may
 * stand in sql). The result is in text form; free it with db_result_free.
 */
struct db_result *db_run(
    struct db *d, const char *sql, const struct db_args *a);
/* As db_run, with the result in binary form. */
struct db_result *db_run_binary(
    struct db *d, const char *sql, const struct db_args *a);
/* Run, and return only the number of rows affected or returned, or -1. */
int64_t db_do(struct db *d, const char *sql, const struct db_args *a);
/* As db_do, with a text that was made for this statement; it is freed. */
int64_t db_do_made(struct db *d, struct buf *sql);
/*
 * Run, and call row for each row as it arrives, in binary form, so that the
 * whole result is never in memory. row returns 0 to go on, or -1 to stop early,
 * which is no failure.
 */
int db_stream(struct db *d, const char *sql, const struct db_args *a,
    int (*row)(void *argument, const struct db_result *r), void *argument);

/* Kinds of transactions, as bits. */
enum {
	DB_PLAIN = 0,
	/*
	 * Statements find rows by key only: the planner must not read whole
	 * tables, even if statistics are missing or old because a table was
	 * just filled.
	 */
	DB_KEYED = 1,
	DB_SNAPSHOT = 2, /* read only, all statements see one instant */
	DB_UNDO = 4	 /* roll back at the end */
};
/*
 * Call work in a transaction, and again after a conflict with another
 * transaction (deadlock, serialisation). work returns a count, or -1 to give
 * up: because of the database, or for a reason of its own, and then db_fault is
 * DB_NONE. Returns the count after the commit, or -1 after a rollback. If the
 * connection is lost during the commit, it returns -1, and the transaction may
 * have been committed.
 */
int db_transact(struct db *d, int how,
    int (*work)(struct db *d, void *argument), void *argument);
/*
 * Without this call, a statement waits at most PERIOD_LOCK for a lock of
 * another transaction, then fails with DB_CONFLICT. After this call it waits
 * without limit, and told is called once for each wait, with the reason; also
 * when a statement without a limit takes long.
 */
void db_wait_for_locks(struct db *d,
    void (*told)(void *argument, const char *what), void *argument);

#endif
