/*
 * pause - queues that nobody takes tasks from, as Postgres knows them
 *
 * A person's pause lasts until a person ends it. A queue that is parked,
 * because a quota is used up, is probed: one task at a time is let through,
 * and the first document that is stored opens the queue. Redis has copies
 * (queue_pause), which sync renews. Functions return -1 with db_error.
 */
#ifndef PAUSE_H
#define PAUSE_H

#include <stddef.h>
#include <stdint.h>

struct db;

/* By a person; reason may be NULL. 0 or -1. */
int pause_set(struct db *db, const char *queue, const char *reason);
int pause_end(struct db *db, const char *queue);

/* 1 parked, 0 a person has paused it, -1. */
int pause_park(struct db *db, const char *queue, const char *reason);
/* 1 open, 0 it was not parked, -1. */
int pause_unpark(struct db *db, const char *queue);
/* A document of it was stored, so that it can be used. 0 or -1. */
int pause_note_open(struct db *db, const char *queue);
/*
 * The first of the queues that is parked, has due work and was not probed for
 * PERIOD_PROBE seconds, or NULL: the caller probes it now, nobody else does,
 * and frees *name. 0 or -1.
 */
int pause_take_probe(
    struct db *db, const char *const *queues, size_t n, char **name);
/* Redis gave a task to probe a queue with: the next in a while. 0 or -1. */
int pause_note_probe(struct db *db, const char *queue);

/*
 * Whether all that is left of the job waits in paused queues that are not to be
 * probed now: 1 with the queue, or the first, and its reason, which the caller
 * frees; 0, or -1.
 */
int pause_of_job(
    struct db *db, const uint8_t *job, char **queue, char **reason);

/* A queue that is or was paused. */
struct pause {
	char *queue;
	char *reason;	       /* NULL: open */
	int64_t probe_seconds; /* until a probe is due; 0: never */
};
/* All of them; free *list with pause_list_free. 0 or -1. */
int pause_list(struct db *db, struct pause **list, size_t *n);
void pause_list_free(struct pause *list, size_t n);

#endif
