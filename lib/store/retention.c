/*
 * Jobs are walked in the order of their ids, so that each is looked at once. A
 * transaction deletes the rows of as many jobs as have ROWS ledger rows
 * together. A job with more loses ROWS of them, then ROWS more, and goes itself
 * in the last transaction; it may be retried in between, and then what is left
 * of it stays.
 */
#include "store/retention.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_retention.h"

enum { ROWS = 1000, PAGE = 1000 };

static const char no_id[] = "00000000-0000-0000-0000-000000000000";

struct deleting {
	const struct retention *retention;
	const uint8_t *jobs;
	size_t n;
	int64_t counts[RETENTION_KINDS];
};

/* The page of jobs behind the id after, in text form. */
static struct db_result *
choose(struct db *d, const struct retention *r, const char *after)
{
	struct db_args a = {0};
	struct db_result *page;

	db_arg_int(&a, r->age);
	db_arg_texts(&a, r->statuses, r->n);
	db_arg_text(&a, after);
	db_arg_int(&a, PAGE);
	page = db_run(d, sql_choose, &a);
	db_args_free(&a);
	return page;
}

/* Those of the jobs that are locked now; the caller frees them. */
static uint8_t *
lock(struct db *d, const struct deleting *g, size_t *n)
{
	struct db_args a = {0};
	uint8_t *locked;

	db_arg_int(&a, g->retention->age);
	db_arg_texts(&a, g->retention->statuses, g->retention->n);
	db_arg_uuids(&a, g->jobs, g->n);
	locked = db_ids(d, sql_lock, &a, n);
	db_args_free(&a);
	return locked;
}

static int64_t
delete_some(struct db *d, const char *sql, const uint8_t *jobs, size_t n)
{
	struct db_args a = {0};
	int64_t deleted;

	db_arg_uuids(&a, jobs, n);
	if (sql != sql_delete_jobs)
		db_arg_int(&a, ROWS);
	deleted = db_do(d, sql, &a);
	db_args_free(&a);
	return deleted;
}

/* One transaction. 1 if it left rows of the jobs, 0 if it did not, -1. */
static int
delete_part(struct db *d, void *argument)
{
	static const struct {
		const char *sql;
		enum retention_kind kind;
	} steps[] = {{sql_delete_documents, RETENTION_DOCUMENTS},
	    {sql_delete_tasks, RETENTION_TASKS},
	    {sql_delete_jobs, RETENTION_JOBS}};
	struct deleting *g = argument;
	size_t n = 0, i;
	uint8_t *jobs = lock(d, g, &n);
	int64_t rows = jobs == NULL ? -1 : 0;

	memset(g->counts, 0, sizeof(g->counts));
	for (i = 0; i < 3 && n > 0 && rows != -1 && rows < ROWS; i++) {
		rows = delete_some(d, steps[i].sql, jobs, n);
		g->counts[steps[i].kind] = rows;
	}
	free(jobs);
	if (rows == -1)
		return -1;
	return n > 0 && i < 3;
}

static int
delete_jobs(struct db *d, const struct retention *r, const uint8_t *jobs,
    size_t n, int64_t counts[static RETENTION_KINDS])
{
	struct deleting g = {.retention = r, .jobs = jobs, .n = n};
	int left = 1;

	while (left == 1) {
		left = db_transact(d, DB_PLAIN, delete_part, &g);
		for (int i = 0; left != -1 && i < RETENTION_KINDS; i++)
			counts[i] += g.counts[i];
	}
	return left;
}

static int
count_jobs(struct db *d, const uint8_t *jobs, size_t n, int64_t documents,
    int64_t counts[static RETENTION_KINDS])
{
	struct db_args a = {0};
	int tasks;

	db_arg_uuids(&a, jobs, n);
	tasks = db_count(d, sql_count_tasks, &a);
	db_args_free(&a);
	if (tasks == -1)
		return -1;
	counts[RETENTION_JOBS] += (int64_t)n;
	counts[RETENTION_TASKS] += tasks;
	counts[RETENTION_DOCUMENTS] += documents;
	return 0;
}

/* Take the jobs from row on that have ROWS documents together, or one job. */
static int
take_group(const struct db_result *page, int row, uint8_t *jobs, size_t *n,
    int64_t *documents)
{
	*documents = 0;
	for (*n = 0; row < db_rows(page); row++) {
		int64_t more = db_int(page, row, 1);

		if (*n > 0 && *documents + more > ROWS)
			break;
		*documents += more;
		digest_uuid_parse(db_text(page, row, 0),
		    db_length(page, row, 0), jobs + DIGEST_UUID * (*n)++);
	}
	return row;
}

