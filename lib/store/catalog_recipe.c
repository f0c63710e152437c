#include "store/catalog_recipe.h"

#include <string.h>

#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_catalog_recipe.h"

static struct db_result *
ask(struct db *d, const char *sql, const char *collection)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, collection);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	return r;
}

struct db_result *
catalog_recipe_show(struct db *d, const char *collection)
{
	return ask(d, sql_show, collection);
}

/* Columns of lock: own and refused model, own and refused width. */
enum { MODEL, NEW_MODEL, WIDTH, NEW_WIDTH, REFUSED };

static int
differs(const struct db_result *r, int own, int other)
{
	return !db_is_null(r, 0, own) && !db_is_null(r, 0, other) &&
	       strcmp(db_text(r, 0, own), db_text(r, 0, other)) != 0;
}

/* Whether the refused recipe can be taken; if not, why. */
static int
is_fitting(const struct db_result *r, const char *collection, struct buf *why)
{
	int model = differs(r, MODEL, NEW_MODEL);

	if (db_rows(r) == 0)
		buf_printf(why, "collection '%s': there is no such collection",
		    collection);
	else if (!db_bool(r, 0, REFUSED))
		buf_printf(why,
		    "collection '%s': no recipe was refused: there is nothing "
		    "to take",
		    collection);
	else if (model || differs(r, WIDTH, NEW_WIDTH))
		buf_printf(why,
		    "collection '%s' has vectors of %s %s, the refused recipe "
		    "makes %s: store into another collection, then 'pl-jobctl "
		    "collection copy' puts it in the place of this one",
		    collection, model ? "model" : "width",
		    db_text(r, 0, model ? MODEL : WIDTH),
		    db_text(r, 0, model ? NEW_MODEL : NEW_WIDTH));
	return why->len == 0;
}

struct taking {
	const char *collection;
	struct buf *why;
};

static int
take(struct db *d, void *argument)
{
	const struct taking *t = argument;
	struct db_result *r = ask(d, sql_lock, t->collection);
	int may = r != NULL && is_fitting(r, t->collection, t->why);

	db_result_free(r);
	if (!may)
		return -1;
	r = ask(d, sql_take, t->collection);
	db_result_free(r);
	return r == NULL ? -1 : 0;
}

int
catalog_recipe_take(struct db *d, const char *collection, struct buf *why)
{
	struct taking t = {collection, why};

	return db_transact(d, DB_PLAIN, take, &t);
}
