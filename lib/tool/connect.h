/*
 * connect - the servers that a tool works with, named by the environment
 *
 * What cannot be opened ends the process: with CLI_UNAVAILABLE when a server
 * is away or the connection to it was cut, and with CLI_FAILED when trying
 * again will not help: an address that makes no sense, credentials, a schema
 * of another version.
 */
#ifndef CONNECT_H
#define CONNECT_H

#include "tool/cli.h"

struct db;
struct queue;
struct queue_options;

/*
 * Postgres, by PL_DATABASE_URL, else DATABASE_URL, else libpq's own variables:
 * connected, and its schema is this build's.
 */
struct db *connect_database(void);
/* The same in two steps; the handle is not connected yet. */
struct db *connect_handle(void);
void connect_check(struct db *d);

/* The exit status that the database's last failure asks for. */
enum cli_status connect_status(const struct db *d);
/* End the process with that status, the reason, and what to do about it. */
_Noreturn void connect_die(const struct db *d);

/*
 * Redis, by PL_REDIS_URL, else REDIS_URL, else on this host; options may be
 * NULL. One that is away is done without, wrong credentials end the process.
 */
struct queue *connect_queue(const struct queue_options *options);
/* The handle alone: nothing is sent. NULL with *why (static): a bad address. */
struct queue *connect_queue_handle(
    const struct queue_options *options, const char **why);

#endif
