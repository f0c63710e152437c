#include "store/job.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "record/record_out.h"
#include "store/state.h"

enum { DIGITS_MIN = 4 };

#define OPEN_JOB "('pending', 'queued', 'in_progress')"
#define OPEN_TASK "('pending', 'queued', 'in_progress')"
#define OPEN_DOCUMENT "('pending', 'processing')"

#define ACCOUNT                                                                                                                                                   \
	"select a.id, a.type, a.source, a.status, a.documents, a.stored,"                                                                                         \
	" a.unchanged, a.failed, a.canceled, a.waiting, a.in_flight, a.tasks,"                                                                                    \
	" a.error, a.details, a.sealed, " JOB_ISO(                                                                                                                \
	    "a.created_at") ","                                                                                                                                   \
			    " " JOB_ISO("a.started_at") ", " JOB_ISO(                                                                                             \
				"a."                                                                                                                              \
				"finis"                                                                                                                           \
				"hed_"                                                                                                                            \
				"at") ", " JOB_AGE("a."                                                                                                           \
						   "creat"                                                                                                        \
						   "ed_"                                                                                                          \
						   "at") ", " JOB_AGE("a."                                                                                        \
								      "star"                                                                                      \
								      "ted_"                                                                                      \
								      "at") ","                                                                                   \
									    " " JOB_AGE(                                                                          \
										"a.finished_at") ","                                                              \
												 " (select s.status from pl.sources s where s.id = a.source_id)," \
												 " a.unique_key, (select coalesce(sum(d.chunks), 0)"              \
												 "  from pl.job_documents d where d.job_id = a.id)"               \
												 " from pl.job_accounts a"

/* Transactions. */

/* What one try does inside a transaction; as the functions of jobs.h. */
typedef int job_work(
    struct db *d, const uint8_t *id, void *argument, struct buf *why);

struct attempt {
	job_work *work;
	const uint8_t *id;
	void *argument;
	struct buf *why;
};

static int
attempt(struct db *d, void *argument)
{
	const struct attempt *a = argument;

	return a->work(d, a->id, a->argument, a->why);
}

/*
 * Workers write job_documents and, through the triggers, jobs at any time:
 * who loses a deadlock starts again.
 */
static int
transact(struct db *d, job_work *work, const uint8_t *id, void *argument,
    struct buf *why)
{
	struct attempt a = {work, id, argument, why};

	return db_transact(d, DB_PLAIN, attempt, &a);
}

/* Run a statement whose only argument is the job. */
static int64_t
run_on_job(struct db *d, const uint8_t *id, const char *sql)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, id);
	n = db_do(d, sql, &a);
	db_args_free(&a);
	return n;
}

static struct db_result *
ask_of_job(struct db *d, const uint8_t *id, const char *sql)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, id);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	return r;
}

static void
refuse(struct buf *why, const uint8_t *id, const char *status, const char *verb)
{
	char text[DIGEST_UUID_TEXT];

	digest_uuid_text(id, text);
	if (strcmp(status, "in_progress") == 0)
		status = "in progress";
	buf_printf(why, "job %s is %s: it cannot be %s", text, status, verb);
}

static void
refuse_gone(struct buf *why, const uint8_t *id)
{
	char text[DIGEST_UUID_TEXT];

	digest_uuid_text(id, text);
	buf_printf(why, "job %s: there is no such job", text);
}

/* Lock the job's row; its status, sealed flag and documents left to do. */
struct locked {
	char status[16];
	int sealed, has_documents;
	int64_t left;
};

static int
lock_job(struct db *d, const uint8_t *id, struct locked *j, struct buf *why)
{
	struct db_result *r = ask_of_job(d, id,
	    "select status, sealed, documents > 0, documents - stored"
	    " - unchanged - failed - canceled"
	    " from pl.jobs where id = $1 for update");

	if (r == NULL)
		return -1;
	if (db_rows(r) == 0) {
		db_result_free(r);
		refuse_gone(why, id);
		return -1;
	}
	strncat(memset(j->status, 0, sizeof(j->status)), db_text(r, 0, 0),
	    sizeof(j->status) - 1);
	j->sealed = db_bool(r, 0, 1);
	j->has_documents = db_bool(r, 0, 2);
	j->left = db_int(r, 0, 3);
	db_result_free(r);
	return 0;
}

