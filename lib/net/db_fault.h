/*
 * db_fault - what went wrong with Postgres, and what that means
 */
#ifndef DB_FAULT_H
#define DB_FAULT_H

#include <stddef.h>

struct db;

enum db_fault {
	DB_NONE,
	DB_UNAVAILABLE, /* it passes: a new connection, later */
	DB_CONFLICT,	/* serialisation, deadlock, lock: the same again */
	DB_DATA,	/* a row was refused (class 22, 23, 54, P0) */
	DB_CONFIG,	/* credentials, rights, missing database or schema */
	DB_FATAL	/* anything else; trying again will not help */
};

/* One line about the last failure, without a password in it. */
const char *db_error(const struct db *d);
enum db_fault db_fault(const struct db *d);
/* SQLSTATE of the last failure; "" when the server did not speak. */
const char *db_sqlstate(const struct db *d);

/*
 * What a SQLSTATE means, by the one table; docs/verdicts.md is the same for
 * people. The message tells a pooler's own troubles apart. worked says whether
 * the handle has had a session: a password that was right once will be again.
 */
enum db_fault db_fault_of(
    const char *sqlstate, const char *message, int worked);
/* How many rules there are. */
size_t db_fault_rules(void);
/* Whether statement_timeout, or a person, stopped the statement (57014). */
int db_was_stopped(const struct db *d);

#endif
