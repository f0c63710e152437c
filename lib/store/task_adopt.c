#include "store/task_adopt.h"

#include "net/db.h"
#include "net/db_values.h"
#include "sql_task_adopt.h"

struct adoption {
	const uint8_t *task, *job, *documents;
	const char *queue;
	size_t n;
};

/*
 * Run a statement with the task, its job and its documents or its queue.
 * Returns the rows affected, or -1.
 */
static int64_t
adopt_with(
    struct db *db, const char *sql, const struct adoption *o, int documents)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, o->task);
	db_arg_uuid(&a, o->job);
	if (documents)
		db_arg_uuids(&a, o->documents, o->n);
	else
		db_arg_text(&a, o->queue);
	n = db_do(db, sql, &a);
	db_args_free(&a);
	return n;
}

static int
reopen_job(struct db *db, const struct adoption *o)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, o->job);
	n = db_do(db, sql_adopt_job, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
adopt_work(struct db *db, void *argument)
{
	const struct adoption *o = argument;
	int64_t n = adopt_with(db, sql_adopt_task, o, 0);

	if (n == 1 && (adopt_with(db, sql_adopt_documents, o, 1) == -1 ||
			  adopt_with(db, sql_refuse_unknown, o, 1) == -1 ||
			  reopen_job(db, o) == -1))
		n = -1;
	return (int)n;
}

int
task_adopt(struct db *db, const uint8_t task[static DIGEST_UUID],
    const uint8_t job[static DIGEST_UUID], const char *queue,
    const uint8_t *documents, size_t n)
{
	struct adoption o = {task, job, documents, queue, n};

	return db_transact(db, DB_KEYED, adopt_work, &o);
}