/* Lock the tasks and documents that are not done, before the job itself. */
static int
lock_work(struct db *d, const uint8_t *id)
{
	if (run_on_job(d, id,
		"select id from pl.tasks where job_id = $1"
		" and status in " OPEN_TASK " order by id for update") == -1)
		return -1;
	return run_on_job(d, id,
		   "select document_id from pl.job_documents"
		   " where job_id = $1 and status in " OPEN_DOCUMENT
		   " order by document_id for update") == -1
		   ? -1
		   : 0;
}

/* Finding. */

/* The only row's id in id. 1 found, 0 no row, -1 failed, 2 several rows. */
static int
find_with(struct db *d, const char *sql, const char *text, uint8_t *id)
{
	struct db_args a = {0};
	struct db_result *r;
	int n;

	if (text != NULL)
		db_arg_text(&a, text);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	n = db_rows(r);
	if (n > 0)
		digest_uuid_parse(db_text(r, 0, 0), db_length(r, 0, 0), id);
	db_result_free(r);
	return n > 2 ? 2 : n;
}

static int
is_beginning(const char *s)
{
	size_t n = strlen(s);

	return n >= DIGITS_MIN && n < DIGEST_UUID_TEXT &&
	       strspn(s, "0123456789abcdefABCDEF-") == n;
}

int
job_find(struct db *d, const char *meant, uint8_t id[static DIGEST_UUID],
    struct buf *why)
{
	int found;

	if (digest_uuid_parse(meant, strlen(meant), id) == 0)
		found = find_with(
		    d, "select id from pl.jobs where id = $1::uuid", meant, id);
	else if (strcmp(meant, "latest") == 0)
		found = find_with(d,
		    "select id from pl.jobs order by created_at desc, id desc"
		    " limit 1",
		    NULL, id);
	else
		found = find_with(d,
		    "select j.id from pl.jobs j join pl.sources s"
		    " on s.id = j.source_id where s.name = $1"
		    " order by j.created_at desc, j.id desc limit 1",
		    meant, id);
	if (found == 0 && is_beginning(meant))
		found = find_with(d,
		    "select id from pl.jobs"
		    " where id::text like lower($1) || '%' limit 2",
		    meant, id);
	if (found == 0)
		buf_printf(why,
		    "job '%s': no job has this id or source: see 'pl-jobctl "
		    "list'",
		    meant);
	else if (found == 2)
		buf_printf(why,
		    "job '%s': several ids begin so: give more of it", meant);
	return found == 1 ? 0 : -1;
}

struct db_result *
job_get(struct db *d, const uint8_t id[static DIGEST_UUID])
{
	return ask_of_job(d, id, ACCOUNT " where a.id = $1");
}

struct db_result *
job_list(struct db *d, const struct job_filter *f)
{
	struct db_args a = {0};
	struct db_result *r;

	/* The counting is expensive: first the ids, then their accounts. */
	db_arg_text(&a, f->source);
	db_arg_texts(&a, f->statuses, f->n);
	db_arg_int(&a, f->limit > 0 ? f->limit : INT64_MAX);
	r = db_run(d,
	    "with chosen as materialized (select j.id from pl.jobs j"
	    " left join pl.sources s on s.id = j.source_id"
	    " where ($1::text is null or s.name = $1)"
	    " and (cardinality($2) = 0 or j.status = any($2))"
	    " order by j.created_at desc, j.id desc limit $3) " ACCOUNT
	    " where a.id in (select id from chosen)"
	    " order by a.created_at desc, a.id desc",
	    &a);
	db_args_free(&a);
	return r;
}

/* Records. */

static void
add_text(yyjson_mut_doc *doc, const char *key, const struct db_result *r,
    int row, int column)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	if (db_is_null(r, row, column))
		yyjson_mut_obj_add_null(doc, root, key);
	else
		yyjson_mut_obj_add_strcpy(
		    doc, root, key, db_text(r, row, column));
}

static void
add_json(yyjson_mut_doc *doc, const char *key, const struct db_result *r,
    int row, int column)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
	yyjson_doc *value =
	    yyjson_read(db_text(r, row, column), db_length(r, row, column), 0);

	if (value == NULL)
		yyjson_mut_obj_add_null(doc, root, key);
	else
		yyjson_mut_obj_add_val(doc, root, key,
		    yyjson_val_mut_copy(doc, yyjson_doc_get_root(value)));
	yyjson_doc_free(value);
}

