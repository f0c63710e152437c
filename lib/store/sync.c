#include "store/sync.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "queue/admin.h"
#include "queue/claim.h"
#include "queue/push.h"
#include "queue/queue.h"
#include "queue/stats.h"
#include "sql_sync.h"
#include "store/counters.h"
#include "store/mend.h"
#include "store/pause.h"
#include "store/task.h"
#include "store/task_adopt.h"
#include "store/task_order.h"

/* Redis reads the whole list for each page, so a page is large. */
enum { PAGE = 10000 };

struct sync {
	struct db *db;
	struct queue *queue;
	const struct mend_options *options;
	struct mend_counts counts;
};

static void
report(struct sync *s, const char *what, const char *message, const char *task,
    uint64_t count)
{
	mend_report(s->options, &s->counts,
	    &(struct mend_repair){.what = what,
		.message = message,
		.task = task,
		.count = count});
}

enum sync_failure
sync_push(struct db *db, struct queue *queue, const uint8_t *ids, size_t n,
    uint64_t *pushed)
{
	enum sync_failure failure = SYNC_OK;
	struct task_order *orders;
	struct queue_task *push;
	char(*text)[2][DIGEST_UUID_TEXT];
	size_t count;
	int64_t added;

	*pushed = 0;
	if (task_orders(db, ids, n, &orders, &count) == -1)
		return SYNC_DB;
	push = x_calloc(count, sizeof(*push));
	text = x_calloc(count, sizeof(*text));
	for (size_t i = 0; i < count; i++) {
		digest_uuid_text(orders[i].id, text[i][0]);
		digest_uuid_text(orders[i].job, text[i][1]);
		push[i] = (struct queue_task){.id = text[i][0],
		    .queue = orders[i].queue,
		    .job_id = text[i][1],
		    .document_ids =
			(const uint8_t(*)[16])(const void *)orders[i].documents,
		    .count = orders[i].n,
		    .timeout_seconds = orders[i].timeout_seconds,
		    .run_at = orders[i].run_at,
		    .function = orders[i].function};
	}
	added = queue_push(queue, push, count);
	if (added == -1)
		failure = SYNC_QUEUE;
	else if (task_queued(db, ids, n) == -1)
		failure = SYNC_DB;
	else
		*pushed = (uint64_t)added;
	free(push);
	free(text);
	task_orders_free(orders, count);
	return failure;
}

/* The fault in Redis of a task that waits in Postgres, or NULL. */
static const char *
redis_fault(enum queue_state state)
{
	switch (state) {
	case QUEUE_ABSENT:
		return "missing_in_redis";
	case QUEUE_UNLISTED:
		return "in_no_list";
	case QUEUE_QUEUED:
	case QUEUE_STARTED:
	case QUEUE_SCHEDULED:
	case QUEUE_DEFERRED:
		return NULL;
	default:
		return "ended_in_redis";
	}
}

/* Count the absent tasks that Redis once had. It never got a pending task. */
static enum sync_failure
count_lost(struct sync *s, const uint8_t *absent, size_t n)
{
	int lost = n > 0 ? task_count_queued(s->db, absent, n) : 0;

	if (lost == -1)
		return SYNC_DB;
	s->counts.lost += (uint64_t)lost;
	return SYNC_OK;
}

