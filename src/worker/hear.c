#include "hear.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "flight.h"
#include "items.h"
#include "queue/queue.h"
#include "queue/worker.h"
#include "record/error_record.h"
#include "result.h"
#include "tool/cli.h"
#include "worker.h"

enum { HEAR_SECONDS = 1 };

/*
 * Fail the open documents of a task. If some are in flight, the pipeline is
 * killed, and the other documents in it are sent again.
 */
static void
stop_documents(struct worker *w, struct worker_task *task)
{
	struct error_record error = ERROR_RECORD_INIT;
	struct worker_item *item, *next;

	cli_warn("task %s: stopped by RQ's stop-job command", task->order.id);
	if (worker_flight_has(w, task))
		worker_flight_abort(w);
	error.stage = "worker";
	error.class = ERROR_INTERNAL;
	error.code = "stopped";
	error.message = "the task was stopped by RQ's stop-job command";
	task->stopped = 1;
	for (item = w->held.waiting.first; item != NULL; item = next) {
		next = item->next;
		if (item->task != task)
			continue;
		worker_items_remove(&w->held.waiting, item);
		worker_result_failed(w, item, &error);
	}
}

static void
stop_task(struct worker *w, const char *id)
{
	for (size_t i = 0; i < w->held.n; i++)
		if (w->held.task[i]->in_redis && !w->held.task[i]->dropped &&
		    strcmp(w->held.task[i]->order.id, id) == 0)
			stop_documents(w, w->held.task[i]);
}

void
worker_hear(struct worker *w)
{
	enum queue_command what;
	char *id;
	int heard = 0;

	if (w->services.redis_down || w->now < w->hear_at)
		return;
	w->hear_at = w->now + HEAR_SECONDS;
	while (
	    (heard = queue_hear(w->services.queue, w->name, &what, &id)) == 1) {
		if (what == QUEUE_STOP) {
			stop_task(w, id);
		} else {
			cli_note("RQ's shutdown command");
			raise(SIGTERM);
		}
		free(id);
	}
	if (heard == -1)
		cli_note("Redis: commands: %s", queue_error(w->services.queue));
}
