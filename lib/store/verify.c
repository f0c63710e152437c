#include "store/verify.h"

#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_verify.h"

#define OPEN "('pending', 'queued', 'in_progress')"

static const struct check {
	const char *name, *sql;
} checks[] = {
    {"counts", sql_counts}, {"ended_with_work", sql_ended_with_work},
    {"open_without_work", sql_open_without_work}, {"stranded", sql_stranded},
    {"wrong_task", sql_wrong_task}, {"source_status", sql_source_status},
    {"stored_in_job_only", sql_stored_in_job_only},
    {"duplicate_documents", sql_duplicate_documents},
    {"chunks", NULL}, /* made of all collections */
};

enum { CHECKS = sizeof(checks) / sizeof(*checks) };

const char *
verify_name(size_t i)
{
	return i < CHECKS ? checks[i].name : NULL;
}

/* Append the rows of all chunk tables as one query. 0 or -1. */
static int
add_chunk_tables(struct db *d, struct buf *sql)
{
	struct db_result *r = db_run(d, sql_chunk_tables, NULL);

	if (r == NULL)
		return -1;
	if (db_rows(r) == 0)
		buf_puts(sql, sql_no_chunks);
	for (int i = 0; i < db_rows(r); i++) {
		buf_puts(sql, i == 0 ? "" : " union all ");
		buf_printf(
		    sql, sql_chunk_rows, db_text(r, i, 0), db_text(r, i, 1));
	}
	db_result_free(r);
	return 0;
}

/* The statement of a check into sql. 0 or -1. */
static int
make_statement(struct db *d, size_t i, struct buf *sql)
{
	struct buf tables = {0};
	int status = 0;

	if (checks[i].sql != NULL) {
		buf_puts(sql, checks[i].sql);
		return 0;
	}
	status = add_chunk_tables(d, &tables);
	if (status == 0)
		buf_printf(sql, sql_chunks, tables.data);
	buf_free(&tables);
	return status;
}

struct db_result *
verify_run(struct db *d, size_t i, const uint8_t *job)
{
	struct db_result *r = NULL;
	struct db_args a = {0};
	struct buf sql = {0};

	db_arg_uuid(&a, job);
	if (make_statement(d, i, &sql) == 0)
		r = db_run(d, sql.data, &a);
	buf_free(&sql);
	db_args_free(&a);
	return r;
}
