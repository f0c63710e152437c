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
	int worked;	    /* a transaction was committed, once */
	struct db_limits limits;
	/* Of the wait that goes on, or the last one (db_wait). */
	double since, allowed; /* seconds; allowed 0: no limit */
	int gave_up;	       /* after a request to stop */
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

/*
 * Waiting for the server (db_wait.c). Who waits in vain loses the connection:
 * -1, with the error.
 */
/* A wait begins, of at most so many seconds; 0 is no limit. */
void db_wait_begin(struct db *d, double allowed);
/* Until the socket is ready for the events of poll. The connection stays. */
int db_wait_socket(struct db *d, short events);
/* Until all that was sent is on its way. */
int db_wait_sent(struct db *d);
/* Until the next result is there; NULL in *r when there is none left. */
int db_wait_result(struct db *d, PGresult **r);
/*
 * What was sent, unless sent is 0, is answered: the last result, or the first
 * that is an error. NULL with the error when it is one, or none came.
 */
PGresult *db_wait_answer(struct db *d, int sent);
/* Read what is left of a statement, so that the next one can be sent. */
void db_drain(struct db *d);

#endif
