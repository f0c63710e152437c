/* What pl-jobctl writes to Redis and reads from it; Postgres is the truth. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "queue.h"
#include "queue/admin.h"
#include "queue/queue.h"
#include "queue/stats.h"
#include "queue_known.h"
#include "show.h"
#include "store/job_tasks.h"
#include "store/metrics.h"
#include "store/pause.h"
#include "store/sync.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/metrics_print.h"
#include "tool/pause_notice.h"
#include "tool/table.h"

enum { BATCH = 500, TIMEOUT_MS = 3000 };

struct queue *
jobctl_queue(struct jobctl *c, const char **error)
{
	static const struct queue_options options = {.timeout_ms = TIMEOUT_MS};

	if (c->queue == NULL)
		c->queue = connect_queue_handle(&options, error);
	return c->queue;
}

int
jobctl_redis_away(const struct jobctl *c)
{
	return c->queue != NULL && queue_unavailable(c->queue);
}

int
jobctl_redis_is_none(const struct jobctl *c)
{
	return c->queue != NULL && queue_is_none(c->queue);
}

void
jobctl_close(struct jobctl *c)
{
	queue_close(c->queue);
	c->queue = NULL;
}

/* Redis could not be told. Only a warning, because 'sync' tells it later. */
static void
warn_later(struct jobctl *c, const char *error, const char *what)
{
	if (c->queue != NULL && queue_is_none(c->queue))
		return;
	cli_warn(
	    "Redis: %s: %s", c->queue ? queue_error(c->queue) : error, what);
}

void
jobctl_push(struct jobctl *c, const uint8_t id[static DIGEST_UUID])
{
	const char *error = NULL;
	struct queue *q = jobctl_queue(c, &error);
	enum sync_failure failure = q ? SYNC_OK : SYNC_QUEUE;
	uint8_t *tasks;
	uint64_t pushed;
	size_t n, some;

	if (job_pending_tasks(c->db, id, &tasks, &n) == -1)
		jobctl_die(c);
	for (size_t i = 0; failure == SYNC_OK && i < n; i += some) {
		some = n - i < BATCH ? n - i : BATCH;
		failure =
		    sync_push(c->db, q, tasks + i * DIGEST_UUID, some, &pushed);
	}
	free(tasks);
	if (failure == SYNC_DB)
		jobctl_die(c);
	if (failure == SYNC_QUEUE)
		warn_later(c, error,
		    "the tasks are saved; workers and 'pl-jobctl sync' push "
		    "them later");
}

void
jobctl_forget(struct jobctl *c, const uint8_t id[static DIGEST_UUID])
{
	const char *error = NULL, *ids[BATCH];
	struct queue *q = jobctl_queue(c, &error);
	struct db_result *r = job_canceled_tasks(c->db, id);
	int n;

	if (r == NULL)
		jobctl_die(c);
	for (int i = 0; i < db_rows(r); i += n) {
		for (n = 0; n < BATCH && i + n < db_rows(r); n++)
			ids[n] = db_text(r, i + n, 0);
		if (q == NULL || queue_cancel(q, ids, (size_t)n) == -1) {
			warn_later(c, error,
			    "its tasks stay in Redis, but workers will not run "
			    "them");
			break;
		}
	}
	db_result_free(r);
}

/* Listing. */

static int
read_stats(struct queue *q, struct metrics_queue *m)
{
	struct queue_stats s;

	if (queue_stats(q, m->name, &s) == -1)
		return -1;
	m->redis_length = s.length;
	m->redis_started = s.started;
	m->redis_scheduled = s.scheduled;
	m->redis_failed = s.failed;
	m->redis_oldest = s.oldest;
	m->paused |= s.paused;
	return 0;
}

/* While "rq suspend" lasts, show all queues as paused. */
static int
read_suspended(struct queue *q, struct metrics *m)
{
	int suspended = queue_suspended(q);

	m->redis_suspended = suspended == 1;
	for (size_t i = 0; suspended == 1 && i < m->n_queues; i++)
		if (!m->queues[i].paused) {
			m->queues[i].paused = m->queues[i].suspended = 1;
			free(m->queues[i].reason);
			m->queues[i].reason = x_strdup("rq suspend");
		}
	return suspended == -1 ? -1 : 0;
}

