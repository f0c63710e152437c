#include "store/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "net/db_values.h"
#include "sql_job.h"
#include "store/job_change.h"
#include "store/job_find.h"
#include "store/state.h"

/* Lock the tasks and documents that are not done, before the job itself. */
static int
lock_work(struct db *d, const uint8_t *id)
{
	if (job_change_run(d, id, sql_lock_tasks) == -1)
		return -1;
	return job_change_run(d, id, sql_lock_documents) == -1 ? -1 : 0;
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
	n = db_do(d, sql_save_source, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

/* 1 created, 0 an open job has the key, -1 failed. */
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
	n = db_do(d, sql_insert_job, &a);
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
	/* The open job that has the key may end before we look for it. */
	do {
		digest_uuid7(id);
		made = insert_job(d, j, source_id, id);
		if (made != 0)
			return made;
		found = job_find_open(d, j->unique_key, id);
	} while (found == 0);
	return found == -1 ? -1 : 0;
}

/* Moving. */

static int
start(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct job_locked j;

	(void)argument;
	if (job_change_lock(d, id, &j, why) == -1)
		return -1;
	if (!state_may_move("job", j.status, "in_progress")) {
		job_change_refuse(why, id, j.status, "started");
		return -1;
	}
	return job_change_run(d, id, sql_start) == -1 ? -1 : 0;
}

int
job_start(struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why)
{
	return job_change(d, start, id, NULL, why);
}

static int
complete(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct job_locked j;
	char text[DIGEST_UUID_TEXT];

	(void)argument;
	if (job_change_lock(d, id, &j, why) == -1)
		return -1;
	if (state_has_ended(j.status)) {
		job_change_refuse(why, id, j.status, "completed");
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
	/* The trigger decides between completed, partial and failed. */
	return job_change_run(d, id, sql_complete) == -1 ? -1 : 0;
}

int
job_complete(
    struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why)
{
	return job_change(d, complete, id, NULL, why);
}

static int
cancel_tasks(struct db *d, const uint8_t *id)
{
	return job_change_run(d, id, sql_cancel_tasks) == -1 ? -1 : 0;
}

static int
fail(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct db_args a = {0};
	struct job_locked j;
	int status = -1;

	if (lock_work(d, id) == -1 || job_change_lock(d, id, &j, why) == -1)
		return -1;
	if (state_has_ended(j.status)) {
		job_change_refuse(why, id, j.status, "failed");
		return -1;
	}
	db_arg_uuid(&a, id);
	db_arg_text(&a, argument);
	/* Close the job first: its last document would close it as partial. */
	if (db_do(d, sql_fail, &a) == -1 || cancel_tasks(d, id) == -1)
		goto out;
	if (db_do(d, sql_fail_documents, &a) == -1)
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
	int status = job_change(d, fail, id, copy, why);

	free(copy);
	return status;
}

static int
cancel(struct db *d, const uint8_t *id, void *argument, struct buf *why)
{
	struct job_locked j;

	(void)argument;
	if (lock_work(d, id) == -1 || job_change_lock(d, id, &j, why) == -1)
		return -1;
	if (strcmp(j.status, "canceled") == 0)
		return 0;
	if (state_has_ended(j.status)) {
		job_change_refuse(why, id, j.status, "canceled");
		return -1;
	}
	if (cancel_tasks(d, id) == -1 ||
	    job_change_run(d, id, sql_cancel_documents) == -1)
		return -1;
	/* If no document was canceled, the trigger would set completed. */
	return job_change_run(d, id, sql_cancel) == -1 ? -1 : 0;
}

int
job_cancel(struct db *d, const uint8_t id[static DIGEST_UUID], struct buf *why)
{
	return job_change(d, cancel, id, NULL, why);
}