int
job_put(struct record_out *out, const struct db_result *r, int row)
{
	static const struct {
		const char *key;
		enum job_column column;
	} counts[] = {{"documents", JOB_DOCUMENTS}, {"stored", JOB_STORED},
	    {"unchanged", JOB_UNCHANGED}, {"failed", JOB_FAILED},
	    {"canceled", JOB_CANCELED}, {"waiting", JOB_WAITING},
	    {"in_flight", JOB_IN_FLIGHT}, {"tasks", JOB_TASKS}};
	yyjson_mut_doc *doc = record_out_new(out, "job");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	add_text(doc, "id", r, row, JOB_ID);
	add_text(doc, "source", r, row, JOB_SOURCE);
	add_text(doc, "status", r, row, JOB_STATUS);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		yyjson_mut_obj_add_int(doc, root, counts[i].key,
		    db_int(r, row, (int)counts[i].column));
	yyjson_mut_obj_add_int(doc, root, "chunks", db_int(r, row, JOB_CHUNKS));
	add_json(doc, "error", r, row, JOB_ERROR);
	add_json(doc, "details", r, row, JOB_DETAILS);
	add_text(doc, "created_at", r, row, JOB_CREATED_AT);
	add_text(doc, "started_at", r, row, JOB_STARTED_AT);
	add_text(doc, "finished_at", r, row, JOB_FINISHED_AT);
	/* "type" is the record's; the job's own comes last, with the rest. */
	add_text(doc, "job_type", r, row, JOB_TYPE);
	add_text(doc, "unique_key", r, row, JOB_UNIQUE_KEY);
	yyjson_mut_obj_add_bool(
	    doc, root, "sealed", db_bool(r, row, JOB_SEALED));
	return record_out_put(out, doc);
}

/* Creating. */

static int
save_source(struct db *d, const char *name, uint8_t *id)
{
	struct db_args a = {0};
	int64_t n;

	digest_uuid5(digest_namespace, name, strlen(name), id);
	db_arg_uuid(&a, id);
	db_arg_text(&a, name);
	n = db_do(d,
	    "insert into pl.sources (id, name) values ($1, $2)"
	    " on conflict do nothing",
	    &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

/* 1 made, 0 there is an open one with that key, -1 failed. */
static int
insert_job(struct db *d, const struct job_new *j, const uint8_t *source_id,
    const uint8_t *id)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, id);
	db_arg_text(&a, j->type);
	db_arg_uuid(&a, j->source ? source_id : NULL);
	db_arg_text(&a, j->details);
	db_arg_text(&a, j->unique_key);
	db_arg_int(&a, j->timeout_seconds);
	db_arg_int(&a, j->max_attempts);
	n = db_do(d,
	    "insert into pl.jobs (id, type, source_id, details, unique_key,"
	    " timeout_seconds, max_attempts)"
	    " values ($1, coalesce($2, 'process_documents'), $3,"
	    " coalesce($4, '{}')::jsonb, $5, $6, $7)"
	    " on conflict (unique_key) where status in " OPEN_JOB " do nothing",
	    &a);
	db_args_free(&a);
	return n == -1 ? -1 : n == 1;
}

int
job_create(
    struct db *d, const struct job_new *j, uint8_t id[static DIGEST_UUID])
{
	uint8_t source_id[DIGEST_UUID];
	int made, found;

	if (j->source != NULL && save_source(d, j->source, source_id) == -1)
		return -1;
	/* The open job that is in the way may end before we ask for it. */
	do {
		digest_uuid7(id);
		made = insert_job(d, j, source_id, id);
		if (made != 0)
			return made;
		found = find_with(d,
		    "select id from pl.jobs where unique_key = $1"
		    " and status in " OPEN_JOB,
		    j->unique_key, id);
	} while (found == 0);
	return found == -1 ? -1 : 0;
}

/* Moving. */

