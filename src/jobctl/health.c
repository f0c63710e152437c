/* The state of each component, a line each, and one exit status. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/periods.h"
#include "commands.h"
#include "examine.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "queue.h"
#include "queue/queue.h"
#include "queue/stats.h"
#include "record/record_out.h"
#include "show.h"
#include "store/metrics.h"
#include "store/schema.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/table.h"

/* Report version and round trip of Postgres. 0, or -1 if it cannot be used. */
static int
examine_postgres(struct examining *x)
{
	struct db *d = x->c->db;
	struct buf text = {0}, refusal = {0};
	double seconds = -1;
	char taken[32];
	int refuses = -1;

	buf_puts(&text, "version ");
	if (db_connect(d) == 0 && schema_server(d, &text) == 0)
		seconds = metrics_round_trip(d);
	if (seconds >= 0)
		refuses = schema_read_only(d, &refusal);
	db_place(d, &x->where);
	if (refuses == -1) {
		buf_reset(&text, 1024);
		buf_puts(&text, db_error(d));
		if (strstr(text.data, "statement pooling") != NULL)
			buf_puts(&text, ": set the pooler to pool_mode = "
					"transaction, or session");
		examine_tell(x, "postgres",
		    connect_status(x->c->db) == CLI_UNAVAILABLE
			? EXAMINED_AWAY
			: EXAMINED_BROKEN,
		    text.data);
		buf_free(&text);
		buf_free(&refusal);
		return -1;
	}
	num_format_duration(seconds, taken);
	buf_printf(
	    &text, ", round trip %s", seconds < 0.001 ? "below 1 ms" : taken);
	if (refuses)
		buf_printf(&text, ": %s", refusal.data);
	examine_tell(
	    x, "postgres", refuses ? EXAMINED_BROKEN : EXAMINED_OK, text.data);
	buf_free(&text);
	buf_free(&refusal);
	return 0;
}

/*
 * Find the data folder of a server on this machine. If the role may not ask for
 * it, try the socket's folder, which has the data of a private server.
 */
static int
find_data(struct examining *x, struct buf *path)
{
	const char *folder = db_socket_folder(x->c->db);
	struct stat st;

	if (folder == NULL)
		return 0;
	switch (schema_data_folder(x->c->db, path)) {
	case -1:
		jobctl_die(x->c);
	case 1:
		return 1;
	}
	buf_printf(path, "%s/PG_VERSION", folder);
	if (stat(path->data, &st) == -1)
		return 0;
	buf_reset(path, 4096);
	buf_puts(path, folder);
	return 1;
}

/* Warn of a disk that is nearly full; say nothing if it cannot be examined. */
static void
examine_disk(struct examining *x)
{
	enum { PART = 20, GIB = 1 << 30, ENOUGH = 5 };
	struct buf path = {0}, text = {0};
	struct statvfs disk;

	if (find_data(x, &path) && statvfs(path.data, &disk) == 0) {
		double size = (double)disk.f_blocks * (double)disk.f_frsize;
		double left = (double)disk.f_bavail * (double)disk.f_frsize;

		if (left * PART < size && left < (double)ENOUGH * GIB) {
			buf_printf(&text,
			    "%.2f of %.2f GiB left for %s: when it is full, "
			    "nothing is stored",
			    left / GIB, size / GIB, path.data);
			examine_tell(x, "disk", EXAMINED_WARN, text.data);
		}
	}
	buf_free(&path);
	buf_free(&text);
}

static int
examine_schema(struct examining *x)
{
	struct buf text = {0};
	int status = schema_check(x->c->db, &text);

	if (status == -1)
		jobctl_die(x->c);
	if (status == 0)
		buf_printf(&text, "version %d", schema_version());
	examine_tell(x, "schema", status == 0 ? EXAMINED_OK : EXAMINED_BROKEN,
	    text.data);
	buf_free(&text);
	return status;
}

static void
examine_vector(struct examining *x)
{
	struct buf text = {0}, version = {0};
	int found = schema_vector(x->c->db, &version);

	if (found == -1)
		jobctl_die(x->c);
	if (found)
		buf_printf(&text, "pgvector %s", version.data);
	else
		buf_puts(&text, "pgvector is not installed: vectors are "
				"real[], searched exactly");
	examine_tell(x, "vector", EXAMINED_OK, text.data);
	buf_free(&text);
	buf_free(&version);
}