static enum sync_failure
repair_page(struct sync *s, const uint8_t *ids, size_t n)
{
	enum queue_state *state = x_calloc(n, sizeof(*state));
	const char **text = x_calloc(n, sizeof(*text));
	char(*id)[DIGEST_UUID_TEXT] = x_calloc(n, sizeof(*id));
	uint8_t *push = x_calloc(n, DIGEST_UUID);
	uint8_t *absent = x_calloc(n, DIGEST_UUID);
	enum sync_failure failure = SYNC_OK;
	size_t lacking = 0, n_absent = 0;
	uint64_t pushed;

	for (size_t i = 0; i < n; i++) {
		digest_uuid_text(ids + i * DIGEST_UUID, id[i]);
		text[i] = id[i];
	}
	if (queue_states(s->queue, text, n, state) == -1)
		failure = SYNC_QUEUE;
	for (size_t i = 0; failure == SYNC_OK && i < n; i++) {
		const char *what = redis_fault(state[i]);

		if (what == NULL)
			continue;
		report(s, what, "the task waits in Postgres: queued again",
		    text[i], 1);
		if (state[i] == QUEUE_ABSENT)
			memcpy(absent + DIGEST_UUID * n_absent++,
			    ids + i * DIGEST_UUID, DIGEST_UUID);
		if (s->options->dry_run)
			continue;
		if (state[i] == QUEUE_UNLISTED &&
		    queue_requeue(s->queue, &text[i], 1) == -1)
			failure = SYNC_QUEUE;
		else if (state[i] != QUEUE_UNLISTED)
			memcpy(push + DIGEST_UUID * lacking++,
			    ids + i * DIGEST_UUID, DIGEST_UUID);
	}
	if (failure == SYNC_OK)
		failure = count_lost(s, absent, n_absent);
	if (failure == SYNC_OK && lacking > 0)
		failure = sync_push(s->db, s->queue, push, lacking, &pushed);
	if (failure == SYNC_OK && !s->options->dry_run &&
	    task_queued(s->db, ids, n) == -1)
		failure = SYNC_DB;
	free(state);
	free(text);
	free(id);
	free(push);
	free(absent);
	return failure;
}

static enum sync_failure
repair_redis(struct sync *s)
{
	uint8_t after[DIGEST_UUID] = {0};
	enum sync_failure failure = SYNC_OK;
	size_t n = PAGE;

	while (n == PAGE && failure == SYNC_OK) {
		uint8_t *ids;

		if (task_unclaimed(s->db, after, PAGE, &ids, &n) == -1)
			return SYNC_DB;
		if (n > 0) {
			failure = repair_page(s, ids, n);
			memcpy(after, ids + (n - 1) * DIGEST_UUID, DIGEST_UUID);
		}
		free(ids);
	}
	return failure;
}

/* Why a task that another program queued cannot get a row, or NULL. */
static const char *
why_refused(struct sync *s, const struct queue_claim *call,
    uint8_t job[static DIGEST_UUID], int *failed)
{
	uint8_t id[DIGEST_UUID];
	struct db_args a = {0};
	int known;

	if (call->malformed != NULL)
		return call->malformed;
	if (digest_uuid_parse(call->id, strlen(call->id), id) == -1)
		return "the task's id is not a UUID";
	if (digest_uuid_parse(call->job_id, strlen(call->job_id), job) == -1)
		return "the job id is not a UUID";
	db_arg_uuid(&a, job);
	known = db_count(s->db, sql_has_job, &a);
	db_args_free(&a);
	*failed = known == -1;
	return known == 0 ? "no such job in the pl database" : NULL;
}

/* File a task as failed, unless another process has ended it first. */
static enum sync_failure
refuse(struct sync *s, const char *queue, const char *id, const char *why)
{
	int done = 1;

	if (!s->options->dry_run)
		done = queue_refuse(s->queue, queue, id, why);
	if (done == 1)
		report(s, "refused", why, id, 1);
	return done == -1 ? SYNC_QUEUE : SYNC_OK;
}

/*
 * Make a row for a task. If a worker claimed the task meanwhile, it has made
 * the row, and nothing is reported.
 */
static enum sync_failure
make_row(struct sync *s, const char *queue, const char *text, const uint8_t *id,
    const uint8_t job[static DIGEST_UUID], const struct queue_claim *call)
{
	int made = s->options->dry_run
		       ? 1
		       : task_adopt(s->db, id, job, queue,
			     (const uint8_t *)call->document_ids, call->count);

	if (made == 1)
		report(s, "adopted",
		    "another program queued the task for a job of pl: it has a "
		    "row",
		    text, 1);
	else if (made == -1 && db_fault(s->db) == DB_DATA)
		mend_report_refusal(s->options, &s->counts, call->job_id, text,
		    db_error(s->db));
	else if (made == -1)
		return SYNC_DB;
	return SYNC_OK;
}

