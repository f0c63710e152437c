#include "store/task.h"

#include <stdio.h>

#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_task.h"

int
task_is_due(struct db *db, const char *const *queues, size_t n_queues)
{
	struct db_args a = {0};
	int n;

	db_arg_texts(&a, queues, n_queues);
	n = db_count(db, sql_is_due, &a);
	db_args_free(&a);
	return n;
}

int
task_open(struct db *db, const struct task_queues *queues,
    const uint8_t *without, size_t n_without, int64_t *paused)
{
	struct db_args a = {0};
	struct db_result *r;
	int open;

	db_arg_texts(&a, queues->names, queues->n);
	db_arg_uuids(&a, without, n_without);
	db_arg_texts(&a, queues->unbound, queues->n_unbound);
	r = db_run(db, sql_open, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	open = (int)db_int(r, 0, 0);
	*paused = db_int(r, 0, 1);
	db_result_free(r);
	return open;
}

int64_t
task_later(struct db *db, const char *const *queues, size_t n_queues,
    const uint8_t *without, size_t n_without, char first[static TASK_TIME])
{
	struct db_args a = {0};
	struct db_result *r;
	int64_t n;

	db_arg_texts(&a, queues, n_queues);
	db_arg_uuids(&a, without, n_without);
	r = db_run(db, sql_later, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	n = db_int(r, 0, 0);
	snprintf(first, TASK_TIME, "%s",
	    db_is_null(r, 0, 1) ? "" : db_text(r, 0, 1));
	db_result_free(r);
	return n;
}

int
task_fates(struct db *db, const uint8_t *ids, size_t n, const char *collection,
    enum task_fate *found)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuids(&a, ids, n);
	db_arg_text(&a, collection);
	r = db_run_binary(db, sql_fates, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		found[i] = TASK_UNKNOWN;
	for (int row = 0; row < db_rows(r); row++) {
		size_t i = (size_t)db_binary_int4(r, row, 0) - 1;

		found[i] = (enum task_fate)db_binary_int4(r, row, 1);
	}
	db_result_free(r);
	return 0;
}

int
task_move(struct db *db, const uint8_t *ids, size_t n)
{
	struct db_args a = {0};
	int64_t done;

	db_arg_uuids(&a, ids, n);
	done = db_do(db, sql_move, &a);
	db_args_free(&a);
	return done == -1 ? -1 : 0;
}

struct db_result *
task_elsewhere(struct db *db, const char *const *queues, size_t n_queues,
    const char *collection, int takes_unbound)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_texts(&a, queues, n_queues);
	db_arg_text(&a, collection);
	db_arg_bool(&a, takes_unbound);
	r = db_run(db, sql_elsewhere, &a);
	db_args_free(&a);
	return r;
}
