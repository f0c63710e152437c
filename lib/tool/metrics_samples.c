#include "tool/metrics_samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "base/version.h"
#include "store/counters.h"
#include "store/metrics.h"

/* Labels of queues, or of collections; bytes of a label. */
enum { OWN_LABELS = 50, LABEL_MAX = 128 };

static const char duration[] = "pl_document_duration_seconds";
static const char duration_help[] =
    "From a document's way into the pipeline to its result.";
static const char rows[] = "pl_collection_rows";
static const char rows_help[] = "Chunks in a collection, estimated when many.";

static const char in_collection[] = "pl_collection_documents";
static const char in_collection_help[] =
    "Documents in a collection; some of the "
    "stored ones have another state, too.";

struct taker {
	metrics_take *take;
	void *argument;
};

static void
gauge(const struct taker *t, const char *name, const char *help, double number)
{
	t->take(t->argument, &(struct metrics_sample){.family = name,
				 .help = help,
				 .type = "gauge",
				 .number = number});
}

static void
labelled(const struct taker *t, const char *name, const char *help,
    const char *label, const char *value, double number)
{
	t->take(t->argument, &(struct metrics_sample){.family = name,
				 .help = help,
				 .type = "gauge",
				 .label = {label},
				 .value = {value},
				 .number = number});
}

static void
labelled_twice(const struct taker *t, const char *name, const char *help,
    const char *label, const char *value, const char *label2,
    const char *value2, double number)
{
	t->take(t->argument, &(struct metrics_sample){.family = name,
				 .help = help,
				 .type = "gauge",
				 .label = {label, label2},
				 .value = {value, value2},
				 .number = number});
}

/* Counters: their names in the database, and in the output. */

static const struct family {
	const char *counter, *name, *suffix, *help, *type;
	const char *label[COUNTERS_LABELS];
	double unit; /* a value is divided by it */
} families[] = {
    {"documents", "pl_documents_total", "",
	"Documents that ended, each time that one did.", "counter",
	{"source", "outcome"}, 1},
    {"retries", "pl_documents_retried_total", "",
	"Attempts after which a document was to be tried again.", "counter",
	{"source"}, 1},
    {"incomplete", "pl_documents_incomplete_total", "",
	"Documents stored without some of their chunks.", "counter", {"source"},
	1},
    {"duration_bucket", duration, "_bucket", duration_help, "histogram",
	{"outcome", "le"}, 1},
    {"duration_sum", duration, "_sum", duration_help, "histogram", {"outcome"},
	1000},
    {"duration_count", duration, "_count", duration_help, "histogram",
	{"outcome"}, 1},
    {"chunks", "pl_chunks_total", "",
	"Chunks of stored documents, by what became of them.", "counter",
	{"source", "outcome"}, 1},
    {"errors", "pl_errors_total", "",
	"Errors of documents: that failed, are tried again, or lack chunks.",
	"counter", {"stage", "class", "code"}, 1},
    {"jobs", "pl_jobs_total", "", "Jobs that ended, each time that one did.",
	"counter", {"outcome"}, 1},
};

void
metrics_counters(const struct metrics *m, metrics_take *take, void *argument)
{
	for (size_t f = 0; f < sizeof(families) / sizeof(*families); f++)
		for (size_t i = 0; i < m->n_counters; i++) {
			const struct family *k = &families[f];
			const struct counter *c = &m->counters[i];
			struct metrics_sample s = {.family = k->name,
			    .suffix = k->suffix,
			    .help = k->help,
			    .type = k->type,
			    .number = (double)c->value / k->unit};

			if (strcmp(c->name, k->counter) != 0)
				continue;
			for (size_t l = 0; l < COUNTERS_LABELS; l++) {
				s.label[l] = k->label[l];
				s.value[l] = c->label[l];
			}
			take(argument, &s);
		}
}

/* Gauges. */

