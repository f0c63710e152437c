#include "worker.h"

#include "base/time.h"
#include "pipeline.h"
#include "tool/cli.h"

void
worker_flight_wait(struct worker *w, int ms)
{
	if (worker_pipeline_is_running(w->pipeline))
		worker_pipeline_wait(w->pipeline, ms);
	else
		time_sleep(ms < 20 ? ms / 1000.0 : 0.02);
}

/* Everything in flight waits again, in its order, ahead of the rest. */
void
worker_flight_take_back(struct worker *w, int suspect)
{
	struct worker_item *back = NULL, *item;

	while ((item = worker_items_pop(&w->flight)) != NULL) {
		item->next = back;
		back = item;
	}
	while ((item = back) != NULL) {
		back = item->next;
		if (suspect && !item->suspect) {
			item->suspect = 1;
			w->suspects++;
		}
		worker_items_push_front(&w->waiting, item);
	}
}

void
worker_flight_abort(struct worker *w)
{
	struct worker_pipeline_end end;
	struct worker_item *item, *next;

	worker_pipeline_stop(w->pipeline, &end);
	worker_flight_take_back(w, 0);
	for (item = w->waiting.first; item != NULL; item = next) {
		next = item->next;
		if (item->task->dropped) {
			worker_items_remove(&w->waiting, item);
			worker_result_stored(w, item, 0);
		}
	}
}

void
worker_flight_drop(struct worker *w, struct worker_task *task, const char *why)
{
	struct worker_item *item = w->waiting.first, *next;
	int in_flight = 0;

	cli_warn("task %.36s: %s", task->lease, why);
	task->dropped = 1;
	for (; item != NULL; item = next) {
		next = item->next;
		if (item->task == task) {
			worker_items_remove(&w->waiting, item);
			worker_held_free_item(w, item);
		}
	}
	for (item = w->flight.first; item != NULL; item = item->next)
		in_flight |= item->task == task;
	if (in_flight)
		worker_flight_abort(w);
}
