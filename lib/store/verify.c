#include "store/verify.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_verify.h"

/* Columns of chunk_tables. */
enum { NAME, TABLE, HAS_METADATA };

struct check {
	const char *name, *sql;
	const char *rows; /* a query of a chunk table, part of sql; or NULL */
	int64_t seconds;  /* $2 of sql, or 0 */
	/* Lock and repair the job or document in the column of; or NULL */
	const char *lock, *fix;
	enum verify_column of;
	/* What fix did to chunks; NULL: fix itself returns the text */
	const char *done;
};

static const struct check checks[] = {
    {.name = "counts",
	.sql = sql_counts,
	.lock = sql_lock_job,
	.fix = sql_fix_counts,
	.of = VERIFY_JOB},
    {.name = "ended_with_work", .sql = sql_ended_with_work},
    {.name = "unsealed", .sql = sql_unsealed, .seconds = PERIOD_FEED_DEAD},
    {.name = "open_without_work", .sql = sql_open_without_work},
    {.name = "stranded", .sql = sql_stranded},
    {.name = "wrong_task", .sql = sql_wrong_task},
    {.name = "source_status", .sql = sql_source_status},
    {.name = "stored_in_job_only", .sql = sql_stored_in_job_only},
    {.name = "duplicate_documents", .sql = sql_duplicate_documents},
    {.name = "incomplete", .sql = sql_incomplete},
    {.name = "stale", .sql = sql_stale},
    {.name = "behind", .sql = sql_behind},
    {.name = "missing", .sql = sql_missing},
    {.name = "chunks",
	.sql = sql_chunks,
	.rows = sql_chunk_rows,
	.lock = sql_lock_document,
	.fix = sql_fix_chunks,
	.of = VERIFY_DOCUMENT},
    {.name = "rows_of_deleted",
	.sql = sql_rows_of_deleted,
	.rows = sql_chunk_rows,
	.lock = sql_lock_document,
	.fix = sql_fix_deleted,
	.of = VERIFY_DOCUMENT,
	.done = "chunks of it deleted"},
    {.name = "metadata",
	.sql = sql_metadata,
	.rows = sql_metadata_rows,
	.lock = sql_lock_document,
	.fix = sql_fix_metadata,
	.of = VERIFY_DOCUMENT,
	.done = "chunks got the document's metadata"},
};

enum { CHECKS = sizeof(checks) / sizeof(*checks) };

const char *
verify_name(size_t i)
{
	return i < CHECKS ? checks[i].name : NULL;
}

int
verify_is_repaired(size_t i)
{
	return checks[i].fix != NULL;
}

/*
 * Append a statement, with one of the n values in the place of each %s. The
 * compiler cannot check a format that comes from a table, so this does not use
 * buf_printf.
 */
static void
fill(
    struct buf *sql, const char *statement, const char *const *values, size_t n)
{
	const char *place;

	for (size_t i = 0; i < n && (place = strstr(statement, "%s")) != NULL;
	     i++) {
		buf_add(sql, statement, (size_t)(place - statement));
		buf_puts(sql, values[i]);
		statement = place + 2;
	}
	buf_puts(sql, statement);
}

/*
 * Whether a table (a row of chunk_tables) has the column that the check reads.
 */
static int
concerns(const struct check *c, const struct db_result *tables, int row)
{
	return c->rows != sql_metadata_rows ||
	       db_bool(tables, row, HAS_METADATA);
}

/* Append one query for the rows of all chunk tables. 0 or -1. */
static int
put_chunk_tables(struct db *d, const struct check *c, struct buf *sql)
{
	struct db_result *r = db_run(d, sql_chunk_tables, NULL);

	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		if (!concerns(c, r, i))
			continue;
		buf_puts(sql, sql->len == 0 ? "" : " union all ");
		fill(sql, c->rows,
		    (const char *const[]){
			db_text(r, i, NAME), db_text(r, i, TABLE)},
		    2);
	}
	if (sql->len == 0)
		buf_puts(sql, sql_no_chunks);
	db_result_free(r);
	return 0;
}

/* Run a statement of the check; its %s becomes the rows of all chunk tables. */
static struct db_result *
run(struct db *d, const struct check *c, const char *statement,
    const struct db_args *a)
{
	struct buf tables = {0}, sql = {0};
	struct db_result *r = NULL;

	if (c->rows == NULL)
		return db_run(d, statement, a);
	if (put_chunk_tables(d, c, &tables) == 0) {
		fill(&sql, statement, (const char *const[]){tables.data}, 1);
		r = db_run(d, sql.data, a);
	}
	buf_free(&tables);
	buf_free(&sql);
	return r;
}

struct db_result *
verify_run(struct db *d, size_t i, const uint8_t *job)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, job);
	if (checks[i].seconds > 0)
		db_arg_int(&a, checks[i].seconds);
	r = run(d, &checks[i], checks[i].sql, &a);
	db_args_free(&a);
	return r;
}

struct repair {
	const struct check *check;
	const struct db_args *id;
	struct buf *message;
};

/*
 * Repair with one statement, which returns what it did. 1, 0 nothing to do, -1.
 */
static int
fix_one(struct db *d, const struct repair *p)
{
	struct db_result *r = run(d, p->check, p->check->fix, p->id);
	int n;

	if (r == NULL)
		return -1;
	n = db_rows(r) > 0;
	if (n)
		buf_puts(p->message, db_text(r, 0, 0));
	db_result_free(r);
	return n;
}

/* Repair with a statement for each chunk table. 1, 0 nothing to do, -1. */
static int
fix_tables(struct db *d, const struct repair *p)
{
	struct db_result *r = db_run(d, sql_chunk_tables, NULL);
	int64_t n = 0, total = 0;

	if (r == NULL)
		return -1;
	for (int i = 0; n != -1 && i < db_rows(r); i++) {
		struct buf sql = {0};

		if (!concerns(p->check, r, i))
			continue;
		fill(&sql, p->check->fix,
		    (const char *const[]){db_text(r, i, TABLE)}, 1);
		n = db_do(d, sql.data, p->id);
		total += n;
		buf_free(&sql);
	}
	db_result_free(r);
	if (n == -1)
		return -1;
	if (total > 0)
		buf_printf(
		    p->message, "%lld %s", (long long)total, p->check->done);
	return total > 0;
}

/* Two statements: the second sees what the lock's last holder committed. */
static int
lock_and_fix(struct db *d, void *argument)
{
	const struct repair *p = argument;

	buf_reset(p->message, SIZE_MAX);
	if (db_do(d, p->check->lock, p->id) == -1)
		return -1;
	return p->check->done != NULL ? fix_tables(d, p) : fix_one(d, p);
}

int
verify_repair(struct db *d, size_t i, const struct db_result *r, int row,
    struct buf *message)
{
	const struct check *c = &checks[i];
	struct db_args a = {0};
	struct repair p = {c, &a, message};
	uint8_t id[DIGEST_UUID];
	int n;

	if (c->fix == NULL || digest_uuid_parse(db_text(r, row, (int)c->of),
				  db_length(r, row, (int)c->of), id) == -1)
		return 0;
	db_arg_uuid(&a, id);
	n = db_transact(d, DB_PLAIN, lock_and_fix, &p);
	db_args_free(&a);
	return n;
}