static void
take_ledger(const struct metrics *m, const struct taker *t)
{
	const struct {
		const char *status;
		int64_t n;
	} documents[] = {{"stored", m->stored}, {"unchanged", m->unchanged},
	    {"failed", m->failed}, {"canceled", m->canceled},
	    {"waiting", m->waiting}, {"in_flight", m->in_flight}};

	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++)
		labelled(t, "pl_ledger_documents",
		    "Documents of the jobs that there are, by status.",
		    "status", documents[i].status, (double)documents[i].n);
	for (size_t i = 0; i < 7; i++)
		labelled(t, "pl_ledger_jobs", "Jobs that there are, by status.",
		    "status", metrics_job_states[i], (double)m->jobs[i]);
	gauge(t, "pl_jobs_stuck", "Open jobs that should have ended.",
	    (double)m->jobs_stuck);
}

static void
take_workers(const struct metrics *m, const struct taker *t)
{
	const struct {
		const char *state;
		int64_t n;
	} workers[] = {{"busy", m->busy}, {"idle", m->idle}, {"lost", m->lost}};

	for (size_t i = 0; i < 3; i++)
		labelled(t, "pl_workers",
		    "Workers by status; lost: no heartbeat.", "status",
		    workers[i].state, (double)workers[i].n);
}

/* Whether the name may be a label: short, valid UTF-8, and not "other". */
static int
is_label(const char *name)
{
	size_t n = strlen(name);

	return n <= LABEL_MAX && utf8_valid(name, n) == n &&
	       strcmp(name, "other") != 0;
}

/* -1 is not known. */
static int64_t
sum(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a + b;
}

static void
add_queue(struct metrics_queue *to, const struct metrics_queue *q)
{
	to->pending += q->pending;
	to->queued += q->queued;
	to->in_progress += q->in_progress;
	to->documents += q->documents;
	to->paused |= q->paused;
	to->oldest = q->oldest > to->oldest ? q->oldest : to->oldest;
	to->redis_length = sum(to->redis_length, q->redis_length);
	to->redis_started = sum(to->redis_started, q->redis_started);
	to->redis_scheduled = sum(to->redis_scheduled, q->redis_scheduled);
	to->redis_failed = sum(to->redis_failed, q->redis_failed);
	if (q->redis_oldest > to->redis_oldest)
		to->redis_oldest = q->redis_oldest;
}

/* The first queues (those of Postgres come first), and the others as one. */
static struct metrics_queue *
bounded_queues(const struct metrics *m, size_t *n)
{
	struct metrics_queue *queues =
	    x_calloc(OWN_LABELS + 1, sizeof(*queues));
	struct metrics_queue other = {.name = (char *)"other",
	    .redis_length = -1,
	    .redis_started = -1,
	    .redis_scheduled = -1,
	    .redis_failed = -1,
	    .redis_oldest = -1};
	int others = 0;

	*n = 0;
	for (size_t i = 0; i < m->n_queues; i++)
		if (*n < OWN_LABELS && is_label(m->queues[i].name)) {
			queues[(*n)++] = m->queues[i];
		} else {
			add_queue(&other, &m->queues[i]);
			others = 1;
		}
	if (others)
		queues[(*n)++] = other;
	return queues;
}

static void
take_tasks(const struct metrics_queue *queues, size_t n, const struct taker *t)
{
	static const char *const states[] = {
	    "pending", "queued", "in_progress"};

	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; s < 3; s++)
			labelled_twice(t, "pl_queue_tasks",
			    "Open tasks in Postgres.", "queue", queues[i].name,
			    "status", states[s],
			    (double)(const int64_t[]){queues[i].pending,
				queues[i].queued, queues[i].in_progress}[s]);
}

/* A number that is not known has no sample. */
static void
take_redis_tasks(
    const struct metrics_queue *queues, size_t n, const struct taker *t)
{
	static const char *const states[] = {
	    "queued", "started", "scheduled", "failed"};

	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; s < 4; s++) {
			const struct metrics_queue *q = &queues[i];
			int64_t number =
			    (const int64_t[]){q->redis_length, q->redis_started,
				q->redis_scheduled, q->redis_failed}[s];

			if (number >= 0)
				labelled_twice(t, "pl_redis_queue_tasks",
				    "Tasks in Redis, by where RQ keeps them.",
				    "queue", q->name, "status", states[s],
				    (double)number);
		}
}

