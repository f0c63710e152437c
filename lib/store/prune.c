#include "store/prune.h"

#include <stdio.h>

#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_prune.h"

int
prune_clock(struct db *db, char since[static PRUNE_TIME])
{
	struct db_result *r = db_run(db, sql_clock, NULL);

	if (r == NULL)
		return -1;
	snprintf(since, PRUNE_TIME, "%s", db_text(r, 0, 0));
	db_result_free(r);
	return 0;
}

/* Run a statement about a source. The result or NULL. */
static struct db_result *
ask(struct db *db, const char *sql, const uint8_t *source)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, source);
	r = db_run(db, sql, &a);
	db_args_free(&a);
	return r;
}

int
prune_is_wanted(struct db *db, const uint8_t source[static DIGEST_UUID])
{
	struct db_result *r = ask(db, sql_wants, source);
	int wanted;

	if (r == NULL)
		return -1;
	wanted = db_rows(r) == 1 && db_int(r, 0, 0);
	db_result_free(r);
	return wanted;
}

int
prune_source(struct db *db, const uint8_t source[static DIGEST_UUID],
    const char *since, const struct prune_options *options,
    struct prune_result *result)
{
	struct db_args a = {0};
	struct db_result *r;
	int found;

	db_arg_uuid(&a, source);
	db_arg_text(&a, since);
	db_arg_int(&a, options->grace);
	db_arg_int(&a, options->max_delete);
	db_arg_bool(&a, options->force);
	r = db_run(db, sql_prune, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	found = db_rows(r) == 1;
	if (found)
		*result = (struct prune_result){.absent = db_int(r, 0, 0),
		    .live = db_int(r, 0, 1),
		    .stopped = db_bool(r, 0, 2),
		    .max_delete = db_int(r, 0, 3),
		    .grace = db_int(r, 0, 4)};
	db_result_free(r);
	return found;
}

int
prune_note(struct db *db, const char *job, const struct prune_result *r)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, job);
	db_arg_int(&a, r->absent);
	db_arg_int(&a, r->live);
	db_arg_bool(&a, r->stopped);
	n = db_do(db, sql_note, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

struct db_result *
prune_documents(struct db *db, const uint8_t source[static DIGEST_UUID])
{
	return ask(db, sql_documents, source);
}

int
prune_drop(struct db *db, const uint8_t source[static DIGEST_UUID],
    const uint8_t document[static DIGEST_UUID])
{
	struct db_args a = {0};
	int n;

	db_arg_uuid(&a, source);
	db_arg_uuids(&a, document, 1);
	n = db_count(db, sql_drop, &a);
	db_args_free(&a);
	return n;
}
