#include "ingest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/periods.h"
#include "net/db.h"
#include "pipeline.h"
#include "record/error_record.h"
#include "record/record_in.h"
#include "service.h"
#include "tool/cli.h"
#include "worker.h"

/*
 * Values come by the environment, so that no shell reads them as code. Whatever
 * source a record names, its documents are the sender's own.
 */
#define FEED                                                                   \
	" | pl-enqueue --source \"$PL_INGEST_SOURCE\" --job "                  \
	"\"$PL_INGEST_JOB\""
static const char crawl_command[] =
    "pl-ingest --source \"$PL_INGEST_SOURCE\" "
    "--firecrawl \"$PL_INGEST_CRAWL\" --once" FEED;
static const char body_command[] =
    "pl-ingest --source \"$PL_INGEST_SOURCE\" -" FEED;

/* In seconds. */
enum {
	LOOK = 1,	    /* how often to look for a task */
	BUSY_DUE_FOR = 300, /* how long it has waited if the worker is busy */
	TIME_MAX = 3600	    /* an attempt may take */
};

int
worker_ingest_is_running(const struct worker *w)
{
	return w->ingest.pipeline != NULL;
}

/* Keep the error, unless one was kept that decides more. */
static void
note_error(struct worker_ingest *i, enum ingest_outcome outcome,
    const struct error_record *e)
{
	if (i->error != NULL && outcome >= i->outcome)
		return;
	free(i->error);
	i->error = error_record_json(e, NULL);
	i->outcome = outcome;
}

/* An error that names no document is the task's own. */
static void
take_error(struct worker_ingest *i, const struct record *r)
{
	struct error_record e;
	struct error_words words;
	enum ingest_outcome outcome = INGEST_FAILED;

	error_record_get(r->root, ERROR_INTERNAL, &e, &words);
	if (e.url != NULL || e.document_id != NULL)
		return;
	if (e.class == ERROR_TRANSIENT || e.class == ERROR_THROTTLED)
		outcome = e.code && strcmp(e.code, "crawl_running") == 0
			      ? INGEST_WAITS
			      : INGEST_AGAIN;
	note_error(i, outcome, &e);
}

static void
note_failure(struct worker_ingest *i, const char *code, const char *message)
{
	struct error_record e = ERROR_RECORD_INIT;

	e.stage = "ingest";
	e.class = ERROR_TRANSIENT;
	e.code = code;
	e.message = message;
	note_error(i, INGEST_AGAIN, &e);
}

/* The pipeline's environment has what the task names. */
static void
set_environment(const struct ingest_task *t)
{
	setenv("PL_INGEST_SOURCE", t->source, 1);
	setenv("PL_INGEST_JOB", t->job, 1);
	if (t->crawl != NULL)
		setenv("PL_INGEST_CRAWL", t->crawl, 1);
	else if (t->map != NULL)
		setenv("PL_MAP_PROGRAM", t->map, 1);
}

static void
unset_environment(void)
{
	unsetenv("PL_INGEST_SOURCE");
	unsetenv("PL_INGEST_JOB");
	unsetenv("PL_INGEST_CRAWL");
	unsetenv("PL_MAP_PROGRAM");
}

static void
start(struct worker *w)
{
	struct worker_ingest *i = &w->ingest;
	const struct ingest_task *t = &i->task;
	int status;

	i->pipeline = worker_pipeline_new(
	    t->crawl ? crawl_command : body_command, w->options.max_record);
	i->outcome = INGEST_DONE;
	i->is_whole = i->is_over = 0;
	i->renew_at = w->now + PERIOD_RENEWAL;
	i->until = w->now + TIME_MAX;
	set_environment(t);
	status = worker_pipeline_start(i->pipeline);
	unset_environment();
	if (status == -1) {
		note_failure(
		    i, "cannot_start", "the programs cannot be started");
		i->is_over = 1;
		return;
	}
	cli_note("task %s: reading %s%s for source %s", t->job,
	    t->crawl ? "crawl " : "an event", t->crawl ? t->crawl : "",
	    t->source);
	if (t->body != NULL && t->crawl == NULL)
		worker_pipeline_send(i->pipeline, t->body, t->body_len);
	worker_pipeline_finish(i->pipeline);
}

