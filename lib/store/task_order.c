#include "store/task_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_task_order.h"

int
task_unclaimed(
    struct db *db, const uint8_t *after, size_t max, uint8_t **ids, size_t *n)
{
	static const uint8_t least[DIGEST_UUID];
	struct db_args a = {0};

	db_arg_uuid(&a, after ? after : least);
	db_arg_int(&a, (int64_t)max);
	*ids = db_ids(db, sql_unclaimed, &a, n);
	db_args_free(&a);
	return *ids == NULL ? -1 : 0;
}

static void
read_order(struct task_order *o, const struct db_result *r, int row)
{
	memcpy(o->id, db_text(r, row, 0), DIGEST_UUID);
	memcpy(o->job, db_text(r, row, 1), DIGEST_UUID);
	o->queue = x_memdup(db_text(r, row, 2), db_length(r, row, 2));
	o->timeout_seconds = db_binary_int4(r, row, 3);
	o->run_at = db_binary_int8(r, row, 4);
	o->n = db_length(r, row, 5) / DIGEST_UUID;
	o->documents =
	    (uint8_t *)x_memdup(db_text(r, row, 5), o->n * DIGEST_UUID);
	if (!db_is_null(r, row, 6))
		o->function =
		    x_memdup(db_text(r, row, 6), db_length(r, row, 6));
}

int
task_orders(struct db *db, const uint8_t *ids, size_t n,
    struct task_order **orders, size_t *n_orders)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuids(&a, ids, n);
	r = db_run_binary(db, sql_orders, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	*n_orders = (size_t)db_rows(r);
	*orders = x_calloc(*n_orders + 1, sizeof(**orders));
	for (int row = 0; row < db_rows(r); row++)
		read_order(&(*orders)[row], r, row);
	db_result_free(r);
	return 0;
}

void
task_orders_free(struct task_order *orders, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(orders[i].queue);
		free(orders[i].documents);
		free(orders[i].function);
	}
	free(orders);
}

int
task_count_queued(struct db *db, const uint8_t *ids, size_t n)
{
	struct db_args a = {0};
	int queued;

	db_arg_uuids(&a, ids, n);
	queued = db_count(db, sql_count_queued, &a);
	db_args_free(&a);
	return queued;
}

int
task_queued(struct db *db, const uint8_t *ids, size_t n)
{
	struct db_args a = {0};
	int64_t done;

	db_arg_uuids(&a, ids, n);
	done = db_do(db, sql_set_queued, &a);
	db_args_free(&a);
	if (done != -1)
		return 0;
	if (db_fault(db) != DB_DATA)
		return -1;
	/* The database refuses a row: halve the ids to find it, and skip it. */
	if (n <= 1)
		return 0;
	if (task_queued(db, ids, n / 2) == -1)
		return -1;
	return task_queued(db, ids + n / 2 * DIGEST_UUID, n - n / 2);
}
