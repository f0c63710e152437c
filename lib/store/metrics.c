#include "store/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/time.h"
#include "net/db.h"
#include "net/db_values.h"

/* Above this the planner's estimate is near enough and counting is slow. */
#define COUNT_UP_TO "100000"

const char *const metrics_job_states[7] = {"pending", "queued", "in_progress",
    "completed", "partial", "failed", "canceled"};

static int
read_totals(struct db *d, struct metrics *m)
{
	struct db_result *r = db_run(d,
	    "select coalesce(sum(stored), 0), coalesce(sum(unchanged), 0),"
	    " coalesce(sum(failed), 0), coalesce(sum(canceled), 0),"
	    " coalesce(sum(documents - stored - unchanged - failed"
	    "  - canceled), 0) from pl.jobs",
	    NULL);
	int64_t left;

	if (r == NULL)
		return -1;
	m->stored = db_int(r, 0, 0);
	m->unchanged = db_int(r, 0, 1);
	m->failed = db_int(r, 0, 2);
	m->canceled = db_int(r, 0, 3);
	left = db_int(r, 0, 4);
	db_result_free(r);
	r = db_run(d,
	    "select count(*) from pl.job_documents d join pl.jobs j"
	    " on j.id = d.job_id where d.status = 'processing' and"
	    " j.status in ('pending', 'queued', 'in_progress')",
	    NULL);
	if (r == NULL)
		return -1;
	m->in_flight = db_int(r, 0, 0);
	m->waiting = left > m->in_flight ? left - m->in_flight : 0;
	db_result_free(r);
	return 0;
}

static int
read_jobs(struct db *d, struct metrics *m)
{
	struct db_result *r = db_run(
	    d, "select status, count(*) from pl.jobs group by status", NULL);

	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		for (size_t s = 0; s < 7; s++)
			if (strcmp(db_text(r, i, 0), metrics_job_states[s]) ==
			    0)
				m->jobs[s] = db_int(r, i, 1);
	db_result_free(r);
	return 0;
}

static int
read_window(struct db *d, struct metrics *m)
{
	struct db_args a = {0};
	struct db_result *r;

	/* Through jobs, so that old jobs' documents are not read. */
	db_arg_double(&a, m->window);
	r = db_run(d,
	    "select count(*) filter (where d.status = 'stored'),"
	    " count(*) filter (where d.status = 'unchanged'),"
	    " count(*) filter (where d.status = 'failed'),"
	    " count(t), avg(t), percentile_cont(0.5) within group (order by t),"
	    " percentile_cont(0.95) within group (order by t), max(t)"
	    " from pl.job_documents d, lateral (select case when"
	    "  d.status = 'stored' then d.milliseconds / 1000.0::float8 end"
	    "  as t) as taken"
	    " where d.finished_at > now() - $1 * interval '1 second'"
	    " and d.job_id in (select id from pl.jobs where finished_at is null"
	    "  or finished_at > now() - $1 * interval '1 second')",
	    &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	m->window_stored = db_int(r, 0, 0);
	m->window_unchanged = db_int(r, 0, 1);
	m->window_failed = db_int(r, 0, 2);
	m->timed = db_int(r, 0, 3);
	m->average = db_double(r, 0, 4);
	m->p50 = db_double(r, 0, 5);
	m->p95 = db_double(r, 0, 6);
	m->longest = db_double(r, 0, 7);
	db_result_free(r);
	return 0;
}

static int
read_workers(struct db *d, struct metrics *m)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_int(&a, METRICS_LOST_SECONDS);
	r = db_run(d,
	    "select count(*) filter (where heard and status = 'busy'),"
	    " count(*) filter (where heard and status not in ('busy',"
	    "  'stopped')),"
	    " count(*) filter (where not heard and status <> 'stopped')"
	    " from (select status, heartbeat_at >"
	    "  now() - $1 * interval '1 second' as heard from pl.workers"
	    "  where heartbeat_at > now() - interval '1 day') as w",
	    &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	m->busy = db_int(r, 0, 0);
	m->idle = db_int(r, 0, 1);
	m->lost = db_int(r, 0, 2);
	db_result_free(r);
	return 0;
}

struct metrics_queue *
metrics_queue(struct metrics *m, const char *name)
{
	struct metrics_queue *q;

	for (size_t i = 0; i < m->n_queues; i++)
		if (strcmp(m->queues[i].name, name) == 0)
			return &m->queues[i];
	m->queues = x_realloc(m->queues, m->n_queues + 1, sizeof(*m->queues));
	q = &m->queues[m->n_queues++];
	*q = (struct metrics_queue){.name = x_strdup(name),
	    .redis_length = -1,
	    .redis_started = -1,
	    .redis_scheduled = -1,
	    .redis_failed = -1,
	    .redis_oldest = -1};
	return q;
}

int
metrics_read_queues(struct db *d, struct metrics *m)
{
	struct db_result *r = db_run(d,
	    "with open as (select queue,"
	    "  count(*) filter (where status = 'pending') as pending,"
	    "  count(*) filter (where status = 'queued') as queued,"
	    "  count(*) filter (where status = 'in_progress') as in_progress,"
	    "  extract(epoch from now() - min(greatest(run_at, created_at))"
	    "   filter (where status <> 'in_progress' and run_at <= now()))"
	    "   as oldest"
	    "  from pl.tasks where finished_at is null group by queue),"
	    " waits as (select t.queue, count(*) as documents"
	    "  from pl.tasks t join pl.job_documents d on d.task_id = t.id"
	    "  where t.finished_at is null and d.status = 'pending' group by "
	    "t.queue)"
	    " select coalesce(o.queue, q.name), coalesce(o.pending, 0),"
	    " coalesce(o.queued, 0), coalesce(o.in_progress, 0),"
	    " coalesce(o.oldest, 0)::float8, coalesce(w.documents, 0),"
	    " q.paused_at is not null, q.reason"
	    " from open o full join pl.queues q on q.name = o.queue"
	    " left join waits w on w.queue = o.queue order by 1",
	    NULL);

	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++) {
		struct metrics_queue *q = metrics_queue(m, db_text(r, i, 0));

		q->pending = db_int(r, i, 1);
		q->queued = db_int(r, i, 2);
		q->in_progress = db_int(r, i, 3);
		q->oldest = db_double(r, i, 4);
		q->documents = db_int(r, i, 5);
		q->paused = db_bool(r, i, 6);
		free(q->reason);
		q->reason =
		    db_is_null(r, i, 7) ? NULL : x_strdup(db_text(r, i, 7));
	}
	db_result_free(r);
	return 0;
}