static void
take_queues(const struct metrics *m, const struct taker *t)
{
	size_t n;
	struct metrics_queue *queues = bounded_queues(m, &n);

	take_tasks(queues, n, t);
	for (size_t i = 0; i < n; i++)
		labelled(t, "pl_queue_documents",
		    "Documents that wait for a worker.", "queue",
		    queues[i].name, (double)queues[i].documents);
	for (size_t i = 0; i < n; i++)
		labelled(t, "pl_queue_oldest_seconds",
		    "How long the oldest due task waits, by Postgres.", "queue",
		    queues[i].name, queues[i].oldest);
	for (size_t i = 0; i < n; i++)
		labelled(t, "pl_queue_paused", "Whether a queue is paused.",
		    "queue", queues[i].name, queues[i].paused);
	take_redis_tasks(queues, n, t);
	for (size_t i = 0; i < n; i++)
		if (queues[i].redis_oldest >= 0)
			labelled(t, "pl_redis_queue_oldest_seconds",
			    "How long the first task of the Redis list waits.",
			    "queue", queues[i].name, queues[i].redis_oldest);
	free(queues);
}

/* What is stored in collections, and what of it a refresh would store again. */
static void
take_collection_documents(const struct metrics *m, const struct taker *t)
{
	static const char *const states[] = {
	    "stored", "stale", "older", "incomplete"};
	int64_t others[4] = {0};
	size_t own = 0;

	for (size_t i = 0; i < m->n_collections; i++) {
		const struct metrics_collection *c = &m->collections[i];
		const int64_t n[] = {
		    c->stored, c->stale, c->older, c->incomplete};
		int has_label = own++ < OWN_LABELS && is_label(c->name);

		for (size_t s = 0; s < 4; s++)
			if (has_label)
				labelled_twice(t, in_collection,
				    in_collection_help, "collection", c->name,
				    "state", states[s], (double)n[s]);
			else
				others[s] += n[s];
	}
	for (size_t s = 0; own > OWN_LABELS && s < 4; s++)
		labelled_twice(t, in_collection, in_collection_help,
		    "collection", "other", "state", states[s],
		    (double)others[s]);
}

static void
take_collections(const struct metrics *m, const struct taker *t)
{
	int64_t others = -1;
	size_t own = 0;

	for (size_t i = 0; i < m->n_collections; i++) {
		const struct metrics_collection *c = &m->collections[i];

		if (own++ < OWN_LABELS && is_label(c->name) &&
		    is_label(c->model))
			labelled_twice(t, rows, rows_help, "collection",
			    c->name, "model", c->model, (double)c->rows);
		else
			others = sum(others, c->rows);
	}
	if (others >= 0)
		labelled_twice(t, rows, rows_help, "collection", "other",
		    "model", "other", (double)others);
	take_collection_documents(m, t);
}

static void
take_services(const struct metrics *m, const struct taker *t)
{
	static const char *const names[] = {"postgres", "redis"};
	const int up[] = {m->postgres_up, m->redis_up};
	const double seconds[] = {m->postgres_seconds, m->redis_seconds};
	/* A service that is not there on purpose is neither up nor down. */
	size_t n = m->redis_none ? 1 : 2;

	labelled(t, "pl_build_info", "The version of pl that tells this.",
	    "version", PL_VERSION, 1);
	for (size_t i = 0; i < n; i++)
		labelled(t, "pl_up", "Whether a service answers.", "service",
		    names[i], up[i]);
	for (size_t i = 0; i < n; i++)
		if (up[i])
			labelled(t, "pl_round_trip_seconds",
			    "Round trip to a service.", "service", names[i],
			    seconds[i]);
}

void
metrics_samples(const struct metrics *m, metrics_take *take, void *argument)
{
	const struct taker t = {take, argument};

	take_services(m, &t);
	if (!m->postgres_up)
		return;
	metrics_counters(m, take, argument);
	take_ledger(m, &t);
	take_workers(m, &t);
	take_queues(m, &t);
	take_collections(m, &t);
}