static int
start(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct locked j;

	(void)argument;
	if (lock_job(d, id, &j, why) == -1)
		return -1;
	if (!state_may_move(STATE_JOB, j.status, "in_progress")) {
		refuse(why, id, j.status, "started");
		return -1;
	}
	return run_on_job(d, id,
		   "update pl.jobs set status = 'in_progress',"
		   " queued_at = coalesce(queued_at, now()),"
		   " started_at = coalesce(started_at, now()) where id = $1") ==
		       -1
		   ? -1
		   : 0;
}

int
job_start(struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why)
{
	return transact(d, start, id, NULL, why);
}

static int
seal(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct locked j;

	(void)argument;
	if (lock_job(d, id, &j, why) == -1)
		return -1;
	if (state_has_ended(j.status)) {
		refuse(why, id, j.status, "sealed");
		return -1;
	}
	return run_on_job(d, id,
		   "update pl.jobs set sealed = true where id = $1") == -1
		   ? -1
		   : 0;
}

int
job_seal(struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why)
{
	return transact(d, seal, id, NULL, why);
}

static int
complete(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct locked j;
	char text[DIGEST_UUID_TEXT];

	(void)argument;
	if (lock_job(d, id, &j, why) == -1)
		return -1;
	if (state_has_ended(j.status)) {
		refuse(why, id, j.status, "completed");
		return -1;
	}
	if (j.left > 0) {
		digest_uuid_text(id, text);
		buf_printf(why,
		    "job %s has %lld document%s not done: report %s with "
		    "'pl-jobctl progress', wait for the workers, or cancel",
		    text, (long long)j.left, j.left == 1 ? "" : "s",
		    j.left == 1 ? "it" : "them");
		return -1;
	}
	/* The trigger says whether that is completed, partial or failed. */
	return run_on_job(d, id,
		   "update pl.jobs set sealed = true,"
		   " started_at = coalesce(started_at, now())"
		   " where id = $1") == -1
		   ? -1
		   : 0;
}

int
job_complete(
    struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why)
{
	return transact(d, complete, id, NULL, why);
}

static int
cancel_tasks(struct db *d, const uint8_t *id)
{
	return run_on_job(d, id,
		   "update pl.tasks set status = 'canceled',"
		   " lease_expires_at = null, finished_at = now()"
		   " where job_id = $1 and status in " OPEN_TASK) == -1
		   ? -1
		   : 0;
}

static int
fail(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct db_args a = {0};
	struct locked j;
	int status = -1;

	if (lock_work(d, id) == -1 || lock_job(d, id, &j, why) == -1)
		return -1;
	if (state_has_ended(j.status)) {
		refuse(why, id, j.status, "failed");
		return -1;
	}
	db_arg_uuid(&a, id);
	db_arg_text(&a, argument);
	/* The job first, or its last document would close it as partial. */
	if (db_do(d,
		"update pl.jobs set status = 'failed', sealed = true,"
		" error = $2::jsonb, finished_at = now() where id = $1",
		&a) == -1 ||
	    cancel_tasks(d, id) == -1)
		goto out;
	if (db_do(d,
		"with left_over as (update pl.job_documents"
		" set status = 'failed', stage = 'jobctl', error = $2::jsonb,"
		" finished_at = now() where job_id = $1"
		" and status in " OPEN_DOCUMENT " returning document_id)"
		" update pl.documents d set status = 'failed',"
		" error = $2::jsonb from left_over l"
		" where d.id = l.document_id and d.status in " OPEN_DOCUMENT,
		&a) == -1)
		goto out;
	status = 0;
out:
	db_args_free(&a);
	return status;
}

int
job_fail(struct db *d, const uint8_t id[static DIGEST_UUID], const char *error,
    struct buf *why)
{
	char *copy = x_strdup(error);
	int status = transact(d, fail, id, copy, why);

	free(copy);
	return status;
}

