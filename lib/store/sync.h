/*
 * sync - make Redis agree with Postgres again
 *
 * Postgres is the truth. What Redis has lost is restored; what it has wrong is
 * corrected. Any number of processes may run a sync at once, at any time.
 */
#ifndef SYNC_H
#define SYNC_H

#include <stddef.h>
#include <stdint.h>

#include "store/mend.h" /* mend_options, mend_counts */

struct db;
struct queue;

/* The server whose failure ended a sync early. */
enum sync_failure { SYNC_OK, SYNC_DB, SYNC_QUEUE };

/*
 * Repair everything. queue may be NULL when Redis is unavailable; then only
 * Postgres is repaired. *counts becomes the number of repairs.
 */
enum sync_failure sync_run(struct db *db, struct queue *queue,
    const struct mend_options *options, struct mend_counts *counts);
/*
 * Push those of n tasks (16-byte ids) that are open to Redis, and record that
 * it has them. *pushed is the number of tasks that Redis did not have.
 */
enum sync_failure sync_push(struct db *db, struct queue *queue,
    const uint8_t *ids, size_t n, uint64_t *pushed);

#endif
