#include "store/settings.h"

#include <string.h>

#include "base/digest.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_settings.h"

static void
add_settings(struct db_args *a, const struct settings *s)
{
	db_arg_text(a, s->uri);
	db_arg_text(a, s->verifier);
	db_arg_text(a, s->map);
	db_arg_text(a, s->notify);
	db_arg_int(a, s->prune);
	db_arg_int(a, s->grace);
	db_arg_int(a, s->max_delete);
	db_arg_text(a, s->collection);
}

int
settings_add(struct db *d, const char *name, const struct settings *s)
{
	uint8_t id[DIGEST_UUID];
	struct db_args a = {0};
	int64_t n;

	digest_uuid5(digest_namespace, name, strlen(name), id);
	db_arg_uuid(&a, id);
	db_arg_text(&a, name);
	add_settings(&a, s);
	n = db_do(d, sql_add, &a);
	db_args_free(&a);
	return (int)n;
}

int
settings_change(struct db *d, const char *name, const struct settings *s)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, name);
	add_settings(&a, s);
	n = db_do(d, sql_change, &a);
	db_args_free(&a);
	return (int)n;
}

/* Run a statement whose first argument is the name. */
static struct db_result *
ask(struct db *d, const char *sql, const char *name, int64_t limit)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, name);
	if (limit > 0)
		db_arg_int(&a, limit);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	return r;
}

struct db_result *
settings_source(struct db *d, const char *name)
{
	return ask(d, sql_source, name, 0);
}

struct db_result *
settings_history(struct db *d, const char *name, int64_t limit)
{
	return ask(d, sql_history, name, limit > 0 ? limit : INT64_MAX);
}

int64_t
settings_count(struct db *d, const char *name, int *found)
{
	struct db_result *r = ask(d, sql_count_documents, name, 0);
	int64_t n;

	if (r == NULL)
		return -1;
	*found = db_rows(r) > 0;
	n = *found ? db_int(r, 0, 0) : 0;
	db_result_free(r);
	return n;
}

struct db_result *
settings_delete(struct db *d, const char *name)
{
	return ask(d, sql_delete_source, name, 0);
}