static int
cancel(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct locked j;

	(void)argument;
	if (lock_work(d, id) == -1 || lock_job(d, id, &j, why) == -1)
		return -1;
	if (strcmp(j.status, "canceled") == 0)
		return 0;
	if (state_has_ended(j.status)) {
		refuse(why, id, j.status, "canceled");
		return -1;
	}
	if (cancel_tasks(d, id) == -1 ||
	    run_on_job(d, id,
		"with left_over as (update pl.job_documents"
		" set status = 'canceled', finished_at = now()"
		" where job_id = $1 and status in " OPEN_DOCUMENT
		" returning document_id)"
		" update pl.documents d set status = 'pending'"
		" from left_over l where d.id = l.document_id"
		" and d.status = 'processing'") == -1)
		return -1;
	/* Where no document was canceled the trigger would say completed. */
	return run_on_job(d, id,
		   "update pl.jobs set sealed = true,"
		   " status = case when canceled = 0 then 'canceled'"
		   "  else status end,"
		   " finished_at = now() where id = $1"
		   " and status in " OPEN_JOB) == -1
		   ? -1
		   : 0;
}

int
job_cancel(struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why)
{
	return transact(d, cancel, id, NULL, why);
}

/* Choosing documents: $2 statuses, $3 document, $4 url, $5 class, $6 limit. */

#define CHOSEN                                                                 \
	" j.job_id = $1 and (cardinality($2) = 0 or j.status = any($2))"       \
	" and ($3::uuid is null or j.document_id = $3)"                        \
	" and ($4::text is null or d.url = $4)"                                \
	" and ($5::text is null or j.error->>'class' = $5)"

static void
add_choice(struct db_args *a, const struct job_choice *c)
{
	db_arg_texts(a, c->statuses, c->n);
	db_arg_uuid(a, c->document);
	db_arg_text(a, c->url);
	db_arg_text(a, c->class);
	db_arg_int(a, c->limit > 0 ? c->limit : INT64_MAX);
}

/* Retrying. */

struct retry {
	const struct job_choice *choice;
	size_t task_documents;
	struct job_retried *done;
};

/* Chosen documents as n * 16 bytes, their rows locked; NULL on failure. */
static uint8_t *
lock_chosen(struct db *d, const uint8_t *id, struct retry *t)
{
	struct db_args a = {0};
	struct db_result *r;
	uint8_t *ids;
	size_t n = 0;

	db_arg_uuid(&a, id);
	add_choice(&a, t->choice);
	r = db_run_binary(d,
	    "select j.document_id, d.content is not null"
	    " from pl.job_documents j join pl.documents d"
	    " on d.id = j.document_id where" CHOSEN
	    " and j.status not in " OPEN_DOCUMENT
	    " order by j.document_id limit $6 for update of j",
	    &a);
	db_args_free(&a);
	if (r == NULL)
		return NULL;
	ids = x_calloc((size_t)db_rows(r) + 1, DIGEST_UUID);
	for (int i = 0; i < db_rows(r); i++)
		if (*db_text(r, i, 1) != 0)
			memcpy(ids + DIGEST_UUID * n++, db_text(r, i, 0),
			    DIGEST_UUID);
	t->done->documents = (int64_t)n;
	t->done->without_content = db_rows(r) - (int64_t)n;
	db_result_free(r);
	return ids;
}

/* New tasks, as n * 16 bytes, in the queue that the job's others are in. */
static int
insert_tasks(struct db *d, const uint8_t *id, const uint8_t *tasks, size_t n)
{
	struct db_args a = {0};
	int64_t done;

	db_arg_uuid(&a, id);
	db_arg_uuids(&a, tasks, n);
	done = db_do(d,
	    "insert into pl.tasks (id, job_id, queue) select t.id, $1,"
	    " coalesce((select queue from pl.tasks where job_id = $1"
	    "  order by created_at limit 1), 'processing')"
	    " from unnest($2::uuid[]) as t(id)",
	    &a);
	db_args_free(&a);
	return done == -1 ? -1 : 0;
}

static int
give_to_tasks(struct db *d, const uint8_t *id, const uint8_t *documents,
    size_t n, const uint8_t *tasks, size_t each)
{
	uint8_t *task_of = x_calloc(n, DIGEST_UUID);
	struct db_args a = {0};
	int status = -1;

	for (size_t i = 0; i < n; i++)
		memcpy(task_of + i * DIGEST_UUID,
		    tasks + i / each * DIGEST_UUID, DIGEST_UUID);
	db_arg_uuid(&a, id);
	db_arg_uuids(&a, documents, n);
	db_arg_uuids(&a, task_of, n);
	if (db_do(d,
		"update pl.job_documents j set task_id = w.task_id,"
		" status = 'pending', attempts = 0, stage = null,"
		" error = null, chunks = null, milliseconds = null,"
		" started_at = null, finished_at = null"
		" from unnest($2::uuid[], $3::uuid[])"
		"  as w(document_id, task_id)"
		" where j.job_id = $1 and j.document_id = w.document_id",
		&a) == -1)
		goto out;
	db_args_reset(&a);
	db_arg_uuids(&a, documents, n);
	if (db_do(d,
		"update pl.documents set status = 'pending', error = null"
		" where id = any($1) and pl.legal_move('document', status,"
		" 'pending')",
		&a) == -1)
		goto out;
	status = 0;
out:
	free(task_of);
	db_args_free(&a);
	return status;
}

