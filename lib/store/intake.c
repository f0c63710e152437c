#include "store/intake.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "record/document.h"
#include "record/error_record.h"

/* What an incoming row is. */
enum {
	ROW_DOCUMENT = 'd',
	ROW_SAVED = 's', /* only an id; the content is saved already */
	ROW_FAILED = 'f' /* a page that failed before it was a document */
};

enum { ROW_FIELDS = 11, KEEP = 16 << 20 };

struct row {
	uint8_t id[DIGEST_UUID];
	uint8_t source_id[DIGEST_UUID];
	int kind;
	size_t offset, len; /* of the COPY row in docs.rows */
	char *url;
};

struct intake {
	struct db *db;
	const struct intake_options *options;
	struct db_args args;
	struct buf rows;
	struct row *row;
	size_t n, cap;
	size_t first; /* row that is neither saved nor refused */
	size_t end;   /* row behind those that are being saved */

	char *source_name; /* of the latest document; saved when new */
	uint8_t source_id[DIGEST_UUID];
	int source_saved;
	uint8_t job[DIGEST_UUID];
	char job_text[DIGEST_UUID_TEXT];
	int job_saved, queued, ended;

	struct intake_task *task;
	size_t tasks, tasks_cap;
	size_t tasks_before; /* of the transaction */
	/* Ids of saved documents without a task; what a commit leaves of them.
	 */
	struct buf open, open_next;
	struct buf missing;    /* ids that are not saved documents */
	size_t missing_before; /* bytes of it, before the transaction */
	uint64_t unchanged_now, failed_now;
	struct intake_counts counts;
};

static const char create_incoming[] =
    "create temporary table pl_incoming (kind text, id uuid, source_id uuid,"
    " url text, title text, content text, content_type text,"
    " content_hash text, metadata jsonb, stage text, error jsonb)"
    " on commit drop";

static const char copy_incoming[] =
    "copy pg_temp.pl_incoming from stdin (format binary)";

/* A document with the content it was stored with needs no work. */
static const char mark_unchanged[] =
    "with same as (update pl.documents d"
    "   set seen_at = now(), metadata = i.metadata"
    "  from pg_temp.pl_incoming i"
    " where i.kind = 'd' and d.id = i.id and d.status = 'stored'"
    "   and d.content_hash = i.content_hash and d.content is not null"
    " returning d.id)"
    "update pg_temp.pl_incoming i set kind = 'u' from same"
    " where i.id = same.id";

static const char add_unchanged[] =
    "insert into pl.job_documents (job_id, document_id, status, finished_at)"
    " select $1, id, 'unchanged', now() from pg_temp.pl_incoming"
    " where kind = 'u' on conflict (job_id, document_id) do nothing";

/* In the order of ids, so that two of these never wait for each other. */
static const char upsert_documents[] =
    "insert into pl.documents as d (id, source_id, url, title, content,"
    " content_type, content_hash, metadata)"
    " select id, source_id, url, title, content, content_type, content_hash,"
    " metadata from pg_temp.pl_incoming where kind = 'd' order by id"
    " on conflict (id) do update set title = excluded.title,"
    " content = excluded.content, content_type = excluded.content_type,"
    " content_hash = excluded.content_hash, metadata = excluded.metadata,"
    " status = 'pending', error = null, seen_at = now(),"
    " changed_at = case when d.content_hash is distinct from"
    "  excluded.content_hash then now() else d.changed_at end";

/* A page that failed keeps what an earlier run stored of it. */
static const char upsert_failed[] =
    "insert into pl.documents (id, source_id, url, status, error)"
    " select id, source_id, url, 'failed', error from pg_temp.pl_incoming"
    " where kind = 'f' order by id"
    " on conflict (id) do update set seen_at = now(), error = excluded.error";

static const char add_failed[] =
    "insert into pl.job_documents (job_id, document_id, status, stage, error,"
    " finished_at)"
    " select $1, id, 'failed', stage, error, now() from pg_temp.pl_incoming"
    " where kind = 'f' on conflict (job_id, document_id) do nothing";

static const char find_missing[] =
    "select i.id from pg_temp.pl_incoming i where i.kind = 's' and not exists"
    " (select from pl.documents d where d.id = i.id"
    "  and d.content is not null)";

