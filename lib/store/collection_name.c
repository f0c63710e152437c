#include "store/collection_name.h"

#include <string.h>

#include "base/buf.h"

int
collection_name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= COLLECTION_NAME_MAX && name[n] == '\0';
}

char *
collection_queue(const char *queue, const char *collection)
{
	struct buf name = {0};

	buf_puts(&name, queue);
	if (collection != NULL && strcmp(collection, COLLECTION_DEFAULT) != 0)
		buf_printf(&name, "@%s", collection);
	return name.data;
}
