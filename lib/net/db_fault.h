/*
 * db_fault - what went wrong with Postgres, and what that means
 */
#ifndef DB_FAULT_H
#define DB_FAULT_H

struct db;

enum db_fault {
	DB_NONE,
	DB_UNAVAILABLE, /* no connection, or lost: try again later */
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

/* What a SQLSTATE means; the message tells a pooler's own troubles apart. */
enum db_fault db_fault_of(const char *sqlstate, const char *message);

#endif