static void
claim(struct worker *w)
{
	int is_busy = w->held.n > 0;
	int found;

	if (w->options.no_ingest || w->now < w->ingest.look_at)
		return;
	w->ingest.look_at = w->now + LOOK;
	found = ingest_task_claim(w->services.db, w->name,
	    is_busy ? BUSY_DUE_FOR : 0, &w->ingest.task);
	if (found == -1)
		worker_service_db_failed(w, "claiming");
	if (found == 1)
		start(w);
}

/* Kill the pipeline, and forget the task. */
static void
forget(struct worker *w)
{
	struct worker_ingest *i = &w->ingest;

	worker_pipeline_free(i->pipeline);
	ingest_task_free(&i->task);
	free(i->error);
	*i = (struct worker_ingest){0};
}

/* Renew the lease, if that is due. 0, or -1 if the task is not ours now. */
static int
renew(struct worker *w)
{
	int held;

	if (w->now < w->ingest.renew_at)
		return 0;
	w->ingest.renew_at = w->now + PERIOD_RENEWAL;
	held = ingest_task_renew(w->services.db, &w->ingest.task);
	if (held == -1)
		worker_service_db_failed(w, "renewing leases");
	if (held != 0)
		return 0;
	cli_warn("job %s: its ingest task was taken over, or the job ended",
	    w->ingest.task.job);
	return -1;
}

/* Read what the pipeline says. */
static void
hear(struct worker *w)
{
	struct worker_ingest *i = &w->ingest;
	struct record r;
	int got;

	worker_pipeline_wait(i->pipeline, 0);
	worker_pipeline_listen(i->pipeline);
	while ((got = worker_pipeline_read(i->pipeline, &r)) == 1) {
		if (r.root == NULL)
			continue;
		if (r.type == RECORD_ERROR)
			take_error(i, &r);
		i->is_whole |= r.type == RECORD_JOB;
	}
	if (got == -1) {
		i->is_over = 1;
	} else if (w->now > i->until) {
		note_failure(i, "ingest_timeout", "no end within an hour");
		i->is_over = 1;
	}
}

/* pl-enqueue's last record is the job: without it, it died. */
static void
judge(struct worker_ingest *i)
{
	struct worker_pipeline_end end = {0};
	char message[512];

	if (worker_pipeline_is_running(i->pipeline))
		worker_pipeline_stop(i->pipeline, &end);
	if (i->is_whole || i->error != NULL)
		return;
	snprintf(message, sizeof(message), "it ended before its work: %.400s",
	    end.said && *end.said ? end.said : "no reason was given");
	note_failure(i, "ingest_died", message);
}

static void
finish(struct worker *w)
{
	struct worker_ingest *i = &w->ingest;

	judge(i);
	if (ingest_task_end(w->services.db, &i->task, i->outcome, i->error) ==
	    -1) {
		/* It is tried again at the next call. */
		worker_service_db_failed(w, "ending a task");
		return;
	}
	worker_service_db_answered(w);
	forget(w);
}

void
worker_ingest(struct worker *w)
{
	if (!worker_ingest_is_running(w)) {
		claim(w);
		return;
	}
	if (!w->ingest.is_over) {
		hear(w);
		if (renew(w) == -1) {
			forget(w);
			return;
		}
	}
	if (w->ingest.is_over)
		finish(w);
}

void
worker_ingest_stop(struct worker *w)
{
	if (!worker_ingest_is_running(w))
		return;
	if (ingest_task_end(w->services.db, &w->ingest.task, INGEST_HANDED_BACK,
		NULL) == -1)
		cli_note("Postgres: %s", db_error(w->services.db));
	forget(w);
}
