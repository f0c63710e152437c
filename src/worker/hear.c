/* The part of pl-worker that obeys RQ's commands: stop a task, shut down. */
#include "worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "record/error_record.h"
#include "tool/cli.h"

enum { HEAR_SECONDS = 1 };

/* The open documents of a work fail; those in flight take the pipeline along,
   and their neighbours are sent again. */
static void
stop_work(struct worker *w, struct work *work)
{
	struct error_record error = ERROR_RECORD_INIT;
	struct item *item, *next;
	int in_flight = 0;

	cli_warn("task %s: stopped by RQ's stop-job command", work->order.id);
	for (item = w->flight.first; item != NULL; item = item->next)
		in_flight |= item->work == work;
	if (in_flight)
		worker_abort_pipeline(w);
	error.stage = "worker";
	error.class = ERROR_INTERNAL;
	error.code = "stopped";
	error.message = "the task was stopped by RQ's stop-job command";
	work->stopped = 1;
	for (item = w->waiting.first; item != NULL; item = next) {
		next = item->next;
		if (item->work != work)
			continue;
		items_remove(&w->waiting, item);
		worker_failed(w, item, &error);
	}
}

static void
stop_task(struct worker *w, const char *id)
{
	for (size_t i = 0; i < w->works; i++)
		if (w->work[i]->in_redis && !w->work[i]->dropped &&
		    strcmp(w->work[i]->order.id, id) == 0)
			stop_work(w, w->work[i]);
}

void
worker_hear(struct worker *w)
{
	enum queue_command what;
	char *id;
	int heard = 0;

	if (w->redis_down || w->now < w->hear_at)
		return;
	w->hear_at = w->now + HEAR_SECONDS;
	while ((heard = queue_hear(w->queue, w->name, &what, &id)) == 1) {
		if (what == QUEUE_STOP) {
			stop_task(w, id);
		} else {
			cli_note("RQ's shutdown command");
			raise(SIGTERM);
		}
		free(id);
	}
	if (heard == -1)
		cli_note("Redis: commands: %s", queue_error(w->queue));
}