static int
queue_again(struct db *d, const uint8_t *id, struct buf *why)
{
	char text[DIGEST_UUID_TEXT];

	/* Its documents already wait, or the trigger would close it at once. */
	if (run_on_job(d, id,
		"update pl.jobs set status = 'queued', sealed = true,"
		" error = null, queued_at = now(), started_at = null,"
		" finished_at = null where id = $1"
		" and status not in " OPEN_JOB) != -1)
		return 0;
	if (strcmp(db_sqlstate(d), "23505") == 0) {
		digest_uuid_text(id, text);
		buf_printf(why,
		    "job %s: another job with its unique key is open: wait for "
		    "that one, or cancel it",
		    text);
	}
	return -1;
}

static int
retry(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct retry *t = argument;
	struct locked j;
	uint8_t *documents, *tasks = NULL;
	size_t n, n_tasks;
	int status = -1;

	documents = lock_chosen(d, id, t);
	if (documents == NULL)
		return -1;
	n = (size_t)t->done->documents;
	n_tasks = (n + t->task_documents - 1) / t->task_documents;
	t->done->tasks = (int64_t)n_tasks;
	if (lock_job(d, id, &j, why) == -1)
		goto out;
	if (n == 0) {
		status = 0;
		goto out;
	}
	tasks = x_calloc(n_tasks, DIGEST_UUID);
	for (size_t i = 0; i < n_tasks; i++)
		digest_uuid7(tasks + i * DIGEST_UUID);
	if (insert_tasks(d, id, tasks, n_tasks) == -1 ||
	    give_to_tasks(d, id, documents, n, tasks, t->task_documents) ==
		-1 ||
	    queue_again(d, id, why) == -1)
		goto out;
	status = 0;
out:
	free(documents);
	free(tasks);
	return status;
}

int
job_retry(struct db *d, const uint8_t id[static DIGEST_UUID],
    const struct job_choice *choice, size_t task_documents,
    struct job_retried *done, struct buf *why)
{
	struct retry t = {choice, task_documents, done};

	return transact(d, retry, id, &t, why);
}

/* Reports of outside programs. */

