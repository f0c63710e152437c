#include "store/outbox.h"

#include "net/db.h"
#include "net/db_values.h"
#include "sql_outbox.h"

/* Run a statement; its arguments are freed. */
static int64_t
change(struct db *d, const char *sql, struct db_args *a)
{
	int64_t n = db_do(d, sql, a);

	db_args_free(a);
	return n;
}

struct db_result *
outbox_claim(struct db *d)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_int(&a, OUTBOX_TRIES);
	if (change(d, sql_give_up, &a) == -1)
		return NULL;
	a = (struct db_args){0};
	db_arg_int(&a, OUTBOX_LEASE);
	db_arg_int(&a, OUTBOX_TRIES);
	r = db_run(d, sql_claim, &a);
	db_args_free(&a);
	return r;
}

int
outbox_sent(struct db *d, const uint8_t id[static DIGEST_UUID], int64_t try)
{
	struct db_args a = {0};

	db_arg_uuid(&a, id);
	db_arg_int(&a, try);
	return change(d, sql_sent, &a) == -1 ? -1 : 0;
}

int
outbox_failed(struct db *d, const uint8_t id[static DIGEST_UUID], int64_t try,
    const char *error, int64_t wait)
{
	struct db_args a = {0};

	db_arg_uuid(&a, id);
	db_arg_int(&a, try);
	db_arg_text(&a, error);
	db_arg_int(&a, wait);
	return change(d, sql_failed, &a) == -1 ? -1 : 0;
}

struct db_result *
outbox_list(struct db *d, const struct outbox_choice *choice)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, choice->source);
	db_arg_bool(&a, choice->waiting);
	db_arg_bool(&a, choice->given_up);
	db_arg_int(&a, choice->limit > 0 ? choice->limit : INT64_MAX);
	if (choice->ids != NULL)
		db_arg_uuids(&a, choice->ids, choice->n);
	else
		db_arg_text(&a, NULL);
	r = db_run(d, sql_notifications, &a);
	db_args_free(&a);
	return r;
}

int64_t
outbox_drop(struct db *d, int64_t before)
{
	struct db_args a = {0};

	db_arg_int(&a, before);
	return change(d, sql_drop, &a);
}
