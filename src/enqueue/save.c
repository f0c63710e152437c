#include "save.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/time.h"
#include "enqueue.h"
#include "net/db.h"
#include "queue/push.h"
#include "queue/queue.h"
#include "record/error_record.h"
#include "refusal.h"
#include "store/intake.h"
#include "store/intake_task.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/retry.h"

enum {
	BATCH_DOCUMENTS = 500,
	BATCH_BYTES = 8 << 20,
	/* Longest wait of a saved document for others that share its task. */
	CUT_MS = 2000
};

_Noreturn void
enqueue_die_of_database(const struct enqueue *e)
{
	if (!e->saved_once)
		connect_die(e->db);
	cli_die(connect_status(e->db),
	    "Postgres: %s: documents saved so far are kept; the same input "
	    "again "
	    "is safe",
	    db_error(e->db));
}

/* Refuse a document that the server refused when it was saved alone. */
static void
refuse_saved(void *argument, const char *id, const char *url, const char *why)
{
	struct enqueue *e = argument;
	struct error_record error = ERROR_RECORD_INIT;
	struct buf message = {0};

	buf_printf(&message, "Postgres does not take it: %s", why);
	error.stage = "enqueue";
	error.class = ERROR_INPUT;
	error.code = "refused_by_database";
	error.message = message.data;
	error.document_id = id;
	error.url = url;
	enqueue_refuse(e, &error);
	e->listing.unsaved = 1;
	enqueue_note_failed(e, intake_source(e->docs), &error);
	buf_free(&message);
}

static void
report_missing(struct enqueue *e)
{
	size_t n;
	const uint8_t *ids = intake_missing(e->docs, &n);
	char id[DIGEST_UUID_TEXT];

	for (size_t i = 0; i < n; i++) {
		struct error_record error = ERROR_RECORD_INIT;

		digest_uuid_text(ids + i * DIGEST_UUID, id);
		error.stage = "enqueue";
		error.class = ERROR_INPUT;
		error.code = "not_saved";
		error.message = "no document is saved under this id";
		error.document_id = id;
		enqueue_refuse(e, &error);
	}
}

/*
 * Report documents whose url is already in the job with another text. The first
 * text is kept and counted, so the later ones are no failures of the job.
 */
static void
report_taken(struct enqueue *e)
{
	size_t n;
	const struct intake_taken *taken = intake_taken(e->docs, &n);
	char id[DIGEST_UUID_TEXT];

	for (size_t i = 0; i < n; i++) {
		struct error_record error = ERROR_RECORD_INIT;

		digest_uuid_text(taken[i].id, id);
		error.stage = "enqueue";
		error.class = ERROR_INPUT;
		error.code = "url_taken";
		error.message =
		    "another text came before under this url and is kept, this "
		    "one is left out: give it a url of its own, as pl-ingest "
		    "does, or enqueue it by itself to replace the other";
		error.document_id = id;
		error.url = taken[i].url;
		enqueue_refuse(e, &error);
	}
}

void
enqueue_redis_failed(struct enqueue *e)
{
	if (!queue_is_none(e->queue))
		cli_warn("Redis: %s: the job is saved, workers take it from "
			 "Postgres",
		    queue_error(e->queue));
	e->redis_failed = 1;
}

/*
 * Push the new tasks. If Redis is away, sync and workers find them in Postgres.
 */
