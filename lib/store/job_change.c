#include "store/job_change.h"

#include <string.h>

#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_job_change.h"

struct attempt {
	job_change_work *work;
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
 * Workers write job_documents at any time, and jobs through the triggers. After
 * a deadlock the transaction that was rolled back starts again.
 */
int
job_change(struct db *d, job_change_work *work, const uint8_t *id,
    void *argument, struct buf *why)
{
	struct attempt a = {work, id, argument, why};

	return db_transact(d, DB_PLAIN, attempt, &a);
}

/* Run a statement whose only argument is the job. */
int64_t
job_change_run(struct db *d, const uint8_t *id, const char *sql)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, id);
	n = db_do(d, sql, &a);
	db_args_free(&a);
	return n;
}

struct db_result *
job_change_ask(struct db *d, const uint8_t *id, const char *sql)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, id);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	return r;
}

void
job_change_refuse(
    struct buf *why, const uint8_t *id, const char *status, const char *verb)
{
	char text[DIGEST_UUID_TEXT];

	digest_uuid_text(id, text);
	if (strcmp(status, "in_progress") == 0)
		status = "in progress";
	buf_printf(why, "job %s is %s: it cannot be %s", text, status, verb);
}

void
job_change_refuse_gone(struct buf *why, const uint8_t *id)
{
	char text[DIGEST_UUID_TEXT];

	digest_uuid_text(id, text);
	buf_printf(why, "job %s: there is no such job", text);
}

int
job_change_lock(
    struct db *d, const uint8_t *id, struct job_locked *j, struct buf *why)
{
	struct db_result *r = job_change_ask(d, id, sql_lock);

	if (r == NULL)
		return -1;
	if (db_rows(r) == 0) {
		db_result_free(r);
		job_change_refuse_gone(why, id);
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
