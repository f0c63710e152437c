/* db_fault - errors of Postgres, and what they mean */
#ifndef DB_FAULT_H
#define DB_FAULT_H

#include <stddef.h>

struct db;

enum db_fault {
	DB_NONE,
	DB_UNAVAILABLE, /* temporary: try a new connection later */
	DB_CONFLICT,	/* serialisation, deadlock, lock: run it again */
	DB_DATA,	/* a row was refused (class 22, 23, 54, P0) */
	DB_CONFIG,	/* credentials, rights, missing database or schema */
	DB_FATAL	/* any other error; trying again will not help */
};

/* One line about the last failure, without a password in it. */
const char *db_error(const struct db *d);
enum db_fault db_fault(const struct db *d);
/* SQLSTATE of the last failure; "" if the server sent none. */
const char *db_sqlstate(const struct db *d);

/*
 * The meaning of a SQLSTATE; docs/verdicts.md has the same table for people.
 * The message is used for a pooler's own failures. worked says whether the
 * handle has had a session: then a wrong password is temporary, because it was
 * right before.
 */
enum db_fault db_fault_of(
    const char *sqlstate, const char *message, int worked);
/* How many rules there are. */
size_t db_fault_rules(void);
/* Whether statement_timeout, or a person, stopped the statement (57014). */
int db_was_stopped(const struct db *d);

#endif
