#include "store/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/time.h"
#include "net/db.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/table.h"

/* Above this the planner's estimate is near enough and counting is slow. */
#define COUNT_UP_TO "100000"

const char *const metrics_job_states[7] = {"pending", "queued", "in_progress",
    "completed", "partial", "failed", "canceled"};

/* Reading. */

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

/* Flat samples: one list for Prometheus and for the table. */

struct sample {
	const char *name, *help;
	const char *label, *value; /* of the label; NULL: none */
	const char *label2, *value2;
	double number;
};
typedef void (*take_sample)(void *argument, const struct sample *s);

static void
documents_samples(const struct metrics *m, take_sample take, void *argument)
{
	const struct {
		const char *status;
		int64_t all, window;
	} rows[] = {{"stored", m->stored, m->window_stored},
	    {"unchanged", m->unchanged, m->window_unchanged},
	    {"failed", m->failed, m->window_failed},
	    {"canceled", m->canceled, -1}, {"waiting", m->waiting, -1},
	    {"in_flight", m->in_flight, -1}};
	enum { N = sizeof(rows) / sizeof(*rows) };

	for (size_t i = 0; i < N; i++)
		take(argument, &(struct sample){.name = "pl_documents",
				   .help = "Documents of all jobs by state.",
				   .label = "status",
				   .value = rows[i].status,
				   .number = (double)rows[i].all});
	for (size_t i = 0; i < N; i++)
		if (rows[i].window >= 0)
			take(argument,
			    &(struct sample){.name = "pl_documents_per_second",
				.help = "Documents done per second over the "
					"window.",
				.label = "status",
				.value = rows[i].status,
				.number = (double)rows[i].window / m->window});
	if (m->timed == 0)
		return;
	for (size_t i = 0; i < 4; i++)
		take(argument,
		    &(struct sample){.name = "pl_document_seconds",
			.help = "Seconds from claim to commit of a stored "
				"document over the window.",
			.label = "stat",
			.value = (const char *const[]){"average", "p50", "p95",
			    "max"}[i],
			.number = (const double[]){
			    m->average, m->p50, m->p95, m->longest}[i]});
}

static void
jobs_samples(const struct metrics *m, take_sample take, void *argument)
{
	const struct {
		const char *state;
		int64_t n;
	} workers[] = {{"busy", m->busy}, {"idle", m->idle}, {"lost", m->lost}};

	for (size_t i = 0; i < 7; i++)
		take(argument, &(struct sample){.name = "pl_jobs",
				   .help = "Jobs by status.",
				   .label = "status",
				   .value = metrics_job_states[i],
				   .number = (double)m->jobs[i]});
	for (size_t i = 0; i < 3; i++)
		take(argument,
		    &(struct sample){.name = "pl_workers",
			.help = "Workers by state; lost: no heartbeat.",
			.label = "state",
			.value = workers[i].state,
			.number = (double)workers[i].n});
}

static void
tasks_samples(const struct metrics *m, take_sample take, void *argument)
{
	static const char *const states[] = {
	    "pending", "queued", "in_progress"};

	for (size_t i = 0; i < m->n_queues; i++)
		for (size_t s = 0; s < 3; s++)
			take(argument,
			    &(struct sample){.name = "pl_tasks",
				.help = "Open tasks in Postgres.",
				.label = "queue",
				.value = m->queues[i].name,
				.label2 = "status",
				.value2 = states[s],
				.number = (double)(const int64_t[]){
				    m->queues[i].pending, m->queues[i].queued,
				    m->queues[i].in_progress}[s]});
}

/* One number of every queue, left out where it is below 0 (not known). */
static void
queue_samples(const struct metrics *m, const char *name, const char *help,
    double (*number)(const struct metrics_queue *q), take_sample take,
    void *argument)
{
	for (size_t i = 0; i < m->n_queues; i++) {
		double n = number(&m->queues[i]);

		if (n >= 0)
			take(argument, &(struct sample){.name = name,
					   .help = help,
					   .label = "queue",
					   .value = m->queues[i].name,
					   .number = n});
	}
}

static double
queue_documents(const struct metrics_queue *q)
{
	return (double)q->documents;
}

static double
queue_oldest(const struct metrics_queue *q)
{
	return q->oldest;
}

static double
queue_paused(const struct metrics_queue *q)
{
	return q->paused;
}

static double
queue_redis_length(const struct metrics_queue *q)
{
	return (double)q->redis_length;
}

static double
queue_redis_started(const struct metrics_queue *q)
{
	return (double)q->redis_started;
}

static double
queue_redis_oldest(const struct metrics_queue *q)
{
	return q->redis_oldest;
}

static void
collection_samples(const struct metrics *m, take_sample take, void *argument)
{
	for (size_t i = 0; i < m->n_collections; i++)
		take(argument,
		    &(struct sample){.name = "pl_collection_rows",
			.help = "Chunks in a collection, estimated when many.",
			.label = "collection",
			.value = m->collections[i].name,
			.label2 = "model",
			.value2 = m->collections[i].model,
			.number = (double)m->collections[i].rows});
}

