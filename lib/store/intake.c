#include "store/intake.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "net/db_copy.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_intake.h"
#include "store/chunk_metadata.h"
#include "store/collection_name.h"
#include "store/intake_batch.h"
#include "store/intake_task.h"
#include "store/intake_work.h"
#include "store/job_find.h"

struct intake {
	struct db *db;
	const struct intake_options *options;
	struct db_args args;
	struct intake_batch batch;
	struct intake_work work;
	char job_text[DIGEST_UUID_TEXT];
	int job_saved, queued, ended;
	char *collection, *queue; /* collection: NULL if it is not known */

	size_t tasks_before;   /* tasks before the transaction */
	struct buf missing;    /* ids that are not saved documents */
	size_t missing_before; /* bytes of it, before the transaction */
	struct intake_taken *taken;
	size_t n_taken, taken_before;
	uint64_t unchanged_now, failed_now;
	struct intake_compared compared; /* with this transaction */
	struct intake_counts counts;
};

/* Note where the job's tasks go. */
static void
set_collection(struct intake *d, const char *collection)
{
	free(d->collection);
	free(d->queue);
	d->collection = collection ? x_strdup(collection) : NULL;
	d->work.queue = d->queue =
	    collection_queue(d->options->queue, collection);
}

struct intake *
intake_open(struct db *db, const struct intake_options *options)
{
	struct intake *d = x_calloc(1, sizeof(*d));

	d->db = db;
	d->options = options;
	d->work = (struct intake_work){.db = db,
	    .task_documents = options->task_documents,
	    .workers = options->workers,
	    .delay_seconds = options->delay_seconds,
	    .run_at = options->run_at,
	    .dry_run = options->dry_run};
	if (options->job != NULL)
		memcpy(d->work.job, options->job, DIGEST_UUID);
	else
		digest_uuid7(d->work.job);
	d->job_saved = options->job != NULL;
	set_collection(d, options->collection);
	digest_uuid_text(d->work.job, d->job_text);
	return d;
}

static void
forget_taken(struct intake *d, size_t n)
{
	while (d->n_taken > n)
		free(d->taken[--d->n_taken].url);
}

static void
forget_tasks(struct intake *d)
{
	intake_work_undo(&d->work, 0);
	d->missing.len = 0;
	forget_taken(d, 0);
}

void
intake_close(struct intake *d)
{
	if (d == NULL)
		return;
	intake_batch_free(&d->batch);
	intake_work_free(&d->work);
	buf_free(&d->missing);
	forget_taken(d, 0);
	free(d->taken);
	free(d->collection);
	free(d->queue);
	db_args_free(&d->args);
	free(d);
}

int
intake_find_unique(struct intake *d, char job[static DIGEST_UUID_TEXT])
{
	uint8_t id[DIGEST_UUID];
	int found = job_find_open(d->db, d->options->unique_key, id);

	if (found == 1)
		digest_uuid_text(id, job);
	return found;
}

int
intake_add(struct intake *d, const struct document *doc)
{
	return intake_batch_add(&d->batch, doc);
}

int
intake_add_failed(
    struct intake *d, const char *source, const struct error_record *e)
{
	return intake_batch_add_failed(&d->batch, source, e);
}

size_t
intake_pending(const struct intake *d)
{
	return d->batch.n - d->batch.first;
}

size_t
intake_pending_bytes(const struct intake *d)
{
	return d->batch.rows.len;
}

/* Saving. */

static int
save_source(struct intake *d)
{
	if (d->batch.source_name == NULL || d->batch.source_saved)
		return 0;
	db_args_reset(&d->args);
	db_arg_uuid(&d->args, d->batch.source_id);
	db_arg_text(&d->args, d->batch.source_name);
	return db_do(d->db, sql_save_source, &d->args) == -1 ? -1 : 0;
}

/*
 * The job's source is the source of its first document, even if that one came
 * as an id alone. details has what a task needs to know, for a process that
 * makes tasks later.
 */
static int
save_job(struct intake *d)
{
	struct db_args *a = &d->args;
	struct db_result *r;

	if (d->job_saved)
		return 0;
	db_args_reset(a);
	db_arg_uuid(a, d->work.job);
	db_arg_uuid(a, d->batch.source_name ? d->batch.source_id : NULL);
	db_arg_uuid(a, d->batch.n > 0 ? d->batch.row[0].id : NULL);
	db_arg_int(a, d->options->timeout_seconds);
	db_arg_int(a, d->options->max_attempts);
	db_arg_text(a, d->options->unique_key);
	db_arg_text(a, d->options->queue);
	db_arg_text(a, d->options->function);
	db_arg_int(a, d->options->run_at);
	db_arg_int(a, d->options->delay_seconds);
	db_arg_text(a, d->options->notify);
	db_arg_text(a, d->options->collection);
	r = db_run(d->db, sql_save_job, a);
	if (r == NULL)
		return -1;
	set_collection(d, db_is_null(r, 0, 0) ? NULL : db_text(r, 0, 0));
	db_result_free(r);
	return 0;
}

