/*
 * connect - the servers that a tool works with, named by the environment
 *
 * What cannot be opened ends the process: with CLI_UNAVAILABLE when a server
 * is away or the connection to it was cut, and with CLI_FAILED when trying
 * again will not help: an address that makes no sense, credentials, a schema
 * of another version. At the first connection only a server that says that it
 * is starting up is waited for, as any other may be a wrong address.
 */
#ifndef CONNECT_H
#define CONNECT_H

#include "tool/cli.h"

struct db;
struct db_limits;
struct queue;
struct queue_options;

/*
 * Postgres, by PL_DATABASE_URL, else DATABASE_URL, else libpq's own variables:
 * connected, and its schema is this build's. One that is starting up is waited
 * for patience seconds; below 0: until it is there. Limits, or NULL, say what
 * is left after a request to stop; a statement has PL_DATABASE_TIMEOUT.
 */
struct db *connect_database(double patience, const struct db_limits *limits);
/* The same in two steps; the handle is not connected yet, and has no limits. */
struct db *connect_handle(void);
void connect_check(struct db *d, double patience);

/* The exit status that the database's last failure asks for. */
enum cli_status connect_status(const struct db *d);
/* End the process with that status, the reason, and what to do about it. */
_Noreturn void connect_die(const struct db *d);

/*
 * Redis, by PL_REDIS_URL, else REDIS_URL, else on this host; options may be
 * NULL. One that is away is done without, and *is_away is 1; wrong credentials
 * end the process.
 */
struct queue *connect_queue(const struct queue_options *options, int *is_away);
/* The handle alone: nothing is sent. NULL with *why (static): a bad address. */
struct queue *connect_queue_handle(
    const struct queue_options *options, const char **why);

#endif