static const char reset_saved[] =
    "update pl.documents d set status = 'pending', error = null"
    " from pg_temp.pl_incoming i"
    " where i.kind = 's' and d.id = i.id and d.content is not null";

/*
 * Documents that need a task. One that already waits in this job may have one:
 * it came twice, or this is the second try of a commit that did succeed.
 */
static const char find_work[] =
    "select i.id from pg_temp.pl_incoming i join pl.documents d on d.id = i.id"
    " where i.kind in ('d', 's') and d.content is not null"
    "   and not exists (select from pl.job_documents j where j.job_id = $1"
    "    and j.document_id = i.id and j.status = 'pending'"
    "    and j.task_id is not null)"
    " order by i.ctid";

/* Those still open: others give tasks to what a feeder seems to have left. */
static const char find_open[] =
    "select j.document_id from unnest($2::uuid[]) with ordinality as o(id, n)"
    " join pl.job_documents j on j.job_id = $1 and j.document_id = o.id"
    " where j.status = 'pending' and j.task_id is null"
    " order by o.n for update of j";

static const char add_tasks[] =
    "insert into pl.tasks (id, job_id, queue, run_at)"
    " select id, $1, $2, greatest(to_timestamp($5),"
    "  now() + $3 * interval '1 second')"
    " from unnest($4::uuid[]) as t(id)";

/* A task of zeros stands for none. */
static const char add_work[] =
    "insert into pl.job_documents (job_id, document_id, task_id)"
    " select $1, document_id,"
    " nullif(task_id, '00000000-0000-0000-0000-000000000000')"
    " from unnest($2::uuid[], $3::uuid[]) as w(document_id, task_id)"
    " on conflict (job_id, document_id) do update set"
    " task_id = excluded.task_id, status = 'pending', attempts = 0,"
    " stage = null, error = null, chunks = null, milliseconds = null,"
    " started_at = null, finished_at = null";

static const char load[] =
    "select d.id, d.id::text as id, s.name as source, d.url, d.title,"
    " d.content, d.content_type, d.content_hash, d.metadata"
    " from pl.documents d join pl.sources s on s.id = d.source_id"
    " where d.id = any($1) and d.content is not null";

struct intake *
intake_open(struct db *db, const struct intake_options *options)
{
	struct intake *d = x_calloc(1, sizeof(*d));

	d->db = db;
	d->options = options;
	digest_uuid7(d->job);
	digest_uuid_text(d->job, d->job_text);
	return d;
}

static void
forget_tasks_from(struct intake *d, size_t first)
{
	while (d->tasks > first)
		free(d->task[--d->tasks].documents);
}

static void
forget_tasks(struct intake *d)
{
	forget_tasks_from(d, 0);
	d->missing.len = 0;
}

static void
forget_rows(struct intake *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->row[i].url);
	d->n = d->first = d->end = 0;
	buf_reset(&d->rows, KEEP);
}

void
intake_close(struct intake *d)
{
	if (d == NULL)
		return;
	forget_tasks(d);
	forget_rows(d);
	free(d->task);
	free(d->row);
	free(d->source_name);
	buf_free(&d->rows);
	buf_free(&d->open);
	buf_free(&d->open_next);
	buf_free(&d->missing);
	db_args_free(&d->args);
	free(d);
}

int
intake_find_unique(struct intake *d, char job[static DIGEST_UUID_TEXT])
{
	struct db_result *r;
	int found;

	db_args_reset(&d->args);
	db_arg_text(&d->args, d->options->unique_key);
	r = db_run(d->db,
	    "select id from pl.jobs where unique_key = $1"
	    " and status in ('pending', 'queued', 'in_progress')",
	    &d->args);
	if (r == NULL)
		return -1;
	found = db_rows(r) > 0;
	if (found)
		memcpy(job, db_text(r, 0, 0), DIGEST_UUID_TEXT);
	db_result_free(r);
	return found;
}

/* Collecting. */

static int
in_batch(const struct intake *d, const uint8_t *id)
{
	for (size_t i = 0; i < d->n; i++)
		if (memcmp(d->row[i].id, id, DIGEST_UUID) == 0)
			return 1;
	return 0;
}