/* Rows of one collection's table; its name comes quoted from the server. */
static int64_t
count_rows(struct db *d, const char *table)
{
	struct buf sql = {0};
	struct db_result *r;
	int64_t n = -1;

	buf_printf(&sql, "select count(*) from %s", table);
	r = db_run(d, sql.data, NULL);
	if (r != NULL)
		n = db_int(r, 0, 0);
	db_result_free(r);
	buf_free(&sql);
	return n;
}

static int
read_collections(struct db *d, struct metrics *m)
{
	struct db_result *r = db_run(d,
	    "select c.name, c.model, c.dimensions, t.oid::regclass,"
	    " t.reltuples::bigint, t.reltuples > " COUNT_UP_TO
	    " from pl.collections c join pg_class t on t.oid = coalesce("
	    "  to_regclass('pl.' || quote_ident(c.table_name)),"
	    "  to_regclass(c.table_name)) order by 1",
	    NULL);
	int status = -1;

	if (r == NULL)
		return -1;
	m->collections =
	    x_calloc((size_t)db_rows(r) + 1, sizeof(*m->collections));
	for (int i = 0; i < db_rows(r); i++) {
		struct metrics_collection *c =
		    &m->collections[m->n_collections++];

		c->name = x_strdup(db_text(r, i, 0));
		c->model = x_strdup(db_text(r, i, 1));
		c->dimensions = db_int(r, i, 2);
		c->estimated = db_bool(r, i, 5);
		c->rows = c->estimated ? db_int(r, i, 4)
				       : count_rows(d, db_text(r, i, 3));
		if (c->rows == -1)
			goto out;
	}
	status = 0;
out:
	db_result_free(r);
	return status;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
metrics_round_trip(struct db *d)
{
	enum { TRIES = 5 };
	double taken[TRIES];

	for (int i = 0; i < TRIES; i++) {
		double before = time_now();

		if (db_do(d, "select 1", NULL) == -1)
			return -1;
		taken[i] = time_now() - before;
	}
	qsort(taken, TRIES, sizeof(*taken), compare);
	return taken[TRIES / 2];
}

int
metrics_read(struct db *d, struct metrics *m)
{
	m->postgres_seconds = metrics_round_trip(d);
	if (m->postgres_seconds < 0 || read_totals(d, m) == -1 ||
	    read_jobs(d, m) == -1 || read_window(d, m) == -1 ||
	    read_workers(d, m) == -1 || metrics_read_queues(d, m) == -1 ||
	    read_collections(d, m) == -1)
		return -1;
	m->postgres_up = 1;
	return 0;
}

void
metrics_free(struct metrics *m)
{
	for (size_t i = 0; i < m->n_queues; i++) {
		free(m->queues[i].name);
		free(m->queues[i].reason);
	}
	for (size_t i = 0; i < m->n_collections; i++) {
		free(m->collections[i].name);
		free(m->collections[i].model);
	}
	free(m->queues);
	free(m->collections);
	*m = (struct metrics){0};
}
