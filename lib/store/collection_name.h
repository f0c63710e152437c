/*
 * collection_name - names of collections, and the queues of their tasks
 *
 * Pure: every program that has the option --collection checks names, and most
 * of them do not know Postgres.
 */
#ifndef COLLECTION_NAME_H
#define COLLECTION_NAME_H

#define COLLECTION_DEFAULT "default"

enum { COLLECTION_NAME_MAX = 40 };

/* Whether name can name a collection: 1 to 40 of a-z, 0-9 and _. */
int collection_name_ok(const char *name);

/*
 * The queue of tasks that store into a collection: the queue itself for the
 * default collection, and for NULL; else "QUEUE@COLLECTION". The caller frees
 * it.
 */
char *collection_queue(const char *queue, const char *collection);

#endif
