#include "items.h"

#include "store/task_claim.h"

void
worker_items_init(struct worker_items *list)
{
	*list = (struct worker_items){.last = &list->first};
}

void
worker_items_push(struct worker_items *list, struct worker_item *item)
{
	item->next = NULL;
	*list->last = item;
	list->last = &item->next;
	list->n++;
	list->bytes += item->document->bytes;
}

void
worker_items_push_front(struct worker_items *list, struct worker_item *item)
{
	item->next = list->first;
	if (list->first == NULL)
		list->last = &item->next;
	list->first = item;
	list->n++;
	list->bytes += item->document->bytes;
}

void
worker_items_remove(struct worker_items *list, struct worker_item *item)
{
	struct worker_item **at = &list->first;

	while (*at != item)
		at = &(*at)->next;
	*at = item->next;
	if (item->next == NULL)
		list->last = at;
	list->n--;
	list->bytes -= item->document->bytes;
}

struct worker_item *
worker_items_pop(struct worker_items *list)
{
	struct worker_item *item = list->first;

	if (item != NULL)
		worker_items_remove(list, item);
	return item;
}
