/* The part of pl-worker that obeys RQ's commands: stop a task, shut down. */
#include "worker.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "record/error_record.h"
#include "tool/cli.h"

enum { HEAR_SECONDS = 1 };

/* The open documents of a task fail; those in flight take the pipeline along,
   and their neighbours are sent again. */
static void
stop_documents(struct worker *w, struct worker_task *task)
{
	struct error_record error = ERROR_RECORD_INIT;
	struct worker_item *item, *next;
	int in_flight = 0;

	cli_warn("task %s: stopped by RQ's stop-job command", task->order.id);
	for (item = w->flight.first; item != NULL; item = item->next)
		in_flight |= item->task == task;
	if (in_flight)
		worker_flight_abort(w);
	error.stage = "worker";
	error.class = ERROR_INTERNAL;
	error.code = "stopped";
	error.message = "the task was stopped by RQ's stop-job command";
	task->stopped = 1;
	for (item = w->waiting.first; item != NULL; item = next) {
		next = item->next;
		if (item->task != task)
			continue;
		worker_items_remove(&w->waiting, item);
		worker_result_failed(w, item, &error);
	}
}

static void
stop_task(struct worker *w, const char *id)
{
	for (size_t i = 0; i < w->works; i++)
		if (w->work[i]->in_redis && !w->work[i]->dropped &&
		    strcmp(w->work[i]->order.id, id) == 0)
			stop_documents(w, w->work[i]);
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
