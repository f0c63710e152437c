#include "store/refresh.h"

#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_refresh.h"

struct db_result *
refresh_list(struct db *d, const char *collection, int64_t limit)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, collection);
	db_arg_int(&a, limit > 0 ? limit : INT64_MAX);
	r = db_run(d, sql_list, &a);
	db_args_free(&a);
	return r;
}

struct db_result *
refresh_sources(struct db *d, const char *collection)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, collection);
	r = db_run(d, sql_sources, &a);
	db_args_free(&a);
	return r;
}

struct refreshing {
	const uint8_t *source;
	const char *collection, *queue;
	int64_t each;
	struct refresh_job *job;
};

static int
lock_source(struct db *d, const uint8_t *source)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, source);
	r = db_run(d, sql_lock_source, &a);
	db_args_free(&a);
	db_result_free(r);
	return r == NULL ? -1 : 0;
}

static int
refresh(struct db *d, void *argument)
{
	const struct refreshing *t = argument;
	struct db_args a = {0};
	struct db_result *r;
	int found;

	if (lock_source(d, t->source) == -1)
		return -1;
	db_arg_uuid(&a, t->source);
	db_arg_text(&a, t->collection);
	db_arg_text(&a, t->queue);
	db_arg_int(&a, t->each);
	r = db_run(d, sql_add_job, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	found = db_rows(r) > 0;
	if (found) {
		digest_uuid_parse(
		    db_text(r, 0, 0), db_length(r, 0, 0), t->job->id);
		t->job->documents = db_int(r, 0, 1);
		t->job->tasks = db_int(r, 0, 2);
	}
	db_result_free(r);
	return found;
}

int
refresh_source(struct db *d, const uint8_t source[static DIGEST_UUID],
    const char *collection, const char *queue, int64_t each,
    struct refresh_job *job)
{
	struct refreshing t = {source, collection, queue, each, job};

	return db_transact(d, DB_PLAIN, refresh, &t);
}
