/*
 * due - work that becomes due in Postgres alone
 *
 * Tasks that a client of Postgres added, which nobody pushed to Redis,
 * documents whose time to be deleted has come, and notifications to be sent.
 * Idle workers look once a second, one of them at a time.
 */
#ifndef DUE_H
#define DUE_H

#include <stddef.h>
#include <stdint.h>

struct db;

struct due {
	uint8_t *tasks; /* n ids of 16 bytes, which the caller frees */
	size_t n;
	int deletions;	   /* documents are to be deleted */
	int notifications; /* pl-jobctl notify has something to send */
};
/* 0, or -1 with db_error. Nothing is due while another process looks. */
int due_look(
    struct db *db, const char *const *queues, size_t n_queues, struct due *due);
/*
 * Delete documents whose time has come, some of them. How many, or -1.
 */
int due_delete(struct db *db);

#endif
