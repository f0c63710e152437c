/*
 * catalog - collections as people see, make, change and drop them
 *
 * Results are in text form, NULL with db_error, freed by the caller. Functions
 * with why are as in job.h. They may wait for locks.
 */
#ifndef CATALOG_H
#define CATALOG_H

#include <stdint.h>

struct buf;
struct db;
struct db_result;

/* What is not given is NULL. An empty pipeline takes the pipeline away. */
struct catalog_settings {
	const char *distance, *pipeline;
};

struct catalog_collection {
	int64_t id;
	char *table; /* with its schema; NULL: none yet; owned */
	int has_vectors;
	int64_t documents, chunks; /* of the ledger */
};

/* All collections, by name; the columns are in the order of catalog.sql. */
struct db_result *catalog_list(struct db *d);
/* A row with a JSON object, or no row. */
struct db_result *catalog_show(struct db *d, const char *name);
/* 1, and *c, whose table the caller frees; 0 there is no such one; -1. */
int catalog_find(struct db *d, const char *name, struct catalog_collection *c);
/* Make a collection without vectors. 1; 0 it is there already; -1. */
int catalog_add(
    struct db *d, const char *name, const struct catalog_settings *s);
/*
 * Change what is given. 1; 0: there is no such collection, or it has vectors
 * and another distance; -1.
 */
int catalog_change(
    struct db *d, const char *name, const struct catalog_settings *s);
/*
 * Drop the collection with its chunks and its part of the ledger, also from
 * jobs and sources that name it. 1; 0 there is no such one; -1: the database
 * failed, or a job is open that is bound to it.
 */
int catalog_drop(struct db *d, const char *name, struct buf *why);
/* Inside a transaction: 0; -1 if jobs that are bound to it are open. */
int catalog_need_idle(struct db *d, const char *name, struct buf *why);
/*
 * Inside a transaction: the ledger has no documents of the collection then.
 * Those that no other collection holds become pending.
 */
int catalog_empty_ledger(struct db *d, int64_t id);

#endif