/* A job that was canceled meanwhile takes no more documents. */
static int
touch_job(struct intake *d)
{
	int64_t n;

	db_args_reset(&d->args);
	db_arg_uuid(&d->args, d->work.job);
	n = db_do(d->db, sql_touch_job, &d->args);
	d->ended = n == 0;
	return n == 1 ? 0 : -1;
}

static int
copy_rows(struct intake *d)
{
	struct buf rows;

	intake_batch_rows(&d->batch, &rows);
	if (db_do(d->db, sql_create_incoming, NULL) == -1 ||
	    db_copy_begin(d->db, sql_copy_incoming) == -1 ||
	    db_copy_write(d->db, &rows) == -1)
		return -1;
	return db_copy_end(d->db);
}

/* Run a statement whose only argument, if any, is the job. */
static int64_t
do_with_job(struct intake *d, const char *sql)
{
	db_args_reset(&d->args);
	db_arg_uuid(&d->args, d->work.job);
	return db_do(d->db, sql, &d->args);
}

static int
find_missing_ids(struct intake *d)
{
	size_t n;
	uint8_t *ids = db_ids(d->db, sql_find_missing, NULL, &n);

	if (ids == NULL)
		return -1;
	buf_add(&d->missing, ids, n * DIGEST_UUID);
	free(ids);
	return 0;
}

/* Find and mark the documents of which the job has another text. */
static int
find_taken(struct intake *d)
{
	struct intake_taken t;
	struct db_result *r;

	db_args_reset(&d->args);
	db_arg_uuid(&d->args, d->work.job);
	r = db_run(d->db, sql_mark_taken, &d->args);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		if (digest_uuid_parse(
			db_text(r, i, 0), db_length(r, i, 0), t.id) == -1)
			continue;
		t.url = x_strdup(db_text(r, i, 1));
		d->taken = x_realloc(d->taken, d->n_taken + 1, sizeof(t));
		d->taken[d->n_taken++] = t;
	}
	db_result_free(r);
	return 0;
}

/* Save the documents that need no work; only their metadata may be new. */
static int
save_unchanged(struct intake *d)
{
	int64_t same, n;

	db_args_reset(&d->args);
	db_arg_text(&d->args, d->collection);
	same = db_do(d->db, sql_mark_unchanged, &d->args);
	if (same <= 0)
		return (int)same;
	n = do_with_job(d, sql_add_unchanged);
	if (n == -1)
		return -1;
	d->unchanged_now = (uint64_t)n;
	return chunk_metadata_follow(d->db);
}

static int
save_documents(struct intake *d)
{
	int64_t n;

	d->unchanged_now = d->failed_now = 0;
	if (intake_batch_has(&d->batch, INTAKE_DOCUMENT)) {
		/* A batch has each document once: no conflict in the first. */
		if (d->job_saved && find_taken(d) == -1)
			return -1;
		if (!d->options->all && save_unchanged(d) == -1)
			return -1;
	}
	d->compared = d->counts.compared;
	if (d->options->dry_run &&
	    intake_compare_batch(d->db, &d->compared) == -1)
		return -1;
	if (intake_batch_has(&d->batch, INTAKE_DOCUMENT) &&
	    db_do(d->db, sql_upsert_documents, NULL) == -1)
		return -1;
	if (intake_batch_has(&d->batch, INTAKE_FAILED)) {
		if (db_do(d->db, sql_upsert_failed, NULL) == -1)
			return -1;
		n = do_with_job(d, sql_add_failed);
		if (n == -1)
			return -1;
		d->failed_now = (uint64_t)n;
	}
	if (intake_batch_has(&d->batch, INTAKE_SAVED) &&
	    (find_missing_ids(d) == -1 ||
		db_do(d->db, sql_reset_saved, NULL) == -1))
		return -1;
	return intake_work_save(&d->work, 1, 0);
}

/* Forget what the transaction, or an earlier try of it, has added. */
static void
start_over(struct intake *d)
{
	intake_work_undo(&d->work, d->tasks_before);
	d->missing.len = d->missing_before;
	forget_taken(d, d->taken_before);
}

static int
transact(struct intake *d, int (*work)(struct db *db, void *argument))
{
	d->tasks_before = d->work.n;
	d->missing_before = d->missing.len;
	d->taken_before = d->n_taken;
	if (db_transact(d->db, d->options->dry_run ? DB_UNDO : DB_PLAIN, work,
		d) == -1) {
		start_over(d);
		return -1;
	}
	intake_work_committed(&d->work);
	d->counts.tasks += d->work.n - d->tasks_before;
	return 0;
}

static int
save_work(struct db *db, void *argument)
{
	struct intake *d = argument;

	(void)db;
	start_over(d);
	if (save_source(d) == -1 || save_job(d) == -1 || touch_job(d) == -1 ||
	    copy_rows(d) == -1)
		return -1;
	return save_documents(d);
}

