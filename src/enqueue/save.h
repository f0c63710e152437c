/*
 * save - save documents, make tasks of them, and queue the tasks
 *
 * Postgres comes first. A transaction is tried again for a while if Postgres is
 * away; then the process ends. Redis may be away: workers find the tasks in
 * Postgres.
 */
#ifndef ENQUEUE_SAVE_H
#define ENQUEUE_SAVE_H

struct document;
struct enqueue;

/* End the process because the database failed; reports what was saved. */
_Noreturn void enqueue_die_of_database(const struct enqueue *e);
/*
 * Redis failed: warn, and do not use it again, as each try may cost a time-out.
 */
void enqueue_redis_failed(struct enqueue *e);
/* Add a document; saves the batch if it is full. */
void enqueue_add_document(struct enqueue *e, const struct document *doc);
/*
 * Save the batch. Documents that do not fill a task wait a moment for others.
 */
void enqueue_save(struct enqueue *e);
/* Put the refused documents into the job's account, and save. */
void enqueue_save_failures(struct enqueue *e);
/* Make tasks of all documents that have none. */
void enqueue_cut(struct enqueue *e);
/* Seal the job: no more documents will come. Queues the remaining documents. */
void enqueue_seal(struct enqueue *e);
/* Milliseconds that the oldest document without a task may still wait. */
int enqueue_cut_in(const struct enqueue *e);

#endif
