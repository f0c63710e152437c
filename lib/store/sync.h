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

struct db;
struct queue;

/* One thing that was put right (or would be). Text is static but for id. */
struct sync_repair {
	const char *what; /* a short fixed word, for programs */
	const char *message;
	const char *task; /* id, or NULL */
	uint64_t count;	  /* of tasks or jobs, when task is NULL */
};

struct sync_options {
	int dry_run; /* only report */
	void (*report)(void *argument, const struct sync_repair *repair);
	void *argument;
};

/* Whose failure ended a sync early. */
enum sync_failure { SYNC_OK, SYNC_DB, SYNC_QUEUE };

/*
 * Look at everything. queue may be NULL when Redis is known to be away; then
 * only Postgres is repaired. *repaired counts what was put right.
 */
enum sync_failure sync_run(struct db *db, struct queue *queue,
    const struct sync_options *options, uint64_t *repaired);
/*
 * Push the open ones of n tasks (16-byte ids) to Redis and note that it has
 * them. *pushed counts those that Redis did not have.
 */
enum sync_failure sync_push(struct db *db, struct queue *queue,
    const uint8_t *ids, size_t n, uint64_t *pushed);

#endif