/* Save n rows from d->batch.first on, then move first behind them. */
static int
save_rows(struct intake *d, size_t n)
{
	d->batch.end = d->batch.first + n;
	if (transact(d, save_work) == -1)
		return -1;
	if (!d->options->dry_run)
		d->job_saved = d->batch.source_saved = 1;
	d->counts.documents +=
	    n - (d->missing.len - d->missing_before) / DIGEST_UUID -
	    (d->n_taken - d->taken_before);
	d->counts.unchanged += d->unchanged_now;
	d->counts.failed += d->failed_now;
	d->counts.compared = d->compared;
	d->batch.first = d->batch.end;
	return 0;
}

/* When a batch begins, forget the tasks of the batch before. */
static void
begin_batch(struct intake *d)
{
	if (d->batch.first == 0)
		forget_tasks(d);
}

int
intake_save(struct intake *d)
{
	begin_batch(d);
	if (d->batch.first < d->batch.n &&
	    save_rows(d, d->batch.n - d->batch.first) == -1)
		return -1;
	intake_batch_empty(&d->batch);
	return 0;
}

int
intake_save_singly(struct intake *d,
    void (*refuse)(
	void *argument, const char *id, const char *url, const char *why),
    void *argument)
{
	char id[DIGEST_UUID_TEXT];

	begin_batch(d);
	while (d->batch.first < d->batch.n) {
		const struct intake_row *row = &d->batch.row[d->batch.first];

		if (save_rows(d, 1) == 0)
			continue;
		if (db_fault(d->db) != DB_DATA)
			return -1;
		/* The row stays refused, even if a later one fails. */
		d->batch.first++;
		digest_uuid_text(row->id, id);
		refuse(argument, id, row->url, db_error(d->db));
	}
	intake_batch_empty(&d->batch);
	return 0;
}

size_t
intake_open_documents(const struct intake *d)
{
	return d->work.open.len / DIGEST_UUID;
}

static int
cut_work(struct db *db, void *argument)
{
	struct intake *d = argument;

	(void)db;
	start_over(d);
	if (!d->options->dry_run && touch_job(d) == -1)
		return -1;
	return intake_work_save(&d->work, 0, 1);
}

int
intake_cut(struct intake *d)
{
	forget_tasks(d);
	return d->work.open.len == 0 ? 0 : transact(d, cut_work);
}

const struct intake_task *
intake_tasks(const struct intake *d, size_t *n)
{
	*n = d->options->dry_run ? 0 : d->work.n;
	return d->work.task;
}

const uint8_t *
intake_missing(const struct intake *d, size_t *n)
{
	*n = d->missing.len / DIGEST_UUID;
	return (const uint8_t *)d->missing.data;
}

const struct intake_taken *
intake_taken(const struct intake *d, size_t *n)
{
	*n = d->n_taken;
	return d->taken;
}

int
intake_pushed(struct intake *d)
{
	uint8_t *ids;
	int64_t n;

	if (d->work.n == 0 || d->options->dry_run)
		return 0;
	ids = x_calloc(d->work.n, DIGEST_UUID);
	for (size_t i = 0; i < d->work.n; i++)
		memcpy(ids + i * DIGEST_UUID, d->work.task[i].id, DIGEST_UUID);
	db_args_reset(&d->args);
	db_arg_uuids(&d->args, ids, d->work.n);
	free(ids);
	n = db_do(d->db, sql_set_queued, &d->args);
	if (n == -1)
		return -1;
	if (!d->queued && do_with_job(d, sql_start_job) == -1)
		return -1;
	d->queued = 1;
	return 0;
}

int
intake_touch(struct intake *d)
{
	return d->job_saved ? touch_job(d) : 0;
}

static int
seal_work(struct db *db, void *argument)
{
	struct intake *d = argument;

	(void)db;
	start_over(d);
	if (save_job(d) == -1 || intake_work_save(&d->work, 0, 1) == -1 ||
	    do_with_job(d, sql_seal_job) == -1)
		return -1;
	return 0;
}

int
intake_seal(struct intake *d)
{
	if (d->options->dry_run)
		return intake_cut(d);
	forget_tasks(d);
	if (transact(d, seal_work) == -1)
		return -1;
	d->job_saved = 1;
	return 0;
}

int
intake_job_ended(const struct intake *d)
{
	return d->ended;
}

const char *
intake_source(const struct intake *d)
{
	return d->batch.source_name;
}

const char *
intake_collection(const struct intake *d)
{
	return d->collection;
}

const char *
intake_queue(const struct intake *d)
{
	return d->queue;
}

const char *
intake_job(const struct intake *d)
{
	return d->job_saved ? d->job_text : NULL;
}

int
intake_is_empty(const struct intake *d)
{
	return !d->job_saved;
}

struct intake_counts
intake_counted(const struct intake *d)
{
	return d->counts;
}