static void
service_samples(const struct metrics *m, take_sample take, void *argument)
{
	static const char *const names[] = {"postgres", "redis"};
	const int up[] = {m->postgres_up, m->redis_up};
	const double seconds[] = {m->postgres_seconds, m->redis_seconds};

	for (size_t i = 0; i < 2; i++)
		take(argument, &(struct sample){.name = "pl_up",
				   .help = "Whether a service answers.",
				   .label = "service",
				   .value = names[i],
				   .number = up[i]});
	for (size_t i = 0; i < 2; i++)
		if (up[i])
			take(argument,
			    &(struct sample){.name = "pl_round_trip_seconds",
				.help = "Round trip to a service.",
				.label = "service",
				.value = names[i],
				.number = seconds[i]});
}

static void
all_samples(const struct metrics *m, take_sample take, void *argument)
{
	service_samples(m, take, argument);
	if (!m->postgres_up)
		return;
	documents_samples(m, take, argument);
	jobs_samples(m, take, argument);
	tasks_samples(m, take, argument);
	queue_samples(m, "pl_queue_documents",
	    "Documents that wait for a worker.", queue_documents, take,
	    argument);
	queue_samples(m, "pl_queue_oldest_seconds",
	    "Seconds that the oldest due task waits, by Postgres.",
	    queue_oldest, take, argument);
	queue_samples(m, "pl_queue_paused", "Whether a queue is paused.",
	    queue_paused, take, argument);
	queue_samples(m, "pl_redis_queue_length", "Tasks in the Redis list.",
	    queue_redis_length, take, argument);
	queue_samples(m, "pl_redis_queue_started",
	    "Tasks that Redis counts as started.", queue_redis_started, take,
	    argument);
	queue_samples(m, "pl_redis_queue_oldest_seconds",
	    "Seconds that the first task of the Redis list waits.",
	    queue_redis_oldest, take, argument);
	collection_samples(m, take, argument);
}

/* Prometheus. */

struct exposition {
	struct buf *out;
	const char *last; /* name whose HELP and TYPE were written */
};

static void
put_label(struct buf *out, const char *label, const char *value)
{
	buf_printf(out, "%s=\"", label);
	for (; *value != '\0'; value++)
		if (*value == '\n')
			buf_puts(out, "\\n");
		else if (*value == '"' || *value == '\\')
			buf_printf(out, "\\%c", *value);
		else
			buf_putc(out, *value);
	buf_putc(out, '"');
}

static void
expose(void *argument, const struct sample *s)
{
	struct exposition *e = argument;

	if (e->last == NULL || strcmp(e->last, s->name) != 0)
		buf_printf(e->out, "# HELP %s %s\n# TYPE %s gauge\n", s->name,
		    s->help, s->name);
	e->last = s->name;
	buf_puts(e->out, s->name);
	if (s->label != NULL) {
		buf_putc(e->out, '{');
		put_label(e->out, s->label, s->value);
		if (s->label2 != NULL) {
			buf_putc(e->out, ',');
			put_label(e->out, s->label2, s->value2);
		}
		buf_putc(e->out, '}');
	}
	/* Counts with all their digits, times without noise. */
	if (s->number < 1e15 && s->number == (double)(int64_t)s->number)
		buf_printf(e->out, " %.0f\n", s->number);
	else
		buf_printf(e->out, " %.6g\n", s->number);
}

void
metrics_prometheus(const struct metrics *m, struct buf *out)
{
	struct exposition e = {out, NULL};

	all_samples(m, expose, &e);
}

static void
tabulate(void *argument, const struct sample *s)
{
	table_cell(argument, s->name);
	table_cellf(argument, "%s%s%s", s->value ? s->value : "",
	    s->value2 ? ", " : "", s->value2 ? s->value2 : "");
	table_cellf(argument, "%.6g", s->number);
}

void
metrics_table(const struct metrics *m, struct table *t)
{
	all_samples(m, tabulate, t);
}

/* Records. */

/* Three digits of a millisecond are enough, and read better. */
static double
rounded(double x)
{
	return (double)(int64_t)(x * 1e6 + 0.5) / 1e6;
}

static void
add_or_null(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
    double number, int known)
{
	if (known)
		yyjson_mut_obj_add_real(doc, object, key, rounded(number));
	else
		yyjson_mut_obj_add_null(doc, object, key);
}

static void
count_or_null(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
    int64_t number)
{
	if (number >= 0)
		yyjson_mut_obj_add_int(doc, object, key, number);
	else
		yyjson_mut_obj_add_null(doc, object, key);
}

