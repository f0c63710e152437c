/*
 * sync - bring Postgres and Redis together again
 *
 * Postgres is the truth. Whatever Redis lost, or knows that is not so, is put
 * right; safe to be run by any number of processes at once, at any time.
 */
#ifndef SYNC_H
#define SYNC_H

#include <stddef.h>
#include <stdint.h>

#include "store/mend.h" /* mend_options, mend_counts */

struct db;
struct queue;

/* Whose failure ended a sync early. */
enum sync_failure { SYNC_OK, SYNC_DB, SYNC_QUEUE };

/*
 * Look at everything. queue may be NULL when Redis is known to be away; then
 * only Postgres is repaired. *repaired counts what was put right.
 */
enum sync_failure sync_run(struct db *db, struct queue *queue,
    const struct mend_options *options, struct mend_counts *counts);
/*
 * Push the open ones of n tasks (16-byte ids) to Redis and note that it has
 * them. *pushed counts those that Redis did not have.
 */
enum sync_failure sync_push(struct db *db, struct queue *queue,
    const uint8_t *ids, size_t n, uint64_t *pushed);

#endif