/* The id of the document that the report names; a new url becomes one. */
static int
identify(struct db *d, const uint8_t *id, const struct job_report *report,
    uint8_t *document, struct buf *why)
{
	struct db_args a = {0};
	struct db_result *r;
	char text[DIGEST_UUID_TEXT];
	uint8_t source[DIGEST_UUID];
	int64_t n;

	if (report->document != NULL) {
		memcpy(document, report->document, DIGEST_UUID);
		return 0;
	}
	r = ask_of_job(d, id, "select source_id from pl.jobs where id = $1");
	if (r == NULL)
		return -1;
	if (db_rows(r) == 0 || digest_uuid_parse(db_text(r, 0, 0),
				   db_length(r, 0, 0), source) == -1) {
		db_result_free(r);
		digest_uuid_text(id, text);
		buf_printf(why,
		    "job %s has no source, so a url names no document of it: "
		    "give the document's id",
		    text);
		return -1;
	}
	db_result_free(r);
	digest_uuid5(source, report->url, strlen(report->url), document);
	db_arg_uuid(&a, document);
	db_arg_uuid(&a, source);
	db_arg_text(&a, report->url);
	n = db_do(d,
	    "insert into pl.documents (id, source_id, url)"
	    " values ($1, $2, $3) on conflict do nothing",
	    &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

/* Rows written: 1, or 0 when the conditions refused it; -1 failed. */
static int64_t
save_report(struct db *d, const uint8_t *id, const uint8_t *document,
    const struct job_report *report)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, id);
	db_arg_uuid(&a, document);
	db_arg_text(&a, report->status);
	db_arg_text(&a, report->stage);
	db_arg_text(&a, report->error);
	db_arg_int(&a, report->chunks);
	db_arg_int(&a, report->milliseconds);
	n = db_do(d,
	    "insert into pl.job_documents as o (job_id, document_id, status,"
	    " attempts, stage, error, chunks, milliseconds, started_at,"
	    " finished_at)"
	    " select $1, d.id, $3, ($3 <> 'pending')::int, $4, $5::jsonb,"
	    " nullif($6, -1), nullif($7, -1),"
	    " case when $3 <> 'pending' then now() end,"
	    " case when $3 not in " OPEN_DOCUMENT " then now() end"
	    " from pl.documents d where d.id = $2 and (exists"
	    "  (select from pl.jobs j where j.id = $1 and not j.sealed)"
	    "  or exists (select from pl.job_documents e"
	    "  where e.job_id = $1 and e.document_id = $2))"
	    " on conflict (job_id, document_id) do update"
	    " set status = excluded.status, stage = excluded.stage,"
	    " error = excluded.error,"
	    " attempts = o.attempts + (excluded.status = 'processing'"
	    "  or (o.attempts = 0 and excluded.status <> 'pending'))::int,"
	    " chunks = coalesce(excluded.chunks, o.chunks),"
	    " milliseconds = coalesce(excluded.milliseconds, case when"
	    "  excluded.finished_at is not null and o.started_at is not null"
	    "  then extract(epoch from now() - o.started_at) * 1000 end),"
	    " started_at = case when o.status = 'processing'"
	    "  then o.started_at else excluded.started_at end,"
	    " finished_at = excluded.finished_at"
	    " where not exists (select from pl.tasks t"
	    "  where t.id = o.task_id and t.status in " OPEN_TASK ")",
	    &a);
	db_args_free(&a);
	return n;
}

