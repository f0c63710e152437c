#include "store/pause.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_pause.h"

/* Run a statement; its arguments are freed. */
static int64_t
change(struct db *db, const char *sql, struct db_args *a)
{
	int64_t n = db_do(db, sql, a);

	db_args_free(a);
	return n;
}

int
pause_set(struct db *db, const char *queue, const char *reason)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	db_arg_text(&a, reason);
	return change(db, sql_set, &a) == -1 ? -1 : 0;
}

struct db_result *
pause_end(struct db *db, const char *queue)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, queue);
	r = db_run(db, sql_end, &a);
	db_args_free(&a);
	return r;
}

struct db_result *
pause_names(struct db *db)
{
	return db_run(db, sql_names, NULL);
}

int
pause_park(struct db *db, const char *queue, const char *reason)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	db_arg_text(&a, reason);
	db_arg_int(&a, PERIOD_PROBE);
	return (int)change(db, sql_park, &a);
}

int
pause_note_open(struct db *db, const char *queue)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	return change(db, sql_note_open, &a) == -1 ? -1 : 0;
}

int
pause_unpark(struct db *db, const char *queue)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	return (int)change(db, sql_unpark, &a);
}

int
pause_take_probe(
    struct db *db, const char *const *queues, size_t n, char **name)
{
	struct db_args a = {0};
	struct db_result *r;

	*name = NULL;
	db_arg_texts(&a, queues, n);
	db_arg_int(&a, PERIOD_PROBE);
	r = db_run(db, sql_take_probe, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	if (db_rows(r) > 0)
		*name = x_strdup(db_text(r, 0, 0));
	db_result_free(r);
	return 0;
}

int
pause_note_probe(struct db *db, const char *queue)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	db_arg_int(&a, PERIOD_PROBE);
	return change(db, sql_note_probe, &a) == -1 ? -1 : 0;
}

int
pause_list(struct db *db, struct pause **list, size_t *n)
{
	struct db_result *r = db_run(db, sql_list, NULL);

	if (r == NULL)
		return -1;
	*n = (size_t)db_rows(r);
	*list = x_calloc(*n + 1, sizeof(**list));
	for (size_t i = 0; i < *n; i++) {
		int row = (int)i;

		(*list)[i] = (struct pause){
		    .queue = x_strdup(db_text(r, row, 0)),
		    .reason = db_bool(r, row, 1) ? x_strdup(db_text(r, row, 2))
						 : NULL,
		    .probe_seconds = db_int(r, row, 3)};
	}
	db_result_free(r);
	return 0;
}

void
pause_list_free(struct pause *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].queue);
		free(list[i].reason);
	}
	free(list);
}

int
pause_of_job(struct db *db, const uint8_t *job, char **queue, char **reason)
{
	struct db_args a = {0};
	struct db_result *r;
	int held;

	db_arg_uuid(&a, job);
	r = db_run(db, sql_of_job, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	held = db_rows(r) > 0;
	if (held) {
		*queue = x_strdup(db_text(r, 0, 0));
		*reason = x_strdup(db_text(r, 0, 1));
	}
	db_result_free(r);
	return held;
}