static struct row *
begin_row(
    struct intake *d, int kind, const uint8_t *id, struct document_text url)
{
	struct row *row;
	char letter = (char)kind;

	if (d->n == d->cap) {
		d->cap = d->cap ? 2 * d->cap : 64;
		d->row = x_realloc(d->row, d->cap, sizeof(*d->row));
	}
	row = &d->row[d->n];
	*row = (struct row){.kind = kind, .offset = d->rows.len};
	memcpy(row->id, id, DIGEST_UUID);
	row->url = url.s ? x_memdup(url.s, url.n) : NULL;
	db_row(&d->rows, ROW_FIELDS);
	db_row_text(&d->rows, &letter, 1);
	db_row_uuid(&d->rows, id);
	return row;
}

static void
end_row(struct intake *d)
{
	d->row[d->n].len = d->rows.len - d->row[d->n].offset;
	d->n++;
}

static void
row_text(struct intake *d, struct document_text t)
{
	db_row_text(&d->rows, t.s, t.n);
}

/* Remember the name of the source that the next save must know. */
static void
note_source(struct intake *d, struct document_text name, const uint8_t *id)
{
	if (d->source_name != NULL && strlen(d->source_name) == name.n &&
	    memcmp(d->source_name, name.s, name.n) == 0)
		return;
	/* Another source: its row is made with the next save as well. */
	free(d->source_name);
	d->source_name = x_memdup(name.s, name.n);
	memcpy(d->source_id, id, DIGEST_UUID);
	d->source_saved = 0;
}

static void
row_metadata(struct intake *d, const struct document *doc)
{
	yyjson_mut_doc *out = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *metadata = document_metadata(doc, out);
	size_t n = 0;
	char *json = yyjson_mut_val_write(metadata, 0, &n);

	if (json != NULL)
		db_row_jsonb(&d->rows, json, n);
	else
		db_row_jsonb(&d->rows, "{}", 2);
	free(json);
	yyjson_mut_doc_free(out);
}

int
intake_add(struct intake *d, const struct document *doc)
{
	int saved = doc->content.s == NULL;
	struct row *row;

	if (in_batch(d, doc->uuid) ||
	    (!saved && d->n > 0 && d->source_name != NULL && !d->source_saved &&
		memcmp(d->source_id, doc->source_id, DIGEST_UUID) != 0))
		return 1;
	row =
	    begin_row(d, saved ? ROW_SAVED : ROW_DOCUMENT, doc->uuid, doc->url);
	if (saved) {
		for (int i = 2; i < ROW_FIELDS; i++)
			db_row_null(&d->rows);
		end_row(d);
		return 0;
	}
	note_source(d, doc->source, doc->source_id);
	memcpy(row->source_id, doc->source_id, DIGEST_UUID);
	db_row_uuid(&d->rows, doc->source_id);
	row_text(d, doc->url);
	row_text(d, doc->title);
	row_text(d, doc->content);
	row_text(d, doc->content_type);
	row_text(d, document_text(doc->content_hash));
	row_metadata(d, doc);
	db_row_null(&d->rows);
	db_row_null(&d->rows);
	end_row(d);
	return 0;
}

/* The error column of documents and job_documents. */
static void
row_error(struct intake *d, const struct error_record *e)
{
	size_t n = 0;
	char *json = error_record_json(e, &n);

	db_row_jsonb(&d->rows, json, n);
	free(json);
}

int
intake_add_failed(
    struct intake *d, const char *source, const struct error_record *e)
{
	struct document doc = {
	    .source = document_text(source), .url = document_text(e->url)};
	struct row *row;

	document_identify(&doc);
	if (in_batch(d, doc.uuid) ||
	    (d->n > 0 && d->source_name != NULL && !d->source_saved &&
		memcmp(d->source_id, doc.source_id, DIGEST_UUID) != 0))
		return 1;
	note_source(d, doc.source, doc.source_id);
	row = begin_row(d, ROW_FAILED, doc.uuid, doc.url);
	memcpy(row->source_id, doc.source_id, DIGEST_UUID);
	db_row_uuid(&d->rows, doc.source_id);
	row_text(d, doc.url);
	for (int i = 4; i < ROW_FIELDS - 2; i++)
		db_row_null(&d->rows);
	row_text(d, document_text(e->stage));
	row_error(d, e);
	end_row(d);
	return 0;
}

