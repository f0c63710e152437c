#include "store/collection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_collection.h"

static const char *const type_names[] = {[VECTOR_REAL] = "real[]",
    [VECTOR_PGVECTOR] = "vector",
    [VECTOR_HALFVEC] = "halfvec"};

static const char *const distance_names[] = {[COLLECTION_COSINE] = "cosine",
    [COLLECTION_L2] = "l2",
    [COLLECTION_INNER] = "ip"};

static enum collection_distance
distance_of(const char *name)
{
	for (int i = COLLECTION_COSINE; i <= COLLECTION_INNER; i++)
		if (strcmp(name, distance_names[i]) == 0)
			return (enum collection_distance)i;
	return COLLECTION_COSINE;
}

int
collection_explain_limit(
    struct db *d, const struct collection *v, struct buf *b)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, v->table);
	r = db_run(d, sql_limit, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	if (strcmp(db_text(r, 0, 0), "0") == 0) {
		buf_puts(b, ": somebody canceled it: statement_timeout is 0");
		db_result_free(r);
		return 0;
	}
	buf_printf(b, ": the limit, statement_timeout, is %s; collection %s ",
	    db_text(r, 0, 0), v->name);
	if (db_is_null(r, 0, 1))
		buf_puts(b, "has no index: raise the limit for this role, or "
			    "make the document smaller");
	else
		buf_printf(b,
		    "has the index %s, whose upkeep may take the time: raise "
		    "the limit for this role, or drop the index for the load "
		    "and build it again",
		    db_text(r, 0, 1));
	db_result_free(r);
	return 0;
}

void
collection_forget(struct collection *v)
{
	free(v->model);
	free(v->extension);
	free(v->chunk);
	free(v->embed);
	free(v->query);
	v->model = v->extension = v->chunk = v->embed = v->query = NULL;
	v->dimensions = v->id = 0;
	*v->table = '\0';
}

/* Collections. */

static enum vector_type
type_of(const char *name)
{
	for (int i = VECTOR_REAL; i <= VECTOR_HALFVEC; i++)
		if (strcmp(name, type_names[i]) == 0)
			return (enum vector_type)i;
	return VECTOR_REAL;
}

int
collection_find(struct db *d, struct collection *v, int *found)
{
	struct db_args a = {0};
	struct db_result *r;

	collection_forget(v);
	db_arg_text(&a, v->name);
	r = db_run(d, sql_find, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	*found = db_rows(r) > 0;
	if (*found)
		v->id = (int)db_int(r, 0, 6);
	if (*found && !db_is_null(r, 0, 0)) {
		snprintf(v->table, sizeof(v->table), "%s", db_text(r, 0, 0));
		v->model = x_strdup(db_text(r, 0, 1));
		v->dimensions = (int)db_int(r, 0, 2);
		v->type = type_of(db_text(r, 0, 3));
		v->distance = distance_of(db_text(r, 0, 4));
		if (!db_is_null(r, 0, 5))
			v->extension = x_strdup(db_text(r, 0, 5));
		if (!db_is_null(r, 0, 7))
			v->query = x_strdup(db_text(r, 0, 7));
		v->is_staged = db_bool(r, 0, 8);
	}
	db_result_free(r);
	return 0;
}

int
collection_add(
    struct db *d, struct collection *v, enum collection_distance distance)
{
	struct db_args a = {0};
	int64_t n;
	int found;

	db_arg_text(&a, v->name);
	db_arg_text(&a, distance_names[distance]);
	n = db_do(d, sql_add, &a);
	db_args_free(&a);
	return n == -1 ? -1 : collection_find(d, v, &found);
}

int
collection_list(struct db *d, struct buf *b)
{
	struct db_result *r;

	r = db_run(d, sql_list, NULL);
	if (r == NULL)
		return -1;
	buf_puts(b, db_text(r, 0, 0));
	db_result_free(r);
	return 0;
}

static int
create_chunks(struct db *d, const struct collection *v, const char *model,
    int dimensions, enum collection_distance distance)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, v->name);
	db_arg_text(&a, model);
	db_arg_int(&a, dimensions);
	db_arg_text(&a, distance_names[distance]);
	n = db_do(d, sql_create, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

int
collection_lock_all(struct db *d)
{
	return db_do(d, sql_lock_collections, NULL) == -1 ? -1 : 0;
}

struct creation {
	struct collection *v;
	const char *model;
	int dimensions;
	enum collection_distance distance;
};

static int
create(struct db *d, void *argument)
{
	const struct creation *c = argument;
	int found;

	if (collection_lock_all(d) == -1 ||
	    collection_find(d, c->v, &found) == -1)
		return -1;
	if (*c->v->table != '\0')
		return 0;
	if (db_do(d, sql_install, NULL) == -1 ||
	    create_chunks(d, c->v, c->model, c->dimensions, c->distance) == -1)
		return -1;
	return collection_find(d, c->v, &found);
}

int
collection_create(struct db *d, struct collection *v, const char *model,
    int dimensions, enum collection_distance distance)
{
	struct creation c = {v, model, dimensions, distance};
	int status = db_transact(d, DB_PLAIN, create, &c);

	if (status == -1)
		collection_forget(v);
	return status;
}