/* Give a row to a task that another program queued, or refuse the task. */
static enum sync_failure
adopt(struct sync *s, const char *queue, const char *text, const uint8_t *id)
{
	enum sync_failure failure = SYNC_DB;
	struct queue_claim call;
	uint8_t job[DIGEST_UUID];
	int found = queue_peek_waiting(s->queue, text, &call), failed = 0;
	const char *why;

	if (found != 1)
		return found == 0 ? SYNC_OK : SYNC_QUEUE;
	why = why_refused(s, &call, job, &failed);
	if (why != NULL)
		failure = refuse(s, queue, text, why);
	else if (!failed)
		failure = make_row(s, queue, text, id, job, &call);
	queue_claim_free(&call);
	return failure;
}

/* Remove ended tasks from Redis. Some are only an id in a list. */
static enum sync_failure
take_out(struct sync *s, const char *queue, const char *const *ended, size_t n)
{
	int64_t deleted;

	for (size_t i = 0; i < n; i++)
		report(s, "ended_in_postgres",
		    "the task ended in Postgres: taken out of Redis", ended[i],
		    1);
	if (n == 0 || s->options->dry_run)
		return SYNC_OK;
	deleted = queue_delete(s->queue, ended, n);
	for (size_t i = 0; deleted != -1 && deleted < (int64_t)n && i < n; i++)
		if (queue_unlist(s->queue, queue, ended[i]) == -1)
			return SYNC_QUEUE;
	return deleted == -1 ? SYNC_QUEUE : SYNC_OK;
}

/*
 * File a task as failed that failed in Postgres, but that somebody queued again
 * in Redis. If Redis has no hash of the task, add the task to ended.
 */
static enum sync_failure
refuse_failed(struct sync *s, const char *queue, const char *id,
    const char **ended, size_t *n_ended)
{
	int done = s->options->dry_run ? 1 : -1;

	if (done == -1)
		done = queue_refuse(s->queue, queue, id,
		    "the task has failed in the pl database: 'pl-jobctl retry' "
		    "processes its documents again");
	if (done == 1)
		report(s, "ended_in_postgres",
		    "the task failed in Postgres: filed as failed", id, 1);
	else if (done == 0)
		ended[(*n_ended)++] = id;
	return done == -1 ? SYNC_QUEUE : SYNC_OK;
}

/*
 * Repair the tasks in a list of Redis that have ended in Postgres, or that have
 * no row there.
 */
static enum sync_failure
repair_listed(struct sync *s, const char *queue, char *const *text, size_t n,
    size_t *removed)
{
	enum task_fate *fate = x_calloc(n + 1, sizeof(*fate));
	const char **ended = x_calloc(n + 1, sizeof(*ended));
	enum sync_failure failure = SYNC_OK;
	uint8_t *ids = x_calloc(n + 1, DIGEST_UUID);
	uint64_t before = s->counts.repaired;
	size_t n_ended = 0;

	/* An id that is not a UUID stays zero, which no task has: refused. */
	for (size_t i = 0; i < n; i++)
		digest_uuid_parse(
		    text[i], strlen(text[i]), ids + i * DIGEST_UUID);
	if (n > 0 && task_fates(s->db, ids, n, NULL, fate) == -1)
		failure = SYNC_DB;
	for (size_t i = 0; failure == SYNC_OK && i < n; i++) {
		if (fate[i] == TASK_ENDED || fate[i] == TASK_GIVEN_UP)
			ended[n_ended++] = text[i];
		else if (fate[i] == TASK_FAILED)
			failure =
			    refuse_failed(s, queue, text[i], ended, &n_ended);
		else if (fate[i] == TASK_UNKNOWN)
			failure =
			    adopt(s, queue, text[i], ids + i * DIGEST_UUID);
	}
	if (failure == SYNC_OK)
		failure = take_out(s, queue, ended, n_ended);
	/* Adopted tasks count too but stay listed: they are read twice. */
	if (!s->options->dry_run)
		*removed = (size_t)(s->counts.repaired - before);
	free(fate);
	free(ended);
	free(ids);
	return failure;
}

