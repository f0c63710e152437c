#include "worker.h"

void
items_init(struct items *list)
{
	*list = (struct items){.last = &list->first};
}

void
items_push(struct items *list, struct item *item)
{
	item->next = NULL;
	*list->last = item;
	list->last = &item->next;
	list->n++;
	list->bytes += item->document->bytes;
}

void
items_push_front(struct items *list, struct item *item)
{
	item->next = list->first;
	if (list->first == NULL)
		list->last = &item->next;
	list->first = item;
	list->n++;
	list->bytes += item->document->bytes;
}

void
items_remove(struct items *list, struct item *item)
{
	struct item **at = &list->first;

	while (*at != item)
		at = &(*at)->next;
	*at = item->next;
	if (item->next == NULL)
		list->last = at;
	list->n--;
	list->bytes -= item->document->bytes;
}

struct item *
items_pop(struct items *list)
{
	struct item *item = list->first;

	if (item != NULL)
		items_remove(list, item);
	return item;
}
