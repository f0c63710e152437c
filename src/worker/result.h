/*
 * result - the outcome of an item
 *
 * Results are kept until the ledger is written. A quota error parks its queue:
 * waiting items of the queue fail with the same error. Later one probe shows
 * whether the queue can be used again.
 */
#ifndef WORKER_RESULT_H
#define WORKER_RESULT_H

struct error_record;
struct worker;
struct worker_item;
struct worker_task;

/* How an item was stored. */
struct worker_stored {
	int by_user; /* by a store of the user, not by pl-store */
	int chunks, failed_chunks;
	const struct error_record *first_error; /* of failed chunks, or NULL */
};
/* An item was stored. Frees the item. */
void worker_result_stored(struct worker *w, struct worker_item *item,
    const struct worker_stored *stored);
/*
 * An item failed. error, borrowed, is kept in the ledger; its class decides
 * whether the document is tried again. Frees the item.
 */
void worker_result_failed(struct worker *w, struct worker_item *item,
    const struct error_record *error);
/* Forget the results of a task, or of all (NULL): they are written. */
void worker_result_forget(struct worker *w, const struct worker_task *task);

#endif
