#include "store/heartbeat.h"

#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_heartbeat.h"

int
heartbeat_send(struct db *db, const struct heartbeat *w)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, w->name);
	db_arg_text(&a, w->host);
	db_arg_int(&a, w->pid);
	db_arg_texts(&a, w->queues, w->n_queues);
	db_arg_text(&a, w->status);
	db_arg_int(&a, w->tasks);
	db_arg_int(&a, w->documents);
	db_arg_int(&a, w->busy_milliseconds);
	db_arg_text(&a, w->collection);
	n = db_do(db, sql_send, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

int
heartbeat_idle(
    struct db *db, const char *name, const char *const *queues, size_t n_queues)
{
	struct db_args a = {0};
	int n;

	db_arg_text(&a, name);
	db_arg_texts(&a, queues, n_queues);
	db_arg_int(&a, PERIOD_LEASE);
	n = db_count(db, sql_idle, &a);
	db_args_free(&a);
	return n;
}

int
heartbeat_end(struct db *db, const char *name)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, name);
	n = db_do(db, sql_end, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

int
heartbeat_forget(struct db *db)
{
	struct db_args a = {0};
	int64_t n;

	/* The row stays long enough for people to see which worker died. */
	db_arg_int(&a, PERIOD_WORKER_GONE);
	n = db_do(db, sql_forget, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}
