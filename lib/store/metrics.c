#include "store/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/periods.h"
#include "base/time.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_metrics.h"
#include "store/counters.h"

const char *const metrics_job_states[7] = {"pending", "queued", "in_progress",
    "completed", "partial", "failed", "canceled"};

static int
read_totals(struct db *d, struct metrics *m)
{
	struct db_result *r = db_run(d, sql_totals, NULL);
	int64_t left;

	if (r == NULL)
		return -1;
	m->stored = db_int(r, 0, 0);
	m->unchanged = db_int(r, 0, 1);
	m->failed = db_int(r, 0, 2);
	m->canceled = db_int(r, 0, 3);
	left = db_int(r, 0, 4);
	db_result_free(r);
	r = db_run(d, sql_in_flight, NULL);
	if (r == NULL)
		return -1;
	m->in_flight = db_int(r, 0, 0);
	m->waiting = left > m->in_flight ? left - m->in_flight : 0;
	db_result_free(r);
	return 0;
}

static int
read_stuck(struct db *d, struct metrics *m)
{
	struct db_args a = {0};

	db_arg_int(&a, PERIOD_FEED_DEAD);
	m->jobs_stuck = db_count(d, sql_stuck, &a);
	db_args_free(&a);
	return m->jobs_stuck == -1 ? -1 : 0;
}

static int
read_jobs(struct db *d, struct metrics *m)
{
	struct db_result *r = db_run(d, sql_jobs, NULL);

	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		for (size_t s = 0; s < 7; s++)
			if (strcmp(db_text(r, i, 0), metrics_job_states[s]) ==
			    0)
				m->jobs[s] = db_int(r, i, 1);
	db_result_free(r);
	return read_stuck(d, m);
}

static int
read_workers(struct db *d, struct metrics *m)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_int(&a, PERIOD_WORKER_LOST);
	db_arg_int(&a, PERIOD_WORKER_GONE);
	r = db_run(d, sql_workers, &a);
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
	struct db_result *r = db_run(d, sql_queues, NULL);

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

/* Count the rows of a collection's table; the server has quoted its name. */
static int64_t
count_rows(struct db *d, const char *table)
{
	struct buf sql = {0};
	struct db_result *r;
	int64_t n = -1;

	buf_printf(&sql, sql_count_rows, table);
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
	struct db_result *r = db_run(d, sql_collections, NULL);
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
		c->stored = db_int(r, i, 6);
		c->stale = db_int(r, i, 7);
		c->older = db_int(r, i, 8);
		c->incomplete = db_int(r, i, 9);
		/* Without a table, nothing was stored by pl-store. */
		if (db_is_null(r, i, 3))
			continue;
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

struct db_result *
metrics_unserved(struct db *d)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_int(&a, PERIOD_WORKER_LOST);
	r = db_run(d, sql_unserved, &a);
	db_args_free(&a);
	return r;
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

		if (db_do(d, sql_round_trip, NULL) == -1)
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
	    read_jobs(d, m) == -1 || read_workers(d, m) == -1 ||
	    metrics_read_queues(d, m) == -1 || read_collections(d, m) == -1)
		return -1;
	m->postgres_up = 1;
	return 0;
}

int
metrics_read_counters(struct db *d, struct metrics *m)
{
	m->counters = counters_read(d, &m->n_counters);
	return m->counters == NULL ? -1 : 0;
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
	counters_free(m->counters, m->n_counters);
	free(m->queues);
	free(m->collections);
	*m = (struct metrics){0};
}
