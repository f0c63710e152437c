#include "store/task_repair.h"

#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_task_repair.h"
#include "store/heartbeat.h"

/* A task that was lost with its worker this often is given up. */
enum { CRASHES_MAX = 20 };

int
task_reap(struct db *db)
{
	struct db_args a = {0};
	int n;

	db_arg_int(&a, CRASHES_MAX);
	n = db_count(db, sql_reap, &a);
	db_args_free(&a);
	if (n != -1 && heartbeat_forget(db) == -1)
		n = -1;
	return n;
}

int
task_time_out(struct db *db)
{
	return db_count(db, sql_time_out, NULL);
}

int
task_rescue(struct db *db)
{
	int reopened = db_count(db, sql_reopen, NULL), rescued = -1;
	struct db_args a = {0};

	db_arg_int(&a, PERIOD_FEED_DEAD);
	if (reopened != -1)
		rescued = db_count(db, sql_rescue, &a);
	db_args_free(&a);
	return rescued == -1 ? -1 : reopened + rescued;
}

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
