#include "store/deletion.h"

#include <stddef.h>

#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_deletion.h"

int
deletion_has_source(struct db *d, const char *source)
{
	struct db_args a = {0};
	int n;

	db_arg_text(&a, source);
	n = db_count(d, sql_has_source, &a);
	db_args_free(&a);
	return n;
}

static struct db_result *
ask(struct db *d, const char *sql, const char *source, const char *url)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, source);
	db_arg_text(&a, url);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	return r;
}

struct db_result *
deletion_list(struct db *d, const char *source, const char *url)
{
	return ask(d, sql_list, source, url);
}

struct db_result *
deletion_undo(struct db *d, const char *source, const char *url)
{
	return ask(d, sql_undo, source, url);
}

struct deleting {
	const char *source, *url;
	struct db_result *deleted;
};

/* The documents are locked first, so that those listed are those deleted. */
static int
delete_all(struct db *d, void *argument)
{
	struct deleting *g = argument;
	const char *const steps[] = {sql_lock, sql_list, sql_delete};

	db_result_free(g->deleted);
	g->deleted = NULL;
	for (int i = 0; i < 3; i++) {
		struct db_result *r = ask(d, steps[i], g->source, g->url);

		if (r == NULL)
			return -1;
		if (steps[i] == sql_list)
			g->deleted = r;
		else
			db_result_free(r);
	}
	return 0;
}

struct db_result *
deletion_now(struct db *d, const char *source, const char *url)
{
	struct deleting g = {source, url, NULL};

	if (db_transact(d, DB_PLAIN, delete_all, &g) == -1) {
		db_result_free(g.deleted);
		return NULL;
	}
	return g.deleted;
}