/*
 * Warn of a Redis that drops keys when it is full: tasks are lost until a sync.
 */
static int
add_policy(struct examining *x, struct buf *text)
{
	const char *error;
	struct queue *q = jobctl_queue(x->c, &error);
	char *policy = q ? queue_policy(q) : NULL;
	int is_bad = policy != NULL && strcmp(policy, "noeviction") != 0;

	if (is_bad)
		buf_printf(text,
		    ": its maxmemory-policy is %s, which may drop tasks: "
		    "set it to noeviction",
		    policy);
	free(policy);
	return is_bad;
}

/* Try to write to Redis. 0, or -1 with the reason in *error. */
static int
try_redis(struct examining *x, const char **error)
{
	struct queue *q = jobctl_queue(x->c, error);

	if (q == NULL || queue_is_none(q))
		return q == NULL ? -1 : 0;
	if (queue_try_write(q) == 0)
		return 0;
	*error = queue_error(q);
	return -1;
}

static void
examine_redis(struct examining *x, struct metrics *m)
{
	struct buf text = {0};
	const char *error = NULL;
	char taken[32];
	int64_t length = 0;
	int is_warned;

	if (jobctl_queue(x->c, &error) != NULL)
		queue_place(x->c->queue, &x->where);
	if (jobctl_read_redis(x->c, m, &error) == -1 ||
	    try_redis(x, &error) == -1) {
		buf_printf(&text, "%s: workers go on from Postgres", error);
		examine_tell(x, "redis",
		    jobctl_redis_away(x->c) ? EXAMINED_AWAY : EXAMINED_BROKEN,
		    text.data);
		buf_free(&text);
		return;
	}
	if (jobctl_redis_is_none(x->c)) {
		examine_tell(
		    x, "redis", EXAMINED_OK, "none: workers use Postgres");
		return;
	}
	for (size_t i = 0; i < m->n_queues; i++)
		length += m->queues[i].redis_length;
	num_format_duration(m->redis_seconds, taken);
	buf_printf(&text, "round trip %s, %lld task%s in %zu queue%s",
	    m->redis_seconds < 0.001 ? "below 1 ms" : taken, (long long)length,
	    length == 1 ? "" : "s", m->n_queues, m->n_queues == 1 ? "" : "s");
	if (m->redis_suspended)
		buf_puts(
		    &text, ": suspended by 'rq suspend': 'rq resume' ends it");
	is_warned = add_policy(x, &text) || m->redis_suspended;
	examine_tell(
	    x, "redis", is_warned ? EXAMINED_WARN : EXAMINED_OK, text.data);
	buf_free(&text);
}

/* Age of the oldest task, in seconds. Paused queues do not count. */
static double
oldest_task(const struct metrics *m)
{
	double oldest = 0;

	for (size_t i = 0; i < m->n_queues; i++)
		if (!m->queues[i].paused && m->queues[i].oldest > oldest)
			oldest = m->queues[i].oldest;
	return oldest;
}

/* Report jobs that should have ended: a 'wait' for them would not end. */
static void
examine_jobs(struct examining *x, const struct metrics *m)
{
	struct buf text = {0};

	if (m->jobs_stuck == 0)
		buf_puts(&text, "no job is stuck");
	else
		buf_printf(&text,
		    "%lld job%s should have ended: 'pl-jobctl sync' ends %s",
		    (long long)m->jobs_stuck, m->jobs_stuck == 1 ? "" : "s",
		    m->jobs_stuck == 1 ? "it" : "them");
	examine_tell(x, "jobs",
	    m->jobs_stuck == 0 ? EXAMINED_OK : EXAMINED_BROKEN, text.data);
	buf_free(&text);
}

/* If work is due, a worker must be alive. */
static void
examine_workers(struct examining *x, const struct metrics *m)
{
	struct buf text = {0};
	int64_t alive = m->busy + m->idle;
	double oldest = oldest_task(m);
	enum examined state = EXAMINED_OK;

	if (m->lost > 0 || (alive == 0 && oldest > 0))
		state = EXAMINED_WARN;
	if (alive == 0 && oldest > PERIOD_START)
		state = EXAMINED_BROKEN;
	buf_printf(&text, "%lld busy, %lld idle, %lld not heard from for %d s",
	    (long long)m->busy, (long long)m->idle, (long long)m->lost,
	    PERIOD_WORKER_LOST);
	if (alive == 0 && oldest > 0)
		buf_puts(&text, ": tasks wait and nobody works: start "
				"pl-worker");
	examine_tell(x, "workers", state, text.data);
	buf_free(&text);
}

