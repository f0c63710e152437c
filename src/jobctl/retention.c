/* pl-jobctl prune --older-than: delete the history that nobody needs. */
#include "retention.h"

#include <stdlib.h>
#include <yyjson.h>

#include "jobctl.h"
#include "net/db.h"
#include "queue.h"
#include "queue/admin.h"
#include "queue/ended.h"
#include "queue/queue.h"
#include "queue/stats.h"
#include "record/record_out.h"
#include "show.h"
#include "store/retention.h"
#include "tool/cli.h"
#include "tool/table.h"

static const char *const ended[] = {
    "completed", "partial", "failed", "canceled", NULL};

/* Of the tasks that pl pushed and that ended, in Redis. */
static const char in_redis[] = "rq_jobs";
static const char *const names[RETENTION_KINDS] = {[RETENTION_JOBS] = "jobs",
    [RETENTION_TASKS] = "tasks",
    [RETENTION_DOCUMENTS] = "job_documents",
    [RETENTION_EVENTS] = "events",
    [RETENTION_NOTIFICATIONS] = "notifications",
    [RETENTION_WORKERS] = "workers"};

static void
put(struct jobctl *c, const struct retention *r, struct table *t,
    const char *what, int64_t count)
{
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;

	if (t != NULL) {
		table_cell(t, what);
		table_cellf(t, "%lld", (long long)count);
		return;
	}
	doc = record_out_new(c->out, "pruned");
	root = yyjson_mut_doc_get_root(doc);
	yyjson_mut_obj_add_str(doc, root, "what", what);
	yyjson_mut_obj_add_int(doc, root, "count", count);
	yyjson_mut_obj_add_bool(doc, root, "dry_run", r->dry_run);
	record_out_put(c->out, doc);
}

/* Print the counts; redis is -1 if Redis was not examined. */
static void
print(struct jobctl *c, const struct retention *r, int only_jobs,
    const int64_t counts[static RETENTION_KINDS], int64_t redis)
{
	const struct table_column columns[] = {{"WHAT", 0},
	    {r->dry_run ? "WOULD BE DELETED" : "DELETED", TABLE_RIGHT}};
	struct table *t = NULL;

	if (jobctl_wants_table(c))
		t = table_new(columns, 2);
	for (int i = 0; i < (only_jobs ? RETENTION_EVENTS : RETENTION_KINDS);
	     i++)
		put(c, r, t, names[i], counts[i]);
	if (redis != -1)
		put(c, r, t, in_redis, redis);
	if (t != NULL)
		jobctl_print_table(c, t);
	/* What was deleted is printed, also if a server failed then. */
	record_out_flush(c->out);
}

enum failure { NONE, OF_DB, OF_REDIS };

/*
 * Go through one registry. What is deleted is no longer in it, so the next page
 * begins that much earlier.
 */
static enum failure
prune_registry(struct jobctl *c, const struct retention *r, const char *queue,
    enum queue_state where, int64_t *count)
{
	int64_t from = 0, n = QUEUE_PRUNE_MAX, kept, gone;
	char **ids;

	while (n == QUEUE_PRUNE_MAX) {
		n = queue_ids(c->queue, queue, where, (size_t)from,
		    QUEUE_PRUNE_MAX, &ids);
		if (n == -1)
			return OF_REDIS;
		kept = retention_ended(c->db, (const char **)ids, (size_t)n);
		gone = kept > 0
			   ? queue_prune(c->queue, (const char *const *)ids,
				 (size_t)kept, r->age, r->dry_run)
			   : 0;
		free(ids);
		if (kept == -1)
			return OF_DB;
		if (gone == -1)
			return OF_REDIS;
		*count += gone;
		from += r->dry_run ? n : n - gone;
	}
	return NONE;
}

static enum failure
prune_redis(struct jobctl *c, const struct retention *r, int64_t *count)
{
	static const enum queue_state registries[] = {
	    QUEUE_FINISHED, QUEUE_FAILED, QUEUE_CANCELED};
	enum failure failure = NONE;
	char **queues = NULL;
	int64_t n = queue_names(c->queue, &queues);

	if (n == -1)
		failure = OF_REDIS;
	for (int64_t i = 0; failure == NONE && i < n; i++)
		for (size_t k = 0; failure == NONE && k < 3; k++)
			failure = prune_registry(
			    c, r, queues[i], registries[k], count);
	free(queues);
	return failure;
}

static int
prune(struct jobctl *c, const struct retention *r, int only_jobs)
{
	int64_t counts[RETENTION_KINDS] = {0}, redis = -1;
	const char *error = NULL;
	enum failure failure = NONE;

	if (retention_jobs(c->db, r, counts) == -1 ||
	    (!only_jobs && retention_rest(c->db, r, counts) == -1))
		failure = OF_DB;
	if (failure == NONE && !only_jobs && jobctl_queue(c, &error) == NULL)
		failure = OF_REDIS;
	else if (failure == NONE && !only_jobs && !jobctl_redis_is_none(c)) {
		redis = 0;
		failure = prune_redis(c, r, &redis);
	}
	print(c, r, only_jobs, counts, redis);
	if (failure == OF_DB)
		jobctl_die(c);
	if (failure == OF_REDIS)
		cli_die(jobctl_redis_away(c) ? CLI_UNAVAILABLE : CLI_FAILED,
		    "Redis: %s: only Postgres was pruned: run it again",
		    c->queue ? queue_error(c->queue) : error);
	return CLI_DONE;
}

int
jobctl_retention(struct jobctl *c, const struct retention_options *o)
{
	struct retention r = {.age = o->older / 1000,
	    .statuses = ended,
	    .n = sizeof(ended) / sizeof(*ended) - 1,
	    .dry_run = o->dry_run};
	const char **words = NULL;
	int status;

	if (o->status != NULL) {
		r.n = jobctl_words("--status", o->status, ended, &words);
		r.statuses = words;
	}
	jobctl_open(c);
	status = prune(c, &r, o->status != NULL);
	free(words);
	return status;
}
