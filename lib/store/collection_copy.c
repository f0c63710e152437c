#include "store/collection_copy.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_collection_copy.h"
#include "store/catalog.h"
#include "store/collection.h"
#include "store/pipeline_text.h"

/* One of the two collections. The result lends the strings. */
struct side {
	struct db_result *row;
	int64_t id;
	const char *table, *table_name, *distance, *type, *pipeline;
};

static const char *
text_or_null(const struct db_result *r, int column)
{
	return db_is_null(r, 0, column) ? NULL : db_text(r, 0, column);
}

/* 1; 0 there is no such collection; -1. */
static int
describe(struct db *d, const char *name, struct side *s)
{
	struct db_args a = {0};

	db_arg_text(&a, name);
	s->row = db_run(d, sql_describe, &a);
	db_args_free(&a);
	if (s->row == NULL)
		return -1;
	if (db_rows(s->row) == 0)
		return 0;
	s->id = db_int(s->row, 0, 0);
	s->table = text_or_null(s->row, 1);
	s->table_name = db_text(s->row, 0, 2);
	s->distance = db_text(s->row, 0, 3);
	s->type = text_or_null(s->row, 4);
	s->pipeline = text_or_null(s->row, 5);
	return 1;
}

static int
add(struct db *d, const char *name)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, name);
	n = db_do(d, sql_add, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

/* Tables. */

static int
run(struct db *d, struct buf *sql)
{
	return db_do_made(d, sql) == -1 ? -1 : 0;
}

static int
lock_from(struct db *d, const struct side *from)
{
	struct buf sql = {0};

	buf_printf(&sql, sql_lock_from, from->table);
	return run(d, &sql);
}

/* Rows copied, or -1. */
static int64_t
fill(struct db *d, const char *table, const char *from)
{
	struct buf sql = {0};

	buf_printf(&sql, sql_fill, table, from);
	return db_do_made(d, &sql);
}

/* The table keeps its indexes and grants. */
static int64_t
replace_rows(struct db *d, const struct side *from, const struct side *to)
{
	struct buf sql = {0};

	buf_printf(&sql, sql_empty_table, to->table, to->table);
	return run(d, &sql) == -1 ? -1 : fill(d, to->table, from->table);
}

static int
rename_indexes(struct db *d, const char *table_name)
{
	struct db_args a = {0};
	struct db_result *r;
	int64_t n;

	db_arg_text(&a, table_name);
	r = db_run(d, sql_index_names, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	n = db_do(d, db_text(r, 0, 0), NULL);
	db_result_free(r);
	return n == -1 ? -1 : 0;
}

static int64_t
replace_table(struct db *d, const struct side *from, const struct side *to)
{
	const char *name = to->table_name;
	struct buf sql = {0}, table = {0};
	int64_t n = -1;

	buf_printf(&table, "pl.\"%s+new\"", name);
	buf_printf(&sql, sql_new_table, name, from->table);
	if (run(d, &sql) == 0)
		n = fill(d, table.data, from->table);
	buf_free(&table);
	if (n == -1)
		return -1;
	buf_printf(&sql, sql_swap, name, name, name, name, name, name);
	return run(d, &sql) == -1 || rename_indexes(d, name) == -1 ? -1 : n;
}

/* Ledger and settings. */

/* Rows of the copy's ledger, or -1. */
static int64_t
fill_ledger(struct db *d, const struct side *from, const struct side *to)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_int(&a, to->id);
	db_arg_int(&a, from->id);
	n = db_do(d, sql_fill_ledger, &a);
	db_args_free(&a);
	return n;
}

static int
take_settings(struct db *d, const struct side *from, const struct side *to,
    const char *pipeline)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_int(&a, to->id);
	db_arg_int(&a, from->id);
	db_arg_text(&a, pipeline);
	n = db_do(d, sql_take_settings, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

/* The copy. */

struct copying {
	const char *from_name, *to_name;
	struct side from, to;
	struct collection_copied *done;
	struct buf *why;
};

/* Look at from, and make to if it is not there. */
static int
prepare(struct db *d, struct copying *t)
{
	int found;

	if (collection_lock_all(d) == -1)
		return -1;
	found = describe(d, t->from_name, &t->from);
	if (found == 0)
		buf_printf(t->why,
		    "collection '%s': there is no such collection",
		    t->from_name);
	else if (found == 1 && t->from.table == NULL)
		buf_printf(t->why,
		    "collection '%s' has no vectors: there is nothing to copy",
		    t->from_name);
	if (found != 1 || t->from.table == NULL ||
	    catalog_need_idle(d, t->to_name, t->why) == -1 ||
	    add(d, t->to_name) == -1)
		return -1;
	return describe(d, t->to_name, &t->to) == 1 ? 0 : -1;
}

static int
copy_chunks(struct db *d, struct copying *t)
{
	int is_same = t->to.table != NULL && t->to.type != NULL &&
		      t->from.type != NULL &&
		      strcmp(t->to.type, t->from.type) == 0 &&
		      strcmp(t->to.distance, t->from.distance) == 0;

	t->done->is_table_new = !is_same && t->to.table != NULL;
	if (lock_from(d, &t->from) == -1)
		return -1;
	t->done->chunks = is_same ? replace_rows(d, &t->from, &t->to)
				  : replace_table(d, &t->from, &t->to);
	return t->done->chunks == -1 ? -1 : 0;
}

static int
copy_ledger(struct db *d, struct copying *t)
{
	if (catalog_empty_ledger(d, t->to.id) == -1)
		return -1;
	t->done->documents = fill_ledger(d, &t->from, &t->to);
	return t->done->documents == -1 ? -1 : 0;
}

static int
copy_settings(struct db *d, struct copying *t)
{
	const char *pipeline = t->from.pipeline;
	char *named = pipeline ? pipeline_text_collection(pipeline) : NULL;

	t->done->is_pipeline_own = named != NULL && t->to.pipeline == NULL &&
				   strcmp(named, t->to_name) != 0;
	free(named);
	return take_settings(
	    d, &t->from, &t->to, t->done->is_pipeline_own ? NULL : pipeline);
}

static int
copy(struct db *d, void *argument)
{
	struct copying *t = argument;
	int status = -1;

	t->from = t->to = (struct side){0};
	*t->done = (struct collection_copied){0};
	if (prepare(d, t) == 0 && copy_chunks(d, t) == 0 &&
	    copy_ledger(d, t) == 0 && copy_settings(d, t) == 0)
		status = 0;
	db_result_free(t->from.row);
	db_result_free(t->to.row);
	return status;
}

int
collection_copy(struct db *d, const char *from, const char *to,
    struct collection_copied *done, struct buf *why)
{
	struct copying t = {
	    .from_name = from, .to_name = to, .done = done, .why = why};

	return db_transact(d, DB_PLAIN, copy, &t);
}
