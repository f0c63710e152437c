#include "store/catalog.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_catalog.h"
#include "store/collection.h"

/* Run a statement whose only argument is a name. */
static struct db_result *
ask(struct db *d, const char *sql, const char *name)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, name);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	return r;
}

static int64_t
run(struct db *d, const char *sql, const char *name)
{
	struct db_result *r = ask(d, sql, name);

	db_result_free(r);
	return r == NULL ? -1 : 0;
}

struct db_result *
catalog_list(struct db *d)
{
	return db_run(d, sql_list, NULL);
}

int
catalog_find(struct db *d, const char *name, struct catalog_collection *c)
{
	struct db_result *r = ask(d, sql_find, name);
	int found;

	if (r == NULL)
		return -1;
	found = db_rows(r) > 0;
	*c = (struct catalog_collection){0};
	if (found) {
		c->id = db_int(r, 0, 0);
		if (!db_is_null(r, 0, 1))
			c->table = x_strdup(db_text(r, 0, 1));
		c->has_vectors = db_bool(r, 0, 2);
		c->documents = db_int(r, 0, 3);
		c->chunks = db_int(r, 0, 4);
	}
	db_result_free(r);
	return found;
}

/* Rows of the chunk table that the ledger lacks, or -1. */
static int64_t
count_unknown(struct db *d, const struct catalog_collection *c)
{
	struct buf sql = {0};
	struct db_args a = {0};
	int64_t n;

	if (c->table == NULL)
		return 0;
	buf_printf(&sql, sql_unknown_rows, c->table);
	db_arg_int(&a, c->id);
	n = db_count(d, sql.data, &a);
	db_args_free(&a);
	buf_free(&sql);
	return n;
}

struct db_result *
catalog_show(struct db *d, const char *name)
{
	struct catalog_collection c = {0};
	struct db_args a = {0};
	struct db_result *r = NULL;
	int64_t unknown = -1;

	if (catalog_find(d, name, &c) != -1)
		unknown = count_unknown(d, &c);
	free(c.table);
	if (unknown == -1)
		return NULL;
	db_arg_text(&a, name);
	db_arg_int(&a, unknown);
	r = db_run(d, sql_show, &a);
	db_args_free(&a);
	return r;
}

static int
write_settings(struct db *d, const char *sql, const char *name,
    const struct catalog_settings *s)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, name);
	db_arg_text(&a, s->distance);
	db_arg_text(&a, s->pipeline);
	n = db_do(d, sql, &a);
	db_args_free(&a);
	return (int)n;
}

int
catalog_add(struct db *d, const char *name, const struct catalog_settings *s)
{
	return write_settings(d, sql_add, name, s);
}

int
catalog_change(struct db *d, const char *name, const struct catalog_settings *s)
{
	return write_settings(d, sql_change, name, s);
}

int
catalog_need_idle(struct db *d, const char *name, struct buf *why)
{
	struct db_result *r = ask(d, sql_open_jobs, name);
	int is_idle;

	if (r == NULL)
		return -1;
	is_idle = db_int(r, 0, 1) == 0;
	if (!is_idle)
		buf_printf(why,
		    "collection '%s': jobs that store into it are open: %s: "
		    "cancel them, or wait for their end",
		    name, db_text(r, 0, 0));
	db_result_free(r);
	return is_idle ? 0 : -1;
}

static int
drop_table(struct db *d, const char *table)
{
	struct buf sql = {0};

	if (table == NULL)
		return 0;
	buf_printf(&sql, sql_drop_table, table);
	return db_do_made(d, &sql) == -1 ? -1 : 0;
}

/* Run a statement whose only argument is a collection's id. */
static int
run_for(struct db *d, const char *sql, int64_t id)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_int(&a, id);
	n = db_do(d, sql, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

int
catalog_empty_ledger(struct db *d, int64_t id)
{
	return run_for(d, sql_empty_ledger, id);
}

struct dropping {
	const char *name;
	struct buf *why;
};

static int
drop(struct db *d, void *argument)
{
	const struct dropping *t = argument;
	struct catalog_collection c = {0};
	int status = -1;

	if (collection_lock_all(d) == -1)
		return -1;
	status = catalog_find(d, t->name, &c);
	if (status == 1 && (catalog_need_idle(d, t->name, t->why) == -1 ||
			       drop_table(d, c.table) == -1 ||
			       catalog_empty_ledger(d, c.id) == -1 ||
			       run_for(d, sql_drop_collection, c.id) == -1 ||
			       run(d, sql_forget_in_sources, t->name) == -1 ||
			       run(d, sql_forget_in_jobs, t->name) == -1))
		status = -1;
	free(c.table);
	return status;
}

int
catalog_drop(struct db *d, const char *name, struct buf *why)
{
	struct dropping t = {name, why};

	return db_transact(d, DB_PLAIN, drop, &t);
}
