#include "store.h"

#include <string.h>

#include "net/db.h"

/* Look it up again. 1 when it is not what the rows were made for. */
int
store_has_changed(struct store *s)
{
	struct collection now = {0};
	int found = 0, changed;

	memcpy(now.name, s->v.name, sizeof(now.name));
	if (collection_find(s->db, &now, &found) == -1)
		return 0;
	changed = !found || now.type != s->v.type ||
		  now.dimensions != s->v.dimensions ||
		  strcmp(now.table, s->v.table) != 0 ||
		  strcmp(now.model, s->v.model) != 0;
	if (changed) {
		collection_forget(&s->v);
		s->generation++;
	}
	collection_forget(&now);
	return changed;
}

static int
find_or_create(struct store *s, const char *model, size_t width)
{
	int found;

	if (collection_find(s->db, &s->v, &found) == -1)
		return -1;
	return found ? 0
		     : collection_create(
			   s->db, &s->v, model, (int)width, s->distance);
}

int
store_know_collection(struct store *s, struct store_document *doc,
    const char *model, size_t width)
{
	int failures = 0;

	if (*s->v.table != '\0')
		return 0;
	while (find_or_create(s, model, width) == -1)
		if (!store_try_again(s, ++failures)) {
			store_refuse_by_fault(s, doc);
			return -1;
		}
	store_server_is_back(s);
	return 0;
}