size_t
intake_pending(const struct intake *d)
{
	return d->n - d->first;
}

size_t
intake_pending_bytes(const struct intake *d)
{
	return d->rows.len;
}

/* Saving. */

static int
save_source(struct intake *d)
{
	if (d->source_name == NULL || d->source_saved)
		return 0;
	db_args_reset(&d->args);
	db_arg_uuid(&d->args, d->source_id);
	db_arg_text(&d->args, d->source_name);
	return db_do(d->db,
		   "insert into pl.sources (id, name) values ($1, $2)"
		   " on conflict do nothing",
		   &d->args) == -1
		   ? -1
		   : 0;
}

/*
 * The source of the job: the first document's, also of a saved one. What a
 * task of it needs to know is in details, for those who make tasks later.
 */
static int
save_job(struct intake *d)
{
	struct db_args *a = &d->args;

	if (d->job_saved)
		return 0;
	db_args_reset(a);
	db_arg_uuid(a, d->job);
	db_arg_uuid(a, d->source_name ? d->source_id : NULL);
	db_arg_uuid(a, d->n > 0 ? d->row[0].id : NULL);
	db_arg_int(a, d->options->timeout_seconds);
	db_arg_int(a, d->options->max_attempts);
	db_arg_text(a, d->options->unique_key);
	db_arg_text(a, d->options->queue);
	db_arg_text(a, d->options->function);
	db_arg_int(a, d->options->run_at);
	db_arg_int(a, d->options->delay_seconds);
	return db_do(d->db,
		   "insert into pl.jobs (id, source_id, timeout_seconds,"
		   " max_attempts, unique_key, details) values ($1,"
		   " coalesce($2,"
		   " (select source_id from pl.documents where id = $3)),"
		   " $4, $5, $6, jsonb_strip_nulls(jsonb_build_object("
		   "  'queue', nullif($7::text, 'processing'),"
		   "  'function', $8::text, 'run_at',"
		   "  case when $9 > 0 or $10 > 0 then greatest($9,"
		   "   extract(epoch from now())::bigint + $10) end)))"
		   " on conflict (id) do nothing",
		   a) == -1
		   ? -1
		   : 0;
}

/* A job that was canceled meanwhile takes no more documents. */
static int
touch_job(struct intake *d)
{
	int64_t n;

	db_args_reset(&d->args);
	db_arg_uuid(&d->args, d->job);
	n = db_do(d->db,
	    "update pl.jobs set fed_at = now() where id = $1"
	    " and status in ('pending', 'queued', 'in_progress')",
	    &d->args);
	d->ended = n == 0;
	return n == 1 ? 0 : -1;
}

static int
copy_rows(struct intake *d, size_t from, size_t to)
{
	struct buf slice = {0};

	slice.data = d->rows.data + d->row[from].offset;
	slice.len =
	    d->row[to - 1].offset + d->row[to - 1].len - d->row[from].offset;
	if (db_do(d->db, create_incoming, NULL) == -1 ||
	    db_copy_begin(d->db, copy_incoming) == -1 ||
	    db_copy_write(d->db, &slice) == -1)
		return -1;
	return db_copy_end(d->db);
}

/* Run a statement whose only argument, if any, is the job. */
static int64_t
do_with_job(struct intake *d, const char *sql)
{
	db_args_reset(&d->args);
	db_arg_uuid(&d->args, d->job);
	return db_do(d->db, sql, &d->args);
}

/* One column of ids as n * 16 bytes; NULL on failure. */
static uint8_t *
fetch_ids(struct intake *d, const char *sql, const struct db_args *a, size_t *n)
{
	struct db_result *r = db_run_binary(d->db, sql, a);
	uint8_t *ids;

	if (r == NULL)
		return NULL;
	*n = (size_t)db_rows(r);
	ids = x_calloc(*n + 1, DIGEST_UUID);
	for (size_t i = 0; i < *n; i++)
		memcpy(
		    ids + i * DIGEST_UUID, db_text(r, (int)i, 0), DIGEST_UUID);
	db_result_free(r);
	return ids;
}