static int
compare_queues(const void *a, const void *b)
{
	return strcmp(((const struct metrics_queue *)a)->name,
	    ((const struct metrics_queue *)b)->name);
}

int
jobctl_read_redis(struct jobctl *c, struct metrics *m, const char **error)
{
	struct queue *q = jobctl_queue(c, error);
	char **names = NULL;
	int64_t n;

	if (q == NULL)
		return -1;
	m->redis_none = queue_is_none(q);
	if (m->redis_none)
		return 0;
	n = queue_names(q, &names);
	for (int64_t i = 0; i < n; i++)
		metrics_queue(m, names[i]);
	free(names);
	if (m->n_queues > 0)
		qsort(
		    m->queues, m->n_queues, sizeof(*m->queues), compare_queues);
	for (size_t i = 0; n != -1 && i < m->n_queues; i++)
		if (read_stats(q, &m->queues[i]) == -1)
			n = -1;
	if (n != -1 && read_suspended(q, m) == -1)
		n = -1;
	if (n != -1)
		m->redis_seconds = queue_ping(q);
	if (n == -1 || m->redis_seconds < 0) {
		*error = queue_error(q);
		return -1;
	}
	m->redis_up = 1;
	return 0;
}

/* Add a number of Redis, or "-" if it is not known. */
static void
add_count(struct table *t, int64_t n)
{
	if (n >= 0)
		table_cellf(t, "%lld", (long long)n);
	else
		table_cell(t, "-");
}

/* Whether name is the queue only, or that queue of a collection. */
static int
is_wanted(const char *only, const char *name)
{
	size_t n = only == NULL ? 0 : strlen(only);

	return only == NULL || (strncmp(only, name, n) == 0 &&
				   (name[n] == '\0' || name[n] == '@'));
}

static void
print_queues_table(struct jobctl *c, const struct metrics *m, const char *only)
{
	static const struct table_column columns[] = {{"QUEUE", TABLE_FLEX},
	    {"PENDING", TABLE_RIGHT}, {"QUEUED", TABLE_RIGHT},
	    {"RUNNING", TABLE_RIGHT}, {"DOCUMENTS", TABLE_RIGHT},
	    {"REDIS", TABLE_RIGHT}, {"FAILED", TABLE_RIGHT}, {"OLDEST", 0},
	    {"PAUSED", TABLE_WRAP}};
	struct table *t = table_new(columns, 9);

	for (size_t i = 0; i < m->n_queues; i++) {
		const struct metrics_queue *q = &m->queues[i];
		char ago[32] = "";

		if (!is_wanted(only, q->name))
			continue;
		if (q->oldest > 0)
			jobctl_ago(q->oldest, ago);
		table_cell(t, q->name);
		table_cellf(t, "%lld", (long long)q->pending);
		table_cellf(t, "%lld", (long long)q->queued);
		table_cellf(t, "%lld", (long long)q->in_progress);
		table_cellf(t, "%lld", (long long)q->documents);
		add_count(t, q->redis_length);
		add_count(t, q->redis_failed);
		table_cell(t, ago);
		table_cell(t, !q->paused ? "" : q->reason ? q->reason : "yes");
	}
	jobctl_print_table(c, t);
}

/* Report which command ends each pause. */
static void
tell_remedy(const struct metrics *m)
{
	for (size_t i = 0; i < m->n_queues; i++) {
		const struct metrics_queue *q = &m->queues[i];

		if (q->paused && q->suspended)
			cli_warn("'rq resume' goes on with queue %s", q->name);
		else if (q->paused)
			pause_notice(q->name, q->reason ? q->reason : "");
	}
}

