#include "store/ingest_task.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_ingest_task.h"

/* Seconds between tries. */
enum { FIRST_RETRY = 10, LONGEST_RETRY = 600 };

void
ingest_task_free(struct ingest_task *t)
{
	free(t->source);
	free(t->crawl);
	free(t->map);
	free(t->body);
	*t = (struct ingest_task){0};
}

static char *
text_or_null(const struct db_result *r, int column)
{
	return db_is_null(r, 0, column) ? NULL
					: x_memdup(db_text(r, 0, column),
					      (size_t)db_length(r, 0, column));
}

static void
read_task(const struct db_result *r, struct ingest_task *t)
{
	*t = (struct ingest_task){.attempt = db_binary_int4(r, 0, 1)};
	memcpy(t->id, db_text(r, 0, 0), DIGEST_UUID);
	digest_uuid_text((const uint8_t *)db_text(r, 0, 2), t->job);
	t->source = text_or_null(r, 3);
	t->crawl = text_or_null(r, 4);
	t->map = text_or_null(r, 5);
	t->body = text_or_null(r, 6);
	t->body_len = t->body ? (size_t)db_length(r, 0, 6) : 0;
}

int
ingest_task_claim(
    struct db *db, const char *worker, int due_for, struct ingest_task *t)
{
	struct db_args a = {0};
	struct db_result *r;
	int found;

	db_arg_text(&a, worker);
	db_arg_int(&a, PERIOD_LEASE);
	db_arg_int(&a, due_for);
	r = db_run_binary(db, sql_claim, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	found = db_rows(r) == 1;
	if (found)
		read_task(r, t);
	db_result_free(r);
	return found;
}

static void
add_claim(struct db_args *a, const struct ingest_task *t)
{
	db_arg_uuid(a, t->id);
	db_arg_int(a, t->attempt);
}

static int
run(struct db *db, const char *sql, struct db_args *a)
{
	int64_t n = db_do(db, sql, a);

	db_args_free(a);
	return (int)n;
}

int
ingest_task_renew(struct db *db, const struct ingest_task *t)
{
	struct db_args a = {0};

	add_claim(&a, t);
	db_arg_int(&a, PERIOD_LEASE);
	return run(db, sql_renew, &a);
}

int
ingest_task_end(struct db *db, const struct ingest_task *t,
    enum ingest_outcome outcome, const char *error)
{
	struct db_args a = {0};
	const char *sql = sql_complete;

	add_claim(&a, t);
	switch (outcome) {
	case INGEST_DONE:
		break;
	case INGEST_FAILED:
		sql = sql_fail;
		db_arg_text(&a, error);
		break;
	case INGEST_AGAIN:
		sql = sql_retry;
		db_arg_text(&a, error);
		db_arg_int(&a, FIRST_RETRY);
		db_arg_int(&a, LONGEST_RETRY);
		break;
	case INGEST_WAITS:
	case INGEST_HANDED_BACK:
		sql = sql_wait;
		db_arg_bool(&a, outcome == INGEST_WAITS);
		break;
	}
	return run(db, sql, &a) == -1 ? -1 : 0;
}

int
ingest_task_crawl(struct db *db, const char *name,
    const uint8_t source[static DIGEST_UUID], const char *crawl, int ended,
    char job[static DIGEST_UUID_TEXT])
{
	struct db_args a = {0};
	struct db_result *r;
	int status = -1;

	db_arg_uuid(&a, source);
	db_arg_text(&a, name);
	if (db_do(db, sql_save_source, &a) == -1)
		goto out;
	db_args_reset(&a);
	db_arg_uuid(&a, source);
	db_arg_text(&a, crawl);
	db_arg_bool(&a, ended);
	r = db_run_binary(db, sql_crawl, &a);
	if (r == NULL)
		goto out;
	digest_uuid_text((const uint8_t *)db_text(r, 0, 0), job);
	db_result_free(r);
	status = 0;
out:
	db_args_free(&a);
	return status;
}