static int
has_kind(const struct intake *d, size_t from, size_t to, int kind)
{
	for (size_t i = from; i < to; i++)
		if (d->row[i].kind == kind)
			return 1;
	return 0;
}

static void
add_task(struct intake *d, const uint8_t *documents, size_t n)
{
	struct intake_task *t;

	if (d->tasks == d->tasks_cap) {
		d->tasks_cap = d->tasks_cap ? 2 * d->tasks_cap : 16;
		d->task = x_realloc(d->task, d->tasks_cap, sizeof(*d->task));
	}
	t = &d->task[d->tasks++];
	digest_uuid7(t->id);
	t->n = n;
	t->documents = (uint8_t *)x_memdup(documents, n * DIGEST_UUID);
}

static int
is_open(const struct intake *d, const uint8_t *id)
{
	for (size_t at = 0; at < d->open.len; at += DIGEST_UUID)
		if (memcmp(d->open.data + at, id, DIGEST_UUID) == 0)
			return 1;
	return 0;
}

/* The open documents of earlier saves, as they are now, into work. */
static int
take_open(struct intake *d, struct buf *work)
{
	struct db_args *a = &d->args;
	uint8_t *ids;
	size_t n;

	if (d->options->dry_run || d->open.len == 0) {
		buf_add(work, d->open.data, d->open.len);
		return 0;
	}
	db_args_reset(a);
	db_arg_uuid(a, d->job);
	db_arg_uuids(
	    a, (const uint8_t *)d->open.data, d->open.len / DIGEST_UUID);
	ids = fetch_ids(d, find_open, a, &n);
	if (ids == NULL)
		return -1;
	buf_add(work, ids, n * DIGEST_UUID);
	free(ids);
	return 0;
}

/* What was just copied and needs a task, behind them. */
static int
take_new(struct intake *d, struct buf *work)
{
	uint8_t *ids;
	size_t n;

	db_args_reset(&d->args);
	db_arg_uuid(&d->args, d->job);
	ids = fetch_ids(d, find_work, &d->args, &n);
	if (ids == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!is_open(d, ids + i * DIGEST_UUID))
			buf_add(work, ids + i * DIGEST_UUID, DIGEST_UUID);
	free(ids);
	return 0;
}

static int
write_tasks(struct intake *d, size_t first)
{
	uint8_t *tasks = x_calloc(d->tasks - first + 1, DIGEST_UUID);
	struct db_args *a = &d->args;
	int64_t n;

	for (size_t i = first; i < d->tasks; i++)
		memcpy(tasks + (i - first) * DIGEST_UUID, d->task[i].id,
		    DIGEST_UUID);
	db_args_reset(a);
	db_arg_uuid(a, d->job);
	db_arg_text(a, d->options->queue);
	db_arg_int(a, d->options->delay_seconds);
	db_arg_uuids(a, tasks, d->tasks - first);
	db_arg_int(a, d->options->run_at);
	n = db_do(d->db, add_tasks, a);
	free(tasks);
	return n == -1 ? -1 : 0;
}

/* The n documents, the first in_tasks of them with the tasks from first on. */
static int
write_work(struct intake *d, const uint8_t *work, size_t n, size_t in_tasks,
    size_t each, size_t first)
{
	uint8_t *task_of = x_calloc(n + 1, DIGEST_UUID);
	struct db_args *a = &d->args;
	int64_t done;

	for (size_t i = 0; i < in_tasks; i++)
		memcpy(task_of + i * DIGEST_UUID, d->task[first + i / each].id,
		    DIGEST_UUID);
	db_args_reset(a);
	db_arg_uuid(a, d->job);
	db_arg_uuids(a, work, n);
	db_arg_uuids(a, task_of, n);
	done = db_do(d->db, add_work, a);
	free(task_of);
	return done == -1 ? -1 : 0;
}

/*
 * Divide the documents that need work into tasks, from d->tasks on: as many
 * as are full, or all. The others stay open, for the next call.
 */