static int
do_page(struct db *d, const struct retention *r, const struct db_result *page,
    int64_t counts[static RETENTION_KINDS])
{
	uint8_t *jobs = x_calloc(PAGE, DIGEST_UUID);
	int64_t documents;
	int status = 0;
	size_t n;

	for (int row = 0; status != -1 && row < db_rows(page);) {
		row = take_group(page, row, jobs, &n, &documents);
		status = r->dry_run ? count_jobs(d, jobs, n, documents, counts)
				    : delete_jobs(d, r, jobs, n, counts);
	}
	free(jobs);
	return status;
}

int
retention_jobs(struct db *d, const struct retention *r,
    int64_t counts[static RETENTION_KINDS])
{
	char after[DIGEST_UUID_TEXT];
	int status = 0, rows = PAGE;

	memcpy(after, no_id, sizeof(after));
	while (status != -1 && rows == PAGE) {
		struct db_result *page = choose(d, r, after);

		if (page == NULL)
			return -1;
		rows = db_rows(page);
		if (rows > 0)
			memcpy(
			    after, db_text(page, rows - 1, 0), sizeof(after));
		status = do_page(d, r, page, counts);
		db_result_free(page);
	}
	return status;
}

/* Tables whose old rows go one by one. first: an id before all others. */
struct old_rows {
	enum retention_kind kind;
	const char *count, *delete, *first;
	int64_t least; /* s: no younger row goes */
};

static int
delete_rows(struct db *d, const struct old_rows *o, int64_t age, int64_t *count)
{
	struct db_result *r = NULL;
	struct db_args a = {0};
	int64_t n = ROWS;

	while (n == ROWS) {
		db_args_reset(&a);
		db_arg_int(&a, age);
		db_arg_int(&a, ROWS);
		db_arg_text(&a, r ? db_text(r, 0, 1) : o->first);
		db_result_free(r);
		r = db_run(d, o->delete, &a);
		n = r == NULL ? -1 : db_int(r, 0, 0);
		*count += n > 0 ? n : 0;
	}
	db_result_free(r);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
count_rows(struct db *d, const struct old_rows *o, int64_t age, int64_t *count)
{
	struct db_args a = {0};
	int n;

	db_arg_int(&a, age);
	n = db_count(d, o->count, &a);
	db_args_free(&a);
	*count += n > 0 ? n : 0;
	return n == -1 ? -1 : 0;
}

int
retention_rest(struct db *d, const struct retention *r,
    int64_t counts[static RETENTION_KINDS])
{
	static const struct old_rows tables[] = {
	    {RETENTION_EVENTS, sql_count_events, sql_delete_events, "0", 0},
	    {RETENTION_NOTIFICATIONS, sql_count_notifications,
		sql_delete_notifications, no_id, 0},
	    {RETENTION_WORKERS, sql_count_workers, sql_delete_workers, "",
		PERIOD_WORKER_GONE}};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const struct old_rows *o = &tables[i];
		int64_t age = r->age > o->least ? r->age : o->least;
		int status = r->dry_run
				 ? count_rows(d, o, age, &counts[o->kind])
				 : delete_rows(d, o, age, &counts[o->kind]);

		if (status == -1)
			return -1;
	}
	return 0;
}

/* Whether an id is among n; few are, as ended tasks are asked for. */
static int
is_among(const uint8_t *ids, size_t n, const uint8_t *id)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(ids + i * DIGEST_UUID, id, DIGEST_UUID) == 0)
			return 1;
	return 0;
}

int64_t
retention_ended(struct db *d, const char **ids, size_t n)
{
	uint8_t *all = x_calloc(n + 1, DIGEST_UUID), *open;
	struct db_args a = {0};
	size_t parsed = 0, n_open, kept = 0;

	for (size_t i = 0; i < n; i++)
		if (digest_uuid_parse(ids[i], strlen(ids[i]),
			all + DIGEST_UUID * parsed) == 0)
			ids[parsed++] = ids[i];
	db_arg_uuids(&a, all, parsed);
	open = db_ids(d, sql_open_tasks, &a, &n_open);
	db_args_free(&a);
	for (size_t i = 0; open != NULL && i < parsed; i++)
		if (!is_among(open, n_open, all + DIGEST_UUID * i))
			ids[kept++] = ids[i];
	free(all);
	if (open == NULL)
		return -1;
	free(open);
	return (int64_t)kept;
}
