#include "tool/metrics_print.h"

#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "record/record.h"
#include "record/record_out.h"
#include "store/metrics.h"
#include "tool/table.h"

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
	take(argument, &(struct sample){.name = "pl_jobs_stuck",
			   .help = "Open jobs that should have ended.",
			   .number = (double)m->jobs_stuck});
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
queue_redis_failed(const struct metrics_queue *q)
{
	return (double)q->redis_failed;
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
	queue_samples(m, "pl_redis_queue_failed",
	    "Tasks in RQ's registry of failed jobs.", queue_redis_failed, take,
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
metrics_print_prometheus(const struct metrics *m, struct buf *out)
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
metrics_print_table(const struct metrics *m, struct table *t)
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
metrics_print_queue(struct record_out *out, const struct metrics_queue *q)
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
	yyjson_mut_obj_add_int(doc, root, "jobs_stuck", m->jobs_stuck);
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
metrics_print_record(struct record_out *out, const struct metrics *m)
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
