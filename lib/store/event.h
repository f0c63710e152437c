/*
 * event - events that senders sent to the webhooks of sources
 *
 * Results are in text form, NULL with db_error, freed by the caller. The order
 * of columns is that of lib/store/sql/event.sql.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdint.h>

#include "base/digest.h"

struct db;
struct db_result;

/* Which events; zeros choose all. */
struct event_choice {
	const char *source; /* or NULL */
	int unhandled, failed;
	int64_t limit; /* 0: all */
};
/* The newest first. */
struct db_result *event_list(struct db *d, const struct event_choice *choice);
/* A row with a JSON object, or no row. */
struct db_result *event_get(struct db *d, int64_t id);
/* The body in binary form: a row, or none. */
struct db_result *event_body(struct db *d, int64_t id);
/*
 * Make a new job that ingests the body once more. 1 made, its id in job; 0
 * there is no such event; 2 its job is open, its id in job; -1.
 */
int event_replay(struct db *d, int64_t id, uint8_t job[static DIGEST_UUID]);
/* Delete handled events received before a Unix time. How many, or -1. */
int64_t event_drop(struct db *d, int64_t before);

#endif
