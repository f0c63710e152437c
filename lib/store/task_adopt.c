#include "store/task_adopt.h"

#include "net/db.h"
#include "net/db_values.h"
#include "sql_task_adopt.h"

struct adoption {
	const uint8_t *task, *job, *documents;
	const char *queue;
	size_t n;
};

static int
adopt_work(struct db *db, void *argument)
{
	const struct adoption *o = argument;
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, o->task);
	db_arg_uuid(&a, o->job);
	db_arg_text(&a, o->queue);
	n = db_do(db, sql_adopt_task, &a);
	if (n == 1) {
		db_args_reset(&a);
		db_arg_uuid(&a, o->task);
		db_arg_uuid(&a, o->job);
		db_arg_uuids(&a, o->documents, o->n);
		if (db_do(db, sql_adopt_documents, &a) == -1)
			n = -1;
	}
	if (n == 1) {
		db_args_reset(&a);
		db_arg_uuid(&a, o->job);
		if (db_do(db, sql_adopt_job, &a) == -1)
			n = -1;
	}
	db_args_free(&a);
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