/* The document's own status follows, where that is a legal move. */
static int
tell_document(
    struct db *d, const uint8_t *document, const struct job_report *report)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, document);
	db_arg_text(&a, strcmp(report->status, "unchanged") == 0
			    ? "stored"
			    : report->status);
	db_arg_text(&a, report->error);
	/* Its chunk_count is about our collections: pl-store writes it. */
	n = db_do(d,
	    "update pl.documents set status = $2, error = $3::jsonb,"
	    " processed_at = case when $2 = 'stored' then now()"
	    "  else processed_at end"
	    " where id = $1 and (status = $2"
	    "  or pl.legal_move('document', status, $2))",
	    &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
refuse_report(
    struct db *d, const uint8_t *id, const uint8_t *document, struct buf *why)
{
	char job[DIGEST_UUID_TEXT], text[DIGEST_UUID_TEXT];
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, id);
	db_arg_uuid(&a, document);
	r = db_run(d,
	    "select exists (select from pl.documents where id = $2),"
	    " exists (select from pl.job_documents where job_id = $1"
	    " and document_id = $2)",
	    &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	digest_uuid_text(id, job);
	digest_uuid_text(document, text);
	if (!db_bool(r, 0, 0))
		buf_printf(why,
		    "document %s: there is no such document: save it with "
		    "pl-enqueue or pl-store, or name it by its url",
		    text);
	else if (!db_bool(r, 0, 1))
		buf_printf(why,
		    "document %s is not in job %s, which is sealed: no more "
		    "can be added",
		    text, job);
	else
		buf_printf(why,
		    "document %s of job %s is in a task for the workers: they "
		    "report it",
		    text, job);
	db_result_free(r);
	return -1;
}

static int
progress(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	const struct job_report *report = argument;
	uint8_t document[DIGEST_UUID];
	struct db_result *r;
	int64_t n;

	r = ask_of_job(d, id, "select status from pl.jobs where id = $1");
	if (r == NULL)
		return -1;
	if (db_rows(r) == 0)
		refuse_gone(why, id);
	else if (state_has_ended(db_text(r, 0, 0)))
		refuse(why, id, db_text(r, 0, 0), "changed: retry it first");
	n = db_rows(r) == 0 || state_has_ended(db_text(r, 0, 0));
	db_result_free(r);
	if (n != 0 || identify(d, id, report, document, why) == -1)
		return -1;
	n = save_report(d, id, document, report);
	if (n == 0)
		return refuse_report(d, id, document, why);
	if (n == -1 || tell_document(d, document, report) == -1)
		return -1;
	return run_on_job(d, id,
		   "update pl.jobs set fed_at = now(), status = 'in_progress',"
		   " queued_at = coalesce(queued_at, now()),"
		   " started_at = coalesce(started_at, now())"
		   " where id = $1 and status in " OPEN_JOB) == -1
		   ? -1
		   : 0;
}

int
job_progress(struct db *d, const uint8_t id[static DIGEST_UUID],
    const struct job_report *report, struct buf *why)
{
	struct job_report copy = *report;

	return transact(d, progress, id, &copy, why);
}

/* Listing documents. */

#define LEDGER                                                                 \
	"select j.document_id::text, d.url, j.status, j.attempts::text,"       \
	" j.stage, j.error::text, j.chunks::text, "                            \
	"j.milliseconds::text, " JOB_ISO("j.started_at") ", " JOB_ISO(         \
	    "j.finished_at")

#define OF_JOB                                                                 \
	" from pl.job_documents j join pl.documents d"                         \
	" on d.id = j.document_id join pl.sources s on s.id = d.source_id"     \
	" where" CHOSEN " order by j.document_id limit $6"

/* The last failure of each document that is failed now, whatever the job. */
#define OF_ALL                                                                 \
	" from pl.documents d join pl.sources s on s.id = d.source_id,"        \
	" lateral (select * from pl.job_documents l"                           \
	"  where l.document_id = d.id and l.status = 'failed'"                 \
	"  order by l.finished_at desc nulls last limit 1) j"                  \
	" where d.status = 'failed' and $1::uuid is null"                      \
	" and (cardinality($2) = 0 or j.status = any($2))"                     \
	" and ($3::uuid is null or j.document_id = $3)"                        \
	" and ($4::text is null or d.url = $4)"                                \
	" and ($5::text is null or j.error->>'class' = $5)"                    \
	" order by j.document_id limit $6"

#define CONTENT                                                                \
	", s.name, d.title, d.content, d.content_type, d.content_hash,"        \
	" d.metadata::text"

int
job_documents(struct db *d, const uint8_t *id, const struct job_choice *choice,
    int with_content, int (*row)(void *argument, const struct db_result *r),
    void *argument)
{
	struct db_args a = {0};
	int status;

	db_arg_uuid(&a, id);
	add_choice(&a, choice);
	if (id == NULL)
		status = db_stream(d,
		    with_content ? LEDGER CONTENT OF_ALL : LEDGER OF_ALL, &a,
		    row, argument);
	else
		status = db_stream(d,
		    with_content ? LEDGER CONTENT OF_JOB : LEDGER OF_JOB, &a,
		    row, argument);
	db_args_free(&a);
	return status;
}

int64_t
job_drop_documents(struct db *d, const uint8_t *ids, size_t n)
{
	struct db_args a = {0};
	int64_t dropped;

	db_arg_uuids(&a, ids, n);
	dropped = db_do(d,
	    "update pl.documents set status = 'deleted'"
	    " where id = any($1) and status = 'failed'",
	    &a);
	db_args_free(&a);
	return dropped;
}

/* What Redis must be told. */

int
job_pending_tasks(struct db *d, const uint8_t id[static DIGEST_UUID],
    uint8_t **tasks, size_t *n)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, id);
	r = db_run_binary(d,
	    "select id from pl.tasks where job_id = $1 and status = 'pending'"
	    " order by id",
	    &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	*n = (size_t)db_rows(r);
	*tasks = x_calloc(*n + 1, DIGEST_UUID);
	for (size_t i = 0; i < *n; i++)
		memcpy(*tasks + i * DIGEST_UUID, db_text(r, (int)i, 0),
		    DIGEST_UUID);
	db_result_free(r);
	return 0;
}

struct db_result *
job_canceled_tasks(struct db *d, const uint8_t id[static DIGEST_UUID])
{
	return ask_of_job(d, id,
	    "select id from pl.tasks where job_id = $1"
	    " and status = 'canceled' order by id");
}