static void
push_tasks(struct enqueue *e)
{
	size_t n;
	const struct intake_task *tasks = intake_tasks(e->docs, &n);
	int64_t run_at = e->options.docs.run_at;
	struct queue_task *push;
	char(*ids)[DIGEST_UUID_TEXT];

	if (n == 0 || e->redis_failed)
		return;
	if (e->options.docs.delay_seconds > 0)
		run_at = time_unix() + e->options.docs.delay_seconds;
	push = x_calloc(n, sizeof(*push));
	ids = x_calloc(n, sizeof(*ids));
	for (size_t i = 0; i < n; i++) {
		digest_uuid_text(tasks[i].id, ids[i]);
		push[i] = (struct queue_task){.id = ids[i],
		    .queue = intake_queue(e->docs),
		    .job_id = intake_job(e->docs),
		    .document_ids =
			(const uint8_t(*)[16])(const void *)tasks[i].documents,
		    .count = tasks[i].n,
		    .timeout_seconds = e->options.docs.timeout_seconds,
		    .run_at = run_at,
		    .function = e->options.docs.function};
	}
	if (queue_push(e->queue, push, n) == -1)
		enqueue_redis_failed(e);
	else if (intake_pushed(e->docs) == -1)
		cli_note(
		    "Postgres: %s: tasks stay marked pending", db_error(e->db));
	free(push);
	free(ids);
}

static int
save_batch(struct enqueue *e)
{
	if (intake_save(e->docs) == 0)
		return 0;
	if (db_fault(e->db) != DB_DATA)
		return -1;
	return intake_save_singly(e->docs, refuse_saved, e);
}

static int
cut_tasks(struct enqueue *e)
{
	return intake_cut(e->docs);
}

static int
seal_job(struct enqueue *e)
{
	return intake_seal(e->docs);
}

/* Run a transaction; try again while Postgres is away, up to --retry-for. */
static void
run_transaction(struct enqueue *e, int (*transaction)(struct enqueue *))
{
	while (transaction(e) == -1) {
		enum db_fault fault = db_fault(e->db);

		if (intake_job_ended(e->docs))
			cli_die(CLI_FAILED,
			    "job %s was canceled: nothing more is added",
			    intake_job(e->docs));
		if ((fault != DB_UNAVAILABLE && fault != DB_CONFLICT) ||
		    !retry_again(&e->away, e->db, NULL))
			enqueue_die_of_database(e);
	}
	retry_answered(&e->away);
	push_tasks(e);
}

void
enqueue_cut(struct enqueue *e)
{
	run_transaction(e, cut_tasks);
}

void
enqueue_seal(struct enqueue *e)
{
	run_transaction(e, seal_job);
}

int
enqueue_cut_in(const struct enqueue *e)
{
	double left = e->open_since + CUT_MS / 1000.0 - time_now();

	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

void
enqueue_save(struct enqueue *e)
{
	size_t open = intake_open_documents(e->docs);

	run_transaction(e, save_batch);
	e->saved_once = 1;
	report_missing(e);
	report_taken(e);
	/* Older documents get tasks first, so those left now are all new. */
	if (open == 0 || intake_open_documents(e->docs) < open)
		e->open_since = time_now();
	if (intake_open_documents(e->docs) > 0 && enqueue_cut_in(e) == 0)
		run_transaction(e, cut_tasks);
}

void
enqueue_save_failures(struct enqueue *e)
{
	for (size_t i = 0; i < e->failures; i++) {
		struct enqueue_failure *f = &e->failure[i];
		struct error_record error = ERROR_RECORD_INIT;

		error.stage = "enqueue";
		error.class = ERROR_INPUT;
		error.code = f->code;
		error.message = f->message;
		error.url = f->url;
		while (intake_add_failed(e->docs, f->source, &error) == 1)
			enqueue_save(e);
		if (intake_pending(e->docs) >= BATCH_DOCUMENTS)
			enqueue_save(e);
		free(f->source);
		free(f->url);
		free(f->message);
	}
	free(e->failure);
	e->failure = NULL;
	e->failures = 0;
	enqueue_save(e);
}

void
enqueue_add_document(struct enqueue *e, const struct document *doc)
{
	while (intake_add(e->docs, doc) == 1)
		enqueue_save(e);
	if (intake_pending(e->docs) >= BATCH_DOCUMENTS ||
	    intake_pending_bytes(e->docs) >= BATCH_BYTES)
		enqueue_save(e);
}
