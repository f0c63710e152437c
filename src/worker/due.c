#include "due.h"

#include <stdlib.h>

#include "net/db.h"
#include "pipeline.h"
#include "record/record_in.h"
#include "service.h"
#include "store/due.h"
#include "store/sync.h"
#include "tool/cli.h"
#include "worker.h"

/* Seconds: how often to look, and after a failure of pl-jobctl. */
enum { IDLE = 1, BUSY = 30, FAILED = 60 };

static void
push(struct worker *w, const struct due *due)
{
	uint64_t pushed;

	if (due->n == 0 || !worker_service_redis_is_up(w))
		return;
	switch (sync_push(
	    w->services.db, w->services.queue, due->tasks, due->n, &pushed)) {
	case SYNC_DB:
		worker_service_db_failed(w, "pushing tasks");
		break;
	case SYNC_QUEUE:
		worker_service_redis_failed(w, "pushing tasks");
		break;
	case SYNC_OK:
		break;
	}
}

static void delete (struct worker *w)
{
	int n = due_delete(w->services.db);

	if (n == -1)
		worker_service_db_failed(w, "deleting documents");
	if (n > 0)
		cli_note("%d documents deleted, as their sources lack them", n);
}

/* Another server may be slow, so another process waits for it. */
static void
notify(struct worker *w)
{
	if (w->due.notify != NULL || w->now < w->due.notify_at)
		return;
	w->due.notify =
	    worker_pipeline_new("pl-jobctl notify", w->options.max_record);
	if (worker_pipeline_start(w->due.notify) == -1)
		worker_due_stop(w);
	else
		worker_pipeline_finish(w->due.notify);
}

/* What it prints is of no interest; stages are ended by their worker. */
static void
hear_notify(struct worker *w)
{
	struct worker_pipeline_end end;
	struct record r;
	int got;

	worker_pipeline_listen(w->due.notify);
	do
		got = worker_pipeline_read(w->due.notify, &r);
	while (got == 1);
	if (got == -1 && !worker_pipeline_stop(w->due.notify, &end))
		w->due.notify_at = w->now + FAILED;
	if (got == -1)
		worker_due_stop(w);
}

void
worker_due_stop(struct worker *w)
{
	worker_pipeline_free(w->due.notify);
	w->due.notify = NULL;
}

void
worker_due(struct worker *w)
{
	struct due due;

	if (w->due.notify != NULL)
		hear_notify(w);
	if (w->now < w->due.look_at)
		return;
	w->due.look_at = w->now + (w->held.n > 0 ? BUSY : IDLE);
	if (due_look(w->services.db, w->options.queues, w->options.n_queues,
		&due) == -1) {
		worker_service_db_failed(w, "looking for work");
		return;
	}
	push(w, &due);
	if (due.deletions)
		delete (w);
	if (due.notifications)
		notify(w);
	free(due.tasks);
}

int
worker_due_is_left(struct worker *w)
{
	if (!w->due.has_looked_last) {
		w->due.has_looked_last = 1;
		w->due.look_at = 0;
		worker_due(w);
	}
	return w->due.notify != NULL;
}