static int
save_tasks(struct intake *d, int with_new, int all)
{
	size_t n, whole, first = d->tasks;
	size_t each =
	    d->options->task_documents > 0 ? d->options->task_documents : 1;
	struct buf work = {0};
	const uint8_t *ids;
	int status = -1;

	if (take_open(d, &work) == -1 || (with_new && take_new(d, &work) == -1))
		goto out;
	ids = (const uint8_t *)work.data;
	n = work.len / DIGEST_UUID;
	whole = all ? n : n - n % each;
	for (size_t i = 0; i < whole; i += each)
		add_task(d, ids + i * DIGEST_UUID,
		    whole - i < each ? whole - i : each);
	buf_reset(&d->open_next, KEEP);
	if (n > whole)
		buf_add(&d->open_next, ids + whole * DIGEST_UUID,
		    (n - whole) * DIGEST_UUID);
	/* The documents of earlier saves are not there in a dry run. */
	if (n > 0 && !d->options->dry_run &&
	    ((whole > 0 && write_tasks(d, first) == -1) ||
		write_work(d, ids, n, whole, each, first) == -1))
		goto out;
	status = 0;
out:
	buf_free(&work);
	return status;
}

static int
find_missing_ids(struct intake *d)
{
	size_t n;
	uint8_t *ids = fetch_ids(d, find_missing, NULL, &n);

	if (ids == NULL)
		return -1;
	buf_add(&d->missing, ids, n * DIGEST_UUID);
	free(ids);
	return 0;
}

static int
save_documents(struct intake *d, size_t from, size_t to)
{
	int64_t n;

	d->unchanged_now = d->failed_now = 0;
	if (has_kind(d, from, to, ROW_DOCUMENT)) {
		if (!d->options->all) {
			if (db_do(d->db, mark_unchanged, NULL) == -1)
				return -1;
			n = do_with_job(d, add_unchanged);
			if (n == -1)
				return -1;
			d->unchanged_now = (uint64_t)n;
		}
		if (db_do(d->db, upsert_documents, NULL) == -1)
			return -1;
	}
	if (has_kind(d, from, to, ROW_FAILED)) {
		if (db_do(d->db, upsert_failed, NULL) == -1)
			return -1;
		n = do_with_job(d, add_failed);
		if (n == -1)
			return -1;
		d->failed_now = (uint64_t)n;
	}
	if (has_kind(d, from, to, ROW_SAVED) &&
	    (find_missing_ids(d) == -1 ||
		db_do(d->db, reset_saved, NULL) == -1))
		return -1;
	return save_tasks(d, 1, 0);
}

/* Forget what the transaction, or an earlier try of it, meant to do. */
static void
start_over(struct intake *d)
{
	forget_tasks_from(d, d->tasks_before);
	d->missing.len = d->missing_before;
}

static int
transact(struct intake *d, int (*work)(struct db *db, void *argument))
{
	struct buf open;

	d->tasks_before = d->tasks;
	d->missing_before = d->missing.len;
	if (db_transact(d->db, d->options->dry_run ? DB_UNDO : DB_PLAIN, work,
		d) == -1) {
		start_over(d);
		return -1;
	}
	open = d->open;
	d->open = d->open_next;
	d->open_next = open;
	d->counts.tasks += d->tasks - d->tasks_before;
	return 0;
}

static int
save_work(struct db *db, void *argument)
{
	struct intake *d = argument;

	(void)db;
	start_over(d);
	if (save_source(d) == -1 || save_job(d) == -1 || touch_job(d) == -1 ||
	    copy_rows(d, d->first, d->end) == -1)
		return -1;
	return save_documents(d, d->first, d->end);
}

/* Save the rows from d->first on, so many; then they are done. */
static int
save_rows(struct intake *d, size_t n)
{
	d->end = d->first + n;
	if (transact(d, save_work) == -1)
		return -1;
	if (!d->options->dry_run)
		d->job_saved = d->source_saved = 1;
	d->counts.documents +=
	    n - (d->missing.len - d->missing_before) / DIGEST_UUID;
	d->counts.unchanged += d->unchanged_now;
	d->counts.failed += d->failed_now;
	d->first = d->end;
	return 0;
}

/* Tasks of a part of the batch stay until all of it is saved. */
static void
begin_batch(struct intake *d)
{
	if (d->first == 0)
		forget_tasks(d);
}