static void
add_queue(yyjson_mut_doc *doc, yyjson_mut_val *o, const struct metrics_queue *q)
{
	yyjson_mut_obj_add_str(doc, o, "name", q->name);
	yyjson_mut_obj_add_int(doc, o, "pending", q->pending);
	yyjson_mut_obj_add_int(doc, o, "queued", q->queued);
	yyjson_mut_obj_add_int(doc, o, "in_progress", q->in_progress);
	yyjson_mut_obj_add_int(doc, o, "documents", q->documents);
	yyjson_mut_obj_add_real(doc, o, "oldest_seconds", rounded(q->oldest));
	yyjson_mut_obj_add_bool(doc, o, "paused", q->paused);
	if (q->reason != NULL)
		yyjson_mut_obj_add_str(doc, o, "reason", q->reason);
	else
		yyjson_mut_obj_add_null(doc, o, "reason");
	count_or_null(doc, o, "redis_length", q->redis_length);
	count_or_null(doc, o, "redis_started", q->redis_started);
	count_or_null(doc, o, "redis_scheduled", q->redis_scheduled);
	count_or_null(doc, o, "redis_failed", q->redis_failed);
	add_or_null(doc, o, "redis_oldest_seconds", q->redis_oldest,
	    q->redis_oldest >= 0);
}

int
metrics_put_queue(struct record_out *out, const struct metrics_queue *q)
{
	yyjson_mut_doc *doc = record_out_new(out, "queue");

	add_queue(doc, yyjson_mut_doc_get_root(doc), q);
	return record_out_put(out, doc);
}

static void
add_services(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct metrics *m)
{
	yyjson_mut_val *o = yyjson_mut_obj_add_obj(doc, root, "postgres");

	yyjson_mut_obj_add_bool(doc, o, "up", m->postgres_up);
	add_or_null(
	    doc, o, "round_trip_seconds", m->postgres_seconds, m->postgres_up);
	o = yyjson_mut_obj_add_obj(doc, root, "redis");
	yyjson_mut_obj_add_bool(doc, o, "up", m->redis_up);
	add_or_null(
	    doc, o, "round_trip_seconds", m->redis_seconds, m->redis_up);
}

static void
add_documents(
    yyjson_mut_doc *doc, yyjson_mut_val *root, const struct metrics *m)
{
	yyjson_mut_val *o = yyjson_mut_obj_add_obj(doc, root, "documents");

	yyjson_mut_obj_add_int(doc, o, "stored", m->stored);
	yyjson_mut_obj_add_int(doc, o, "unchanged", m->unchanged);
	yyjson_mut_obj_add_int(doc, o, "failed", m->failed);
	yyjson_mut_obj_add_int(doc, o, "canceled", m->canceled);
	yyjson_mut_obj_add_int(doc, o, "waiting", m->waiting);
	yyjson_mut_obj_add_int(doc, o, "in_flight", m->in_flight);

	o = yyjson_mut_obj_add_obj(doc, root, "window");
	yyjson_mut_obj_add_real(doc, o, "seconds", m->window);
	yyjson_mut_obj_add_int(doc, o, "stored", m->window_stored);
	yyjson_mut_obj_add_int(doc, o, "unchanged", m->window_unchanged);
	yyjson_mut_obj_add_int(doc, o, "failed", m->window_failed);
	yyjson_mut_obj_add_real(doc, o, "stored_per_second",
	    rounded((double)m->window_stored / m->window));

	o = yyjson_mut_obj_add_obj(doc, root, "document_seconds");
	yyjson_mut_obj_add_int(doc, o, "documents", m->timed);
	add_or_null(doc, o, "average", m->average, m->timed > 0);
	add_or_null(doc, o, "p50", m->p50, m->timed > 0);
	add_or_null(doc, o, "p95", m->p95, m->timed > 0);
	add_or_null(doc, o, "max", m->longest, m->timed > 0);
}

static void
add_lists(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct metrics *m)
{
	yyjson_mut_val *o = yyjson_mut_obj_add_obj(doc, root, "jobs"), *list;

	for (size_t i = 0; i < 7; i++)
		yyjson_mut_obj_add_int(
		    doc, o, metrics_job_states[i], m->jobs[i]);
	o = yyjson_mut_obj_add_obj(doc, root, "workers");
	yyjson_mut_obj_add_int(doc, o, "busy", m->busy);
	yyjson_mut_obj_add_int(doc, o, "idle", m->idle);
	yyjson_mut_obj_add_int(doc, o, "lost", m->lost);
	list = yyjson_mut_obj_add_arr(doc, root, "queues");
	for (size_t i = 0; i < m->n_queues; i++)
		add_queue(
		    doc, yyjson_mut_arr_add_obj(doc, list), &m->queues[i]);
	list = yyjson_mut_obj_add_arr(doc, root, "collections");
	for (size_t i = 0; i < m->n_collections; i++) {
		const struct metrics_collection *c = &m->collections[i];

		o = yyjson_mut_arr_add_obj(doc, list);
		yyjson_mut_obj_add_str(doc, o, "name", c->name);
		yyjson_mut_obj_add_str(doc, o, "model", c->model);
		yyjson_mut_obj_add_int(doc, o, "dimensions", c->dimensions);
		yyjson_mut_obj_add_int(doc, o, "rows", c->rows);
		yyjson_mut_obj_add_bool(doc, o, "estimated", c->estimated);
	}
}

int
metrics_put(struct record_out *out, const struct metrics *m)
{
	yyjson_mut_doc *doc = record_out_new(out, "metrics");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	add_services(doc, root, m);
	if (m->postgres_up) {
		add_documents(doc, root, m);
		add_lists(doc, root, m);
	}
	return record_out_put(out, doc);
}
