#include "store/job_retry.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_job_retry.h"
#include "store/job_change.h"
#include "store/job_choice.h"

struct retry {
	const struct job_choice *choice;
	size_t task_documents;
	struct job_retried *done;
};

/* Lock the chosen documents. Their ids, n * 16 bytes, or NULL on failure. */
static uint8_t *
lock_chosen(struct db *d, const uint8_t *id, struct retry *t)
{
	struct db_args a = {0};
	struct db_result *r;
	uint8_t *ids;
	size_t n = 0;

	db_arg_uuid(&a, id);
	job_choice_args(&a, t->choice);
	r = db_run_binary(d, sql_lock_chosen, &a);
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

/* Insert n tasks (16-byte ids) in the queue of the job's other tasks. */
static int
insert_tasks(struct db *d, const uint8_t *id, const uint8_t *tasks, size_t n)
{
	struct db_args a = {0};
	int64_t done;

	db_arg_uuid(&a, id);
	db_arg_uuids(&a, tasks, n);
	done = db_do(d, sql_insert_tasks, &a);
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
	if (db_do(d, sql_give_to_tasks, &a) == -1)
		goto out;
	db_args_reset(&a);
	db_arg_uuids(&a, documents, n);
	if (db_do(d, sql_reset_documents, &a) == -1)
		goto out;
	status = 0;
out:
	free(task_of);
	db_args_free(&a);
	return status;
}

/*
 * Read the source again if that failed, unless single documents were chosen.
 * How many tasks were added, or -1.
 */
static int64_t
ingest_again(struct db *d, const uint8_t *id, const struct job_choice *choice)
{
	if (choice->document != NULL || choice->url != NULL)
		return 0;
	return job_change_run(d, id, sql_ingest_again);
}

static int
queue_again(struct db *d, const uint8_t *id, struct buf *why)
{
	char text[DIGEST_UUID_TEXT];

	/*
	 * The documents are pending already, so the trigger does not close the
	 * job.
	 */
	if (job_change_run(d, id, sql_queue_again) != -1)
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
	struct job_locked j;
	uint8_t *documents, *tasks = NULL;
	size_t n, n_tasks;
	int64_t ingests;
	int status = -1;

	documents = lock_chosen(d, id, t);
	if (documents == NULL)
		return -1;
	n = (size_t)t->done->documents;
	n_tasks = (n + t->task_documents - 1) / t->task_documents;
	t->done->tasks = (int64_t)n_tasks;
	if (job_change_lock(d, id, &j, why) == -1)
		goto out;
	ingests = ingest_again(d, id, t->choice);
	if (ingests == -1)
		goto out;
	t->done->tasks += ingests;
	if (t->done->tasks == 0) {
		status = 0;
		goto out;
	}
	tasks = x_calloc(n_tasks + 1, DIGEST_UUID);
	for (size_t i = 0; i < n_tasks; i++)
		digest_uuid7(tasks + i * DIGEST_UUID);
	if (n > 0 && (insert_tasks(d, id, tasks, n_tasks) == -1 ||
			 give_to_tasks(d, id, documents, n, tasks,
			     t->task_documents) == -1))
		goto out;
	if (queue_again(d, id, why) == -1)
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

	return job_change(d, retry, id, &t, why);
}