int
intake_save(struct intake *d)
{
	begin_batch(d);
	if (d->first < d->n && save_rows(d, d->n - d->first) == -1)
		return -1;
	forget_rows(d);
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
	while (d->first < d->n) {
		const struct row *row = &d->row[d->first];

		if (save_rows(d, 1) == 0)
			continue;
		if (db_fault(d->db) != DB_DATA)
			return -1;
		/* It is done with, whatever becomes of those behind it. */
		d->first++;
		digest_uuid_text(row->id, id);
		refuse(argument, id, row->url, db_error(d->db));
	}
	forget_rows(d);
	return 0;
}

size_t
intake_open_documents(const struct intake *d)
{
	return d->open.len / DIGEST_UUID;
}

static int
cut_work(struct db *db, void *argument)
{
	struct intake *d = argument;

	(void)db;
	start_over(d);
	if (!d->options->dry_run && touch_job(d) == -1)
		return -1;
	return save_tasks(d, 0, 1);
}

int
intake_cut(struct intake *d)
{
	forget_tasks(d);
	return d->open.len == 0 ? 0 : transact(d, cut_work);
}

const struct intake_task *
intake_tasks(const struct intake *d, size_t *n)
{
	*n = d->options->dry_run ? 0 : d->tasks;
	return d->task;
}

const uint8_t *
intake_missing(const struct intake *d, size_t *n)
{
	*n = d->missing.len / DIGEST_UUID;
	return (const uint8_t *)d->missing.data;
}

int
intake_pushed(struct intake *d)
{
	uint8_t *ids;
	int64_t n;

	if (d->tasks == 0 || d->options->dry_run)
		return 0;
	ids = x_calloc(d->tasks, DIGEST_UUID);
	for (size_t i = 0; i < d->tasks; i++)
		memcpy(ids + i * DIGEST_UUID, d->task[i].id, DIGEST_UUID);
	db_args_reset(&d->args);
	db_arg_uuids(&d->args, ids, d->tasks);
	free(ids);
	n = db_do(d->db,
	    "update pl.tasks set status = 'queued'"
	    " where id = any($1) and status = 'pending'",
	    &d->args);
	if (n == -1)
		return -1;
	if (!d->queued &&
	    do_with_job(d,
		"update pl.jobs set status = 'queued', queued_at = now()"
		" where id = $1 and status = 'pending'") == -1)
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
	if (save_job(d) == -1 || save_tasks(d, 0, 1) == -1 ||
	    do_with_job(d, "update pl.jobs set sealed = true where id = $1") ==
		-1)
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
	return d->source_name;
}

const char *
intake_job(const struct intake *d)
{
	return d->job_saved ? d->job_text : NULL;
}

struct intake_counts
intake_counted(const struct intake *d)
{
	return d->counts;
}

/* Loading. */

enum { LOAD_ID, LOAD_FIRST_TEXT, LOAD_METADATA = 8 };

static char *
saved_line(const struct db_result *r, int row, size_t *n)
{
	static const char *const keys[] = {NULL, "id", "source", "url", "title",
	    "content", "content_type", "content_hash"};
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	char *line;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "type", "document");
	for (int i = LOAD_FIRST_TEXT; i < LOAD_METADATA; i++)
		if (!db_is_null(r, row, i))
			yyjson_mut_obj_add_strn(doc, root, keys[i],
			    db_text(r, row, i), db_length(r, row, i));
	/* Binary jsonb: a version byte, then the text. */
	yyjson_mut_obj_add_val(doc, root, "metadata",
	    yyjson_mut_rawn(doc, db_text(r, row, LOAD_METADATA) + 1,
		db_length(r, row, LOAD_METADATA) - 1));
	line = yyjson_mut_write(doc, 0, n);
	yyjson_mut_doc_free(doc);
	return line;
}

int
document_load(struct db *db, const uint8_t *ids, size_t n,
    void (*got)(
	void *argument, const uint8_t *id, const char *line, size_t len),
    void *argument)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuids(&a, ids, n);
	r = db_run_binary(db, load, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	for (int row = 0; row < db_rows(r); row++) {
		size_t len = 0;
		char *line = saved_line(r, row, &len);

		if (line != NULL)
			got(argument, (const uint8_t *)db_text(r, row, LOAD_ID),
			    line, len);
		free(line);
	}
	db_result_free(r);
	return 0;
}
