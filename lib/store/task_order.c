#include "store/task_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_values.h"

static const char unclaimed[] =
    "select id from pl.tasks where finished_at is null"
    " and status in ('pending', 'queued') and id > $1 order by id limit $2";

static const char orders_of[] =
    "select t.id, t.job_id, t.queue, j.timeout_seconds,"
    " case when t.run_at <= now() then 0"
    "  else ceil(extract(epoch from t.run_at))::bigint end,"
    " (select string_agg(uuid_send(d.document_id), ''::bytea"
    "   order by d.document_id) from pl.job_documents d"
    "   where d.task_id = t.id and d.status in ('pending', 'processing')),"
    " j.details->>'function'"
    " from pl.tasks t join pl.jobs j on j.id = t.job_id"
    " where t.id = any($1) and t.status in ('pending', 'queued')"
    " order by t.run_at, t.id";

static const char set_queued[] =
    "with t as (update pl.tasks set status = 'queued'"
    "  where id = any($1) and status = 'pending' returning job_id)"
    " update pl.jobs set status = 'queued', queued_at = now()"
    " where id in (select job_id from t) and status = 'pending'";

int
task_unclaimed(
    struct db *db, const uint8_t *after, size_t max, uint8_t **ids, size_t *n)
{
	static const uint8_t least[DIGEST_UUID];
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, after ? after : least);
	db_arg_int(&a, (int64_t)max);
	r = db_run_binary(db, unclaimed, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	*n = (size_t)db_rows(r);
	*ids = x_calloc(*n + 1, DIGEST_UUID);
	for (size_t i = 0; i < *n; i++)
		memcpy(
		    *ids + i * DIGEST_UUID, db_text(r, (int)i, 0), DIGEST_UUID);
	db_result_free(r);
	return 0;
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
	r = db_run_binary(db, orders_of, &a);
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
task_queued(struct db *db, const uint8_t *ids, size_t n)
{
	struct db_args a = {0};
	int64_t done;

	db_arg_uuids(&a, ids, n);
	done = db_do(db, set_queued, &a);
	db_args_free(&a);
	return done == -1 ? -1 : 0;
}
