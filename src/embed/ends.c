#include "ends.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "embed/embed_recipe.h"
#include "record/recipe.h"
#include "tool/cli.h"

enum {
	/*
	 * Documents that are remembered. As a rule it is one: chunks of several
	 * documents are mixed only if several programs write into one pipe.
	 * Beyond that the oldest is forgotten, and its end record passes as it
	 * is, which is never wrong.
	 */
	OPEN_MAX = 256,
	ID_MAX = 64 /* bytes; an id has 36 */
};

struct open_document {
	size_t n;
	char id[ID_MAX];
};

struct embed_ends {
	struct buf embed, query;	     /* the same for each end record */
	struct open_document open[OPEN_MAX]; /* oldest first */
	size_t count;
};

struct embed_ends *
embed_ends_new(const struct embed_recipe *recipe)
{
	struct embed_ends *e = x_calloc(1, sizeof(*e));

	embed_recipe_put(&e->embed, recipe);
	embed_recipe_put_query(&e->query, recipe);
	if (e->query.len > RECIPE_PART_MAX)
		cli_usage("--query-prefix: the settings of queries are %zu "
			  "bytes of JSON, %d are the most: give a shorter one",
		    e->query.len, RECIPE_PART_MAX);
	return e;
}

void
embed_ends_free(struct embed_ends *e)
{
	if (e == NULL)
		return;
	buf_free(&e->embed);
	buf_free(&e->query);
	free(e);
}

/* The place of a document, or count. The newest is looked at first. */
static size_t
find(const struct embed_ends *e, const char *id, size_t n)
{
	for (size_t i = e->count; i-- > 0;)
		if (e->open[i].n == n && memcmp(e->open[i].id, id, n) == 0)
			return i;
	return e->count;
}

static void
forget(struct embed_ends *e, size_t i)
{
	e->count--;
	memmove(
	    &e->open[i], &e->open[i + 1], (e->count - i) * sizeof(*e->open));
}

void
embed_ends_note(struct embed_ends *e, const char *id, size_t n)
{
	if (n == 0 || n > ID_MAX || find(e, id, n) < e->count)
		return;
	if (e->count == OPEN_MAX)
		forget(e, 0);
	e->open[e->count].n = n;
	memcpy(e->open[e->count++].id, id, n);
}

int
embed_ends_take(struct embed_ends *e, const char *id, size_t n)
{
	size_t i = find(e, id, n);

	if (i == e->count)
		return 0;
	forget(e, i);
	return 1;
}

void
embed_ends_put(
    const struct embed_ends *e, struct buf *b, const struct record *r)
{
	recipe_put_embedded(b, r, &e->embed, &e->query);
}
