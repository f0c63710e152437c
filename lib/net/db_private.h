/* db_private - the state that the modules of db share */
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
	int in_transaction; /* db_transact has begun one */
	int worked;	    /* a transaction was committed with this handle */
	struct db_limits limits;
	/* Begin and limit of the current or last wait (db_wait). */
	double since, allowed; /* seconds; allowed 0: no limit */
	int gave_up; /* a wait ended in vain after a request to stop */
	void (*told)(void *argument, const char *what);
	void *told_argument;
	int has_told; /* told was called in this wait */
};

/* Only wraps libpq's result, to give it a name of db. */
struct db_result {
	PGresult *pg;
};

/* Set the error; the message is made one line. */
void db_set_error(
    struct db *d, enum db_fault fault, const char *state, const char *message);
/* Set the error of a lost connection, with libpq's message. */
void db_set_lost(struct db *d);
void db_set_error_from(struct db *d, const PGresult *r);
/* Whether the last failure was a lock that another transaction holds. */
int db_is_locked(const struct db *d);
void db_disconnect(struct db *d);

/*
 * Waiting for the server (db_wait.c). If a wait ends in vain, the connection is
 * dropped: -1, with the error.
 */
/* Begin a wait of at most allowed seconds; 0 is no limit. */
void db_wait_begin(struct db *d, double allowed);
/* Wait until the socket is ready for events (poll). Keeps the connection. */
int db_wait_socket(struct db *d, short events);
/* Wait until libpq has sent all its output. */
int db_wait_sent(struct db *d);
/* Wait for the next result; *r is NULL if there are no more. */
int db_wait_result(struct db *d, PGresult **r);
/*
 * Wait for the answer to a statement; sent is 0 if sending failed. The last
 * result, or NULL with the error of the first result that is one.
 */
PGresult *db_wait_answer(struct db *d, int sent);
/* Read the remaining results, so that the next statement can be sent. */
void db_drain(struct db *d);

#endif
