/*
 * db_private - what the modules of db share
 */
#ifndef DB_PRIVATE_H
#define DB_PRIVATE_H

#include <libpq-fe.h>

#include "net/db.h"

struct db {
	char *url;
	char *application;
	PGconn *conn;
	enum db_fault fault;
	char sqlstate[6];
	char error[1024];
	int in_transaction; /* begun by db_transact */
	void (*told)(void *argument, const char *what);
	void *told_argument;
	int has_told; /* of this wait */
};

/* The result is libpq's own; only the name is ours. */
struct db_result {
	PGresult *pg;
};

/* Keep what went wrong, as one line. */
void db_set_error(
    struct db *d, enum db_fault fault, const char *state, const char *message);
/* What libpq says of the connection: it is lost. */
void db_set_lost(struct db *d);
void db_set_error_from(struct db *d, const PGresult *r);
/* Whether the last failure was a lock that another transaction holds. */
int db_is_locked(const struct db *d);
void db_disconnect(struct db *d);
/* Read what is left of a statement, so that the next one can be sent. */
void db_drain(struct db *d);

#endif
