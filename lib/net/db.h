/*
 * db - Postgres: connect, run, transaction
 *
 * The only user of libpq. One connection per handle, opened on first use and
 * again after it was lost. Nothing here needs session state, so a transaction
 * pooler does not notice us: no prepared statements, no SET, no LISTEN.
 *
 * A statement outside db_transact is a transaction of its own. Functions return
 * 0 or a result, -1 or NULL on failure; db_error then says what happened and
 * db_fault what it means. SQLSTATE decides that, never text.
 */
#ifndef DB_H
#define DB_H

#include <stdint.h>

#include "net/db_fault.h" /* for all who run anything */

struct buf;
struct db;
struct db_args; /* db_values.h */
struct db_result;

/* A handle for url, or libpq's own environment when NULL. Does not connect. */
struct db *db_open(const char *url, const char *application);
void db_close(struct db *d);
/*
 * How long the server may take, in seconds; 0 is as long as it likes, which is
 * what a new handle has. Who is not answered in time has lost the connection
 * (DB_UNAVAILABLE). The stop flag is that of base/stop.h.
 */
struct db_limits {
	double statement; /* for the answer to one statement, or a part of it */
	double stopping;  /* the same after a request to stop */
	double stop;	  /* for all statements, from that request on */
};
void db_set_limits(struct db *d, const struct db_limits *limits);
/* Connect now if not connected. */
int db_connect(struct db *d);
/* Whether a connection is open as far as we know. */
int db_is_open(const struct db *d);
/* The folder of the unix socket that it is connected by, or NULL. */
const char *db_socket_folder(const struct db *d);

/*
 * Run one statement with arguments (NULL: none; then several statements may
 * stand in sql). The result is in text form; free it with db_result_free.
 */
struct db_result *db_run(
    struct db *d, const char *sql, const struct db_args *a);
/* The same with results in binary form. */
struct db_result *db_run_binary(
    struct db *d, const char *sql, const struct db_args *a);
/* Run and drop the result. The number of rows affected or returned, or -1. */
int64_t db_do(struct db *d, const char *sql, const struct db_args *a);
/*
 * Run with rows handed over one at a time as they arrive, in binary form: the
 * whole result is never in memory. row returns 0 to go on, -1 to stop early,
 * which is not a failure.
 */
int db_stream(struct db *d, const char *sql, const struct db_args *a,
    int (*row)(void *argument, const struct db_result *r), void *argument);

/* How a transaction is done; any of these together. */
enum {
	DB_PLAIN = 0,
	/*
	 * Its statements name their rows by key. Statistics, which are missing
	 * or old when a table was just filled, must not lead them to reading
	 * the whole table.
	 */
	DB_KEYED = 1,
	DB_SNAPSHOT = 2, /* reads only, all of it as of one instant */
	DB_UNDO = 4	 /* in the end it is rolled back */
};
/*
 * Do work in a transaction, again after a race with another one (deadlock,
 * serialisation). work returns a count, or -1 to give up: because of the
 * database, or for a reason of its own, and then db_fault is DB_NONE. Returns
 * what work did, after the commit, or -1, rolled back. When the connection was
 * lost at the commit, nobody knows which.
 */
int db_transact(struct db *d, int how,
    int (*work)(struct db *d, void *argument), void *argument);
/*
 * Nothing waits longer than PERIOD_LOCK for a lock of another transaction: it
 * fails with DB_CONFLICT. After this call it does wait, and told is called
 * with what for, once for each wait; also when a statement without a limit
 * takes long.
 */
void db_wait_for_locks(struct db *d,
    void (*told)(void *argument, const char *what), void *argument);

#endif
