#include "tool/metrics_print.h"

#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "record/record.h"
#include "record/record_out.h"
#include "store/metrics.h"
#include "tool/metrics_samples.h"
#include "tool/table.h"

/* Prometheus. */

struct exposition {
	struct buf *out;
	const char *last; /* last name whose HELP and TYPE were written */
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
put_labels(struct buf *out, const struct metrics_sample *s)
{
	for (size_t i = 0; i < METRICS_LABELS && s->label[i] != NULL; i++) {
		buf_putc(out, i == 0 ? '{' : ',');
		put_label(out, s->label[i], s->value[i]);
	}
	if (s->label[0] != NULL)
		buf_putc(out, '}');
}

/* Significant digits of a value: all of a count, six of a time. */
static int
digits(const struct metrics_sample *s)
{
	return strcmp(s->type, "gauge") != 0 ||
		       s->number == (double)(int64_t)s->number
		   ? 15
		   : 6;
}

static void
expose(void *argument, const struct metrics_sample *s)
{
	struct exposition *e = argument;

	if (e->last == NULL || strcmp(e->last, s->family) != 0)
		buf_printf(e->out, "# HELP %s %s\n# TYPE %s %s\n", s->family,
		    s->help, s->family, s->type);
	e->last = s->family;
	buf_printf(e->out, "%s%s", s->family, s->suffix ? s->suffix : "");
	put_labels(e->out, s);
	buf_printf(e->out, " %.*g\n", digits(s), s->number);
}

void
metrics_print_prometheus(const struct metrics *m, struct buf *out)
{
	struct exposition e = {out, NULL};

	metrics_samples(m, expose, &e);
}

/* Buckets are for programs: people see the sum and the count. */
static void
tabulate(void *argument, const struct metrics_sample *s)
{
	struct buf labels = {0};

	if (s->suffix != NULL && strcmp(s->suffix, "_bucket") == 0)
		return;
	table_cellf(argument, "%s%s", s->family, s->suffix ? s->suffix : "");
	for (size_t i = 0; i < METRICS_LABELS && s->label[i] != NULL; i++)
		buf_printf(&labels, "%s%s", i == 0 ? "" : ", ", s->value[i]);
	table_cell(argument, labels.data);
	table_cellf(argument, "%.*g", digits(s), s->number);
	buf_free(&labels);
}

void
metrics_print_table(const struct metrics *m, struct table *t)
{
	metrics_samples(m, tabulate, t);
}

/* Records. */

/* Seconds rounded to microseconds, which are easier to read. */
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
}

/* A counter is a list of its values, under its name without "pl_". */
struct counting {
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;
};

static void
add_counter(void *argument, const struct metrics_sample *s)
{
	struct counting *c = argument;
	struct buf name = {0};
	yyjson_mut_val *list, *o;

	buf_printf(&name, "%s%s", s->family + strlen("pl_"),
	    s->suffix ? s->suffix : "");
	list = yyjson_mut_obj_get(c->root, name.data);
	if (list == NULL) {
		list = yyjson_mut_arr(c->doc);
		yyjson_mut_obj_add(
		    c->root, yyjson_mut_strcpy(c->doc, name.data), list);
	}
	o = yyjson_mut_arr_add_obj(c->doc, list);
	for (size_t i = 0; i < METRICS_LABELS && s->label[i] != NULL; i++)
		yyjson_mut_obj_add_strcpy(c->doc, o, s->label[i], s->value[i]);
	if (s->number == (double)(int64_t)s->number)
		yyjson_mut_obj_add_int(c->doc, o, "value", (int64_t)s->number);
	else
		yyjson_mut_obj_add_real(c->doc, o, "value", s->number);
	buf_free(&name);
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
		yyjson_mut_obj_add_int(doc, o, "stored", c->stored);
		yyjson_mut_obj_add_int(doc, o, "stale", c->stale);
		yyjson_mut_obj_add_int(doc, o, "older", c->older);
		yyjson_mut_obj_add_int(doc, o, "incomplete", c->incomplete);
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
		metrics_counters(m, add_counter, &(struct counting){doc, root});
	}
	return record_out_put(out, doc);
}
