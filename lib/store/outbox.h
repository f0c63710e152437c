/*
 * outbox - notifications: the end of each job is told to a url
 *
 * A trigger adds a notification in the transaction that ends the job. A sender
 * claims one for a lease, sends it, and notes the outcome; one that is killed
 * in between sends it again after the lease: at least once, with the same id.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;
struct db_result;

enum {
	OUTBOX_LEASE = 60, /* seconds */
	OUTBOX_TRIES = 10
};

/*
 * Claim what is due: a row of id, url, body, number of the try; or no row. NULL
 * with db_error.
 */
struct db_result *outbox_claim(struct db *d);
/* Note that a try succeeded. 0 or -1. */
int outbox_sent(
    struct db *d, const uint8_t id[static DIGEST_UUID], int64_t try);
/*
 * Note that a try failed, for a reason as error_record_json gives it; the next
 * one is due in wait seconds, or never if wait is below 0. 0 or -1.
 */
int outbox_failed(struct db *d, const uint8_t id[static DIGEST_UUID],
    int64_t try, const char *error, int64_t wait);

/* Which notifications; zeros choose all. */
struct outbox_choice {
	const char *source; /* or NULL */
	int waiting, given_up;
	int64_t limit;	    /* 0: all */
	const uint8_t *ids; /* these n only, or NULL */
	size_t n;
};
/* The newest first, in the order of columns of outbox.sql. NULL: db_error. */
struct db_result *outbox_list(struct db *d, const struct outbox_choice *choice);
/* Delete what is done and was made before a Unix time. How many, or -1. */
int64_t outbox_drop(struct db *d, int64_t before);

#endif
