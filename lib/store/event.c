#include "store/event.h"

#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_event.h"

struct db_result *
event_list(struct db *d, const struct event_choice *choice)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, choice->source);
	db_arg_bool(&a, choice->unhandled);
	db_arg_bool(&a, choice->failed);
	db_arg_int(&a, choice->limit > 0 ? choice->limit : INT64_MAX);
	r = db_run(d, sql_list, &a);
	db_args_free(&a);
	return r;
}

/* Run a statement whose only argument is a number. */
static struct db_result *
ask(struct db *d, const char *sql, int64_t n, int binary)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_int(&a, n);
	r = binary ? db_run_binary(d, sql, &a) : db_run(d, sql, &a);
	db_args_free(&a);
	return r;
}

struct db_result *
event_get(struct db *d, int64_t id)
{
	return ask(d, sql_event, id, 0);
}

struct db_result *
event_body(struct db *d, int64_t id)
{
	return ask(d, sql_body, id, 1);
}

struct replaying {
	int64_t id;
	uint8_t *job;
};

static int
take_job(const struct db_result *r, uint8_t *job)
{
	return digest_uuid_parse(db_text(r, 0, 0), db_length(r, 0, 0), job);
}

static int
replay(struct db *d, void *argument)
{
	const struct replaying *p = argument;
	struct db_result *r = ask(d, sql_lock_event, p->id, 0);
	int status = -1;

	if (r == NULL)
		return -1;
	if (db_rows(r) == 0) {
		status = 0;
	} else if (db_bool(r, 0, 1)) {
		status = take_job(r, p->job) == -1 ? -1 : 2;
	} else {
		db_result_free(r);
		r = ask(d, sql_replay, p->id, 0);
		if (r != NULL && db_rows(r) == 1)
			status = take_job(r, p->job) == -1 ? -1 : 1;
	}
	db_result_free(r);
	return status;
}

int
event_replay(struct db *d, int64_t id, uint8_t job[static DIGEST_UUID])
{
	struct replaying p = {id, job};

	return db_transact(d, DB_PLAIN, replay, &p);
}

int64_t
event_drop(struct db *d, int64_t before)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_int(&a, before);
	n = db_do(d, sql_drop, &a);
	db_args_free(&a);
	return n;
}
