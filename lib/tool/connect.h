/*
 * connect - connect to the servers that the environment names
 *
 * A failure ends the process: with CLI_UNAVAILABLE if a server is away or the
 * connection was cut; with CLI_FAILED if trying again will not help, as with a
 * bad address, wrong credentials, or a schema of another version. At the first
 * connection a tool waits only for a server that says that it is starting up,
 * because any other failure may be a wrong address.
 */
#ifndef CONNECT_H
#define CONNECT_H

#include "tool/cli.h"

struct db;
struct db_limits;
struct queue;
struct queue_options;

/*
 * Connect to Postgres, by PL_DATABASE_URL, or DATABASE_URL, or libpq's own
 * variables, or the private server of 'pl up' if it runs, and check that it has
 * this build's schema. Waits at most patience seconds for a server that is
 * starting up; below 0: without limit. limits, or NULL, has the limits after a
 * request to stop; the limit of a statement is PL_DATABASE_TIMEOUT.
 */
struct db *connect_database(double patience, const struct db_limits *limits);
/*
 * connect_database in two steps: the handle is not connected, and has no
 * limits.
 */
struct db *connect_handle(void);
void connect_check(struct db *d, double patience);

/* The exit status for the database's last failure. */
enum cli_status connect_status(const struct db *d);
/* End the process with that status, and a message: the reason and a remedy. */
_Noreturn void connect_die(const struct db *d);

/*
 * Open Redis, by PL_REDIS_URL, or REDIS_URL, or the private server of 'pl up'
 * if it runs, or on this host; options may be NULL. If Redis is away, *is_away
 * is 1, and the caller goes on without it. Wrong credentials end the process.
 */
struct queue *connect_queue(const struct queue_options *options, int *is_away);
/*
 * Only make the handle; nothing is sent. NULL with *why (static): a bad
 * address.
 */
struct queue *connect_queue_handle(
    const struct queue_options *options, const char **why);

#endif
