/*
 * items - documents on their way, in lists
 *
 * An item is in one list at a time, or in none; a list counts its items and
 * the bytes of their documents.
 */
#ifndef WORKER_ITEMS_H
#define WORKER_ITEMS_H

#include <stddef.h>

struct task_document;
struct worker_task;

/* A document on its way. */
struct worker_item {
	struct worker_item *next;
	struct worker_task *task;
	const struct task_document *document;
	char *line; /* the record, once loaded; owned */
	size_t len;
	double sent_at;	 /* when it was last sent; 0: never */
	double alive_at; /* a stage said that it waits until this time; or 0 */
	double overtaken_at; /* when a later item was answered first; or 0 */
	int suspect; /* may have ended a pipeline or a worker: goes alone */
};

struct worker_items {
	struct worker_item *first, **last;
	size_t n, bytes;
};

/* Make the list empty. */
void worker_items_init(struct worker_items *list);
/* Put an item at the end. */
void worker_items_push(struct worker_items *list, struct worker_item *item);
/* Put an item at the front. */
void worker_items_push_front(
    struct worker_items *list, struct worker_item *item);
/* Remove an item from the list. */
void worker_items_remove(struct worker_items *list, struct worker_item *item);
/* Remove the first item and return it; NULL when there is none. */
struct worker_item *worker_items_pop(struct worker_items *list);

#endif
