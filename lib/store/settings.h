/*
 * settings - sources, each with its settings and its last jobs
 *
 * Results are in text form, NULL with db_error, freed by the caller.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdint.h>

struct db;
struct db_result;

/*
 * A text that is NULL, and a number below 0, is not given; an empty text takes
 * the setting away.
 */
struct settings {
	const char *uri, *verifier, *map, *notify, *collection;
	int prune;
	int64_t grace;	    /* seconds */
	int64_t max_delete; /* percent */
};

/* 1 the source is new; 0 it was there, and is not changed; -1. */
int settings_add(struct db *d, const char *name, const struct settings *s);
/* Change what is given. 1; 0 there is no such source; -1. */
int settings_change(struct db *d, const char *name, const struct settings *s);
/* A row with a JSON object, or no row. */
struct db_result *settings_source(struct db *d, const char *name);
/* The latest jobs; the columns are in the order of settings.sql. */
struct db_result *settings_history(
    struct db *d, const char *name, int64_t limit);
/* How many documents the source has; -1, with *found 0 if there is none. */
int64_t settings_count(struct db *d, const char *name, int *found);
/*
 * Delete the source with all that belongs to it. A row: a job that is open, and
 * then nothing is deleted; how many documents, chunks, jobs and events. No row:
 * there is no such source.
 */
struct db_result *settings_delete(struct db *d, const char *name);

#endif