static void
examine_backlog(struct examining *x, const struct metrics *m)
{
	struct buf text = {0};
	enum examined state = EXAMINED_OK;
	int64_t documents = 0;
	double oldest = oldest_task(m);
	char age[32];

	for (size_t i = 0; i < m->n_queues; i++)
		documents += m->queues[i].documents;
	if (oldest > x->max_age)
		state = EXAMINED_BROKEN;
	num_format_duration(oldest, age);
	buf_printf(&text, "%lld document%s wait%s", (long long)documents,
	    documents == 1 ? "" : "s", documents == 1 ? "s" : "");
	if (oldest > 0)
		buf_printf(&text, ", the oldest task for %s", age);
	examine_tell(x, "backlog", state, text.data);
	buf_free(&text);
}

static void
examine_pauses(struct examining *x, const struct metrics *m)
{
	for (size_t i = 0; i < m->n_queues; i++) {
		const struct metrics_queue *q = &m->queues[i];
		struct buf text = {0};

		if (!q->paused || q->suspended)
			continue;
		buf_printf(&text, "paused%s%s: 'pl-jobctl resume %s' ends it",
		    q->reason ? ": " : "", q->reason ? q->reason : "", q->name);
		examine_tell(x, "queue", EXAMINED_WARN, text.data);
		buf_free(&text);
	}
}

/* Warn of tasks that no worker takes, though workers are there. */
static void
examine_unserved(struct examining *x)
{
	struct db_result *r = metrics_unserved(x->c->db);

	if (r == NULL)
		jobctl_die(x->c);
	for (int i = 0; i < db_rows(r); i++) {
		const char *queue = db_text(r, i, 0), *base = db_text(r, i, 1);
		size_t n = strlen(base);
		struct buf text = {0};

		buf_printf(&text,
		    "%s task%s wait%s in queue %s, which no worker serves: "
		    "'pl worker --queue %s",
		    db_text(r, i, 2), strcmp(db_text(r, i, 2), "1") ? "s" : "",
		    strcmp(db_text(r, i, 2), "1") ? "" : "s", queue, base);
		if (queue[n] == '@')
			buf_printf(&text, " --collection %s", queue + n + 1);
		buf_puts(&text, "' does");
		examine_tell(x, "workers", EXAMINED_WARN, text.data);
		buf_free(&text);
	}
	db_result_free(r);
}

int
examine_servers(struct examining *x, struct metrics *m)
{
	int there = examine_postgres(x) == 0 && examine_schema(x) == 0;

	if (there) {
		examine_disk(x);
		examine_vector(x);
		if (metrics_read(x->c->db, m) == -1)
			jobctl_die(x->c);
	}
	examine_redis(x, m);
	return there ? 0 : -1;
}

static void
examine_work(struct examining *x, const struct metrics *m)
{
	examine_jobs(x, m);
	examine_workers(x, m);
	if (m->busy + m->idle > 0)
		examine_unserved(x);
	examine_backlog(x, m);
	examine_pauses(x, m);
}

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_SECONDS, .name = "max-age", .argument = "DURATION",
	OPTION_TO(struct examining, max_age), .low = 1000,
	.high = 366LL * OPTION_DAY, .standard = "15m",
	.help = "how long work may wait"},
    {OPTION_FLAG, .name = "quiet", OPTION_TO(struct examining, quiet),
	.help = "no output but what is wrong, on standard error"},
    JOBCTL_ROWS};
/* clang-format on */

static int
health(struct jobctl *c)
{
	struct examining x = {.c = c, .type = "health"};
	struct metrics m = {0};

	jobctl_parse(c, &x);
	examine_begin(&x);
	if (examine_servers(&x, &m) == 0)
		examine_work(&x, &m);
	metrics_free(&m);
	return examine_end(&x);
}

const struct jobctl_command jobctl_health = {
    .options = {.name = "health",
	.usage = "[OPTION]...",
	.summary = "one line per component: Postgres, schema, Redis, jobs, "
		   "workers ...",
	.about = "Exit status 0 if all is well, 1 if somebody must act, 75 if "
		 "a service is\n"
		 "away.\n",
	.rows = rows},
    .run = health};