static enum sync_failure
repair_queue(struct sync *s, const char *queue)
{
	enum sync_failure failure = SYNC_OK;
	int64_t from = 0;
	size_t seen = PAGE;

	while (seen == PAGE && failure == SYNC_OK) {
		size_t removed = 0;
		char **text;
		int64_t n =
		    queue_listed(s->queue, queue, from, PAGE, &text, &seen);

		if (n == -1)
			return SYNC_QUEUE;
		failure = repair_listed(s, queue, text, (size_t)n, &removed);
		from += (int64_t)(seen - removed);
		free(text);
	}
	return failure;
}

/* Only queues that Postgres knows: others may belong to other programs. */
static enum sync_failure
repair_lists(struct sync *s)
{
	enum sync_failure failure = SYNC_OK;
	struct db_args a = {0};
	struct db_result *r;
	char **names;
	int64_t n = queue_names(s->queue, &names);

	if (n == -1)
		return SYNC_QUEUE;
	db_arg_texts(&a, (const char *const *)names, (size_t)n);
	free(names);
	r = db_run(s->db, sql_known_queues, &a);
	db_args_free(&a);
	if (r == NULL)
		return SYNC_DB;
	for (int i = 0; i < db_rows(r) && failure == SYNC_OK; i++)
		failure = repair_queue(s, db_text(r, i, 0));
	db_result_free(r);
	return failure;
}

/* Repair a pause that Redis lost, or that ended while Redis was unavailable. */
static enum sync_failure
repair_pause(struct sync *s, const struct pause *p)
{
	char *reason = NULL;
	int paused = queue_paused(s->queue, p->queue, &reason);
	int wanted = p->reason == NULL ? 0 : p->probe_seconds ? 2 : 1;

	free(reason);
	if (paused == -1)
		return SYNC_QUEUE;
	if (paused == wanted)
		return SYNC_OK;
	report(s, p->reason ? "pause_lost" : "pause_left",
	    p->reason ? "the queue is paused in Postgres: paused in Redis too"
		      : "the queue is open in Postgres: open in Redis too",
	    NULL, 1);
	if (s->options->dry_run)
		return SYNC_OK;
	if (p->reason == NULL)
		return queue_resume(s->queue, p->queue) == -1 ? SYNC_QUEUE
							      : SYNC_OK;
	return queue_pause(s->queue, p->queue, p->reason, p->probe_seconds,
		   p->probe_seconds ? PERIOD_PROBE : 0) == -1
		   ? SYNC_QUEUE
		   : SYNC_OK;
}

static enum sync_failure
repair_pauses(struct sync *s)
{
	enum sync_failure failure = SYNC_OK;
	struct pause *list;
	size_t n;

	if (pause_list(s->db, &list, &n) == -1)
		return SYNC_DB;
	for (size_t i = 0; i < n && failure == SYNC_OK; i++)
		failure = repair_pause(s, &list[i]);
	pause_list_free(list, n);
	return failure;
}

enum sync_failure
sync_run(struct db *db, struct queue *queue, const struct mend_options *options,
    struct mend_counts *counts)
{
	struct sync s = {.db = db, .queue = queue, .options = options};
	enum sync_failure failure = SYNC_OK;

	if (mend_all(db, options, &s.counts) == -1)
		failure = SYNC_DB;
	/* Pauses come before the tasks that they should hold. */
	if (failure == SYNC_OK && queue != NULL)
		failure = repair_pauses(&s);
	if (failure == SYNC_OK && queue != NULL)
		failure = repair_redis(&s);
	if (failure == SYNC_OK && queue != NULL)
		failure = repair_lists(&s);
	/* No repair waits for numbers; 'pl-jobctl metrics' tells of an error.
	 */
	if (failure == SYNC_OK && !options->dry_run)
		counters_fold(db);
	*counts = s.counts;
	return failure;
}
