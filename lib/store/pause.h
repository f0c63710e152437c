/*
 * pause - paused queues, as Postgres knows them
 *
 * Nobody takes tasks from a paused queue. A pause by a person lasts until a
 * person ends it. A queue is parked when a quota is used up, and then probed:
 * one task at a time is let through, and the first document that is stored
 * opens the queue. Redis has copies of the pauses (queue_pause), which sync
 * renews. Functions return -1 with db_error.
 */
#ifndef PAUSE_H
#define PAUSE_H

#include <stddef.h>
#include <stdint.h>

struct db;

/* A person pauses or opens the queue; reason may be NULL. 0 or -1. */
int pause_set(struct db *db, const char *queue, const char *reason);
struct db_result *pause_end(struct db *db, const char *queue);

/*
 * The names of all queues that Postgres knows: paused or open, of tasks that
 * have not ended, of workers. NULL with db_error; the caller frees the result.
 */
struct db_result *pause_names(struct db *db);

/* 1 parked, 0 a person has paused it, -1. */
int pause_park(struct db *db, const char *queue, const char *reason);
/* 1 open, 0 it was not parked, -1. */
int pause_unpark(struct db *db, const char *queue);
/*
 * Record that a document of the queue was stored, so its service works. 0 or
 * -1.
 */
int pause_note_open(struct db *db, const char *queue);
/*
 * Find the first of the queues that is parked, has a due task and was not
 * probed for PERIOD_PROBE seconds. Only this caller probes it now. *name is the
 * queue or NULL; the caller frees it. 0 or -1.
 */
int pause_take_probe(
    struct db *db, const char *const *queues, size_t n, char **name);
/*
 * Record that Redis gave a task to probe the queue: the next probe is due in
 * PERIOD_PROBE seconds. 0 or -1.
 */
int pause_note_probe(struct db *db, const char *queue);

/*
 * Whether all open tasks of the job wait in paused queues of which no probe is
 * due. 1 with the (first) queue and its reason, which the caller frees; 0; or
 * -1.
 */
int pause_of_job(
    struct db *db, const uint8_t *job, char **queue, char **reason);

/* A queue that is or was paused. */
struct pause {
	char *queue;
	char *reason;	       /* NULL: open */
	int64_t probe_seconds; /* until a probe is due; 0: never */
};
/* List all such queues; free *list with pause_list_free. 0 or -1. */
int pause_list(struct db *db, struct pause **list, size_t *n);
void pause_list_free(struct pause *list, size_t n);

#endif
