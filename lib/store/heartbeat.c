#include "store/heartbeat.h"

#include "net/db.h"
#include "net/db_values.h"

static const char beat[] =
    "insert into pl.workers as w (name, host, pid, queues, status, tasks,"
    " documents, busy_milliseconds) values ($1, $2, $3, $4, $5, $6, $7, $8)"
    " on conflict (name) do update set status = excluded.status,"
    " heartbeat_at = now(), tasks = w.tasks + excluded.tasks,"
    " documents = w.documents + excluded.documents,"
    " busy_milliseconds = w.busy_milliseconds + excluded.busy_milliseconds";

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
	n = db_do(db, beat, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

int
heartbeat_end(struct db *db, const char *name)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, name);
	n = db_do(db, "delete from pl.workers where name = $1", &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

/* Long enough for people to see who died. */
static const char forget_workers[] =
    "delete from pl.workers where heartbeat_at < now() - interval '1 hour'";

int
heartbeat_forget(struct db *db)
{
	return db_do(db, forget_workers, NULL) == -1 ? -1 : 0;
}
