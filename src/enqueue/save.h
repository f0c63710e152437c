/*
 * save - documents are saved and cut into tasks, which are queued
 *
 * Postgres comes first: a transaction is tried again while the server is away
 * for a moment, and else the process ends. Redis may be away: workers find the
 * tasks in Postgres.
 */
#ifndef ENQUEUE_SAVE_H
#define ENQUEUE_SAVE_H

struct document;
struct enqueue;

/* End the process: the database failed. Says what is safe. */
_Noreturn void enqueue_die_of_database(const struct enqueue *e);
/* Redis is away, and is not asked again: a silent one would cost each time. */
void enqueue_redis_failed(struct enqueue *e);
/* Add a document, saving the batch when it is full. */
void enqueue_add_document(struct enqueue *e, const struct document *doc);
/* Save the batch. What fills no task waits a moment for more of its kind. */
void enqueue_save(struct enqueue *e);
/* Put the refused documents into the job's account, and save. */
void enqueue_save_failures(struct enqueue *e);
/* Cut tasks of all documents that have none. */
void enqueue_cut(struct enqueue *e);
/* No more documents will come: queue what is left. */
void enqueue_seal(struct enqueue *e);
/* How long the oldest document without a task may wait for others; ms. */
int enqueue_cut_in(const struct enqueue *e);

#endif
