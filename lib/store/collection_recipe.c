#include "store/collection_recipe.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_collection_recipe.h"
#include "store/collection.h"

static int
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int
collection_recipe_is_same(
    const struct collection_recipe *a, const struct collection_recipe *b)
{
	return is_same(a->chunk, b->chunk) && is_same(a->embed, b->embed);
}

static void
keep(char **member, const struct db_result *r, int column)
{
	free(*member);
	*member =
	    db_is_null(r, 0, column) ? NULL : x_strdup(db_text(r, 0, column));
}

int
collection_recipe_use(struct db *d, struct collection *v,
    const struct collection_recipe *recipe, int *id)
{
	struct db_args a = {0};
	struct db_result *r;
	int is_wrong;

	*id = -1;
	if (recipe->chunk == NULL && recipe->embed == NULL)
		return 1;
	db_arg_int(&a, v->id);
	db_arg_text(&a, recipe->chunk);
	db_arg_text(&a, recipe->embed);
	db_arg_text(&a, recipe->query);
	r = db_run(d, sql_use, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	*id = (int)db_int(r, 0, 0);
	is_wrong = db_bool(r, 0, 1);
	keep(&v->chunk, r, 2);
	keep(&v->embed, r, 3);
	db_result_free(r);
	return !is_wrong;
}