/* Print one queue, or all if only is NULL. Returns the exit status. */
static int
print_queues(struct jobctl *c, const char *only)
{
	struct metrics m = {0};
	const char *error = NULL;
	int status = CLI_DONE;

	if (metrics_read_queues(c->db, &m) == -1)
		jobctl_die(c);
	if (jobctl_read_redis(c, &m, &error) == -1 && only == NULL) {
		cli_warn("Redis: %s", error);
		status = jobctl_redis_away(c) ? CLI_UNAVAILABLE : CLI_FAILED;
	}
	if (only != NULL)
		metrics_queue(&m, only);
	if (jobctl_wants_table(c) && m.n_queues == 0)
		cli_warn("there is no queue yet");
	else if (jobctl_wants_table(c))
		print_queues_table(c, &m, only);
	else
		for (size_t i = 0; i < m.n_queues; i++)
			if (is_wanted(only, m.queues[i].name))
				metrics_print_queue(c->out, &m.queues[i]);
	if (only == NULL)
		tell_remedy(&m);
	metrics_free(&m);
	return status;
}

/* Pause and resume. */

struct pause_options {
	const char *reason;
	int create;
};

/* clang-format off */
static const struct option_row pause_rows[] = {
    {OPTION_TEXT, .name = "reason", .argument = "TEXT",
	OPTION_TO(struct pause_options, reason),
	.help = "shown by 'queues' and 'health'"},
    {OPTION_FLAG, .name = "create",
	OPTION_TO(struct pause_options, create),
	.help = "also a queue that is not there yet"},
    JOBCTL_ROWS};
/* clang-format on */

static int
pause_queue(struct jobctl *c)
{
	struct pause_options o = {0};
	const char *error = NULL, *name = *jobctl_parse(c, &o);
	struct queue *q;

	jobctl_open(c);
	q = jobctl_queue(c, &error);
	if (!o.create)
		jobctl_need_queue(c, q, name);
	if (pause_set(c->db, name, o.reason) == -1)
		jobctl_die(c);
	if (q == NULL ||
	    queue_pause(q, name, o.reason ? o.reason : "", 0, 0) == -1)
		warn_later(c, error,
		    "the pause is saved in Postgres, workers see it there");
	return print_queues(c, name);
}

const struct jobctl_command jobctl_pause = {
    .options = {.name = "pause",
	.usage = "[OPTION]... QUEUE",
	.summary = "let no worker take tasks from a queue",
	.about = "Tasks in progress are finished. QUEUE means its tasks of all "
		 "collections.\n",
	.rows = pause_rows},
    .least = 1,
    .most = 1,
    .arguments = "QUEUE",
    .run = pause_queue};

/* Open a queue in Redis, and the queues of collections that were paused. */
static int
resume_in_redis(
    struct queue *q, const char *name, const struct db_result *ended)
{
	int status = q == NULL ? -1 : queue_resume(q, name);

	for (int i = 0; status != -1 && i < db_rows(ended); i++)
		status = queue_resume(q, db_text(ended, i, 0));
	return status;
}

static int
resume_queue(struct jobctl *c)
{
	const char *error = NULL, *name = *jobctl_parse(c, NULL);
	int status = CLI_DONE, shown;
	struct db_result *ended;

	jobctl_open(c);
	ended = pause_end(c->db, name);
	if (ended == NULL)
		jobctl_die(c);
	if (resume_in_redis(jobctl_queue(c, &error), name, ended) == -1) {
		warn_later(c, error,
		    "the queue stays paused in Redis until a worker or "
		    "'pl-jobctl sync' resumes it");
		if (!jobctl_redis_away(c))
			status = CLI_FAILED;
	}
	db_result_free(ended);
	shown = print_queues(c, name);
	return status != CLI_DONE ? status : shown;
}

const struct jobctl_command jobctl_resume = {
    .options = {.name = "resume",
	.usage = "[OPTION]... QUEUE",
	.summary = "let workers take tasks from a queue again",
	.rows = jobctl_plain_rows},
    .least = 1,
    .most = 1,
    .arguments = "QUEUE",
    .run = resume_queue};

static int
show_queues(struct jobctl *c)
{
	jobctl_parse(c, NULL);
	jobctl_open(c);
	return print_queues(c, NULL);
}

const struct jobctl_command jobctl_queues = {
    .options = {.name = "queues",
	.usage = "[OPTION]...",
	.summary =
	    "queues: tasks in Postgres and in Redis, oldest wait, pauses",
	.rows = jobctl_plain_rows},
    .run = show_queues};
