#include "target.h"

#include <string.h>

#include "document.h"
#include "record/error_record.h"
#include "server.h"
#include "store.h"

int
store_target_is_known(const struct store *s)
{
	return *s->target.collection.table != '\0';
}

int
store_target_find(struct store *s)
{
	struct collection *v = &s->target.collection;
	int found = 1;

	if (v->id == 0 && collection_find(s->server.db, v, &found) == -1)
		return -1;
	return found ? 0 : collection_add(s->server.db, v, s->options.distance);
}

void
store_target_refuse(struct store *s, struct store_document *doc)
{
	store_document_refuse(doc, ERROR_TRANSIENT, "collection_changed",
	    "collection %s was changed by another program meanwhile: run it "
	    "again",
	    s->target.collection.name);
}

int
store_target_has_changed(struct store *s)
{
	struct collection now = {0};
	int found = 0, changed;

	memcpy(now.name, s->target.collection.name, sizeof(now.name));
	if (collection_find(s->server.db, &now, &found) == -1)
		return 0;
	changed = !found || now.model == NULL ||
		  now.type != s->target.collection.type ||
		  now.dimensions != s->target.collection.dimensions ||
		  strcmp(now.table, s->target.collection.table) != 0 ||
		  strcmp(now.model, s->target.collection.model) != 0;
	if (changed) {
		collection_forget(&s->target.collection);
		s->target.generation++;
	}
	collection_forget(&now);
	return changed;
}

static int
find_or_create(struct store *s, const char *model, size_t width)
{
	int found;

	if (collection_find(s->server.db, &s->target.collection, &found) == -1)
		return -1;
	return store_target_is_known(s)
		   ? 0
		   : collection_create(s->server.db, &s->target.collection,
			 model, (int)width, s->options.distance);
}

int
store_target_know(struct store *s, struct store_document *doc,
    const char *model, size_t width)
{
	if (store_target_is_known(s))
		return 0;
	while (find_or_create(s, model, width) == -1)
		if (!store_server_try_again(s, doc)) {
			store_server_refuse(s, doc);
			return -1;
		}
	store_server_answered(s);
	return 0;
}
