#include "worker.h"

#include "base/time.h"
#include "pipeline.h"
#include "tool/cli.h"

void
worker_wait(struct worker *w, int ms)
{
	if (pipeline_is_running(w->pipeline))
		pipeline_wait(w->pipeline, ms);
	else
		time_sleep(ms < 20 ? ms / 1000.0 : 0.02);
}

/* Everything in flight waits again, in its order, ahead of the rest. */
void
worker_take_back(struct worker *w, int suspect)
{
	struct item *back = NULL, *item;

	while ((item = items_pop(&w->flight)) != NULL) {
		item->next = back;
		back = item;
	}
	while ((item = back) != NULL) {
		back = item->next;
		if (suspect && !item->suspect) {
			item->suspect = 1;
			w->suspects++;
		}
		items_push_front(&w->waiting, item);
	}
}

void
worker_abort_pipeline(struct worker *w)
{
	struct pipeline_end end;
	struct item *item, *next;

	pipeline_stop(w->pipeline, &end);
	worker_take_back(w, 0);
	for (item = w->waiting.first; item != NULL; item = next) {
		next = item->next;
		if (item->work->dropped) {
			items_remove(&w->waiting, item);
			worker_stored(w, item, 0);
		}
	}
}

void
worker_drop(struct worker *w, struct work *work, const char *why)
{
	struct item *item = w->waiting.first, *next;
	int in_flight = 0;

	cli_warn("task %.36s: %s", work->lease, why);
	work->dropped = 1;
	for (; item != NULL; item = next) {
		next = item->next;
		if (item->work == work) {
			items_remove(&w->waiting, item);
			worker_free_item(w, item);
		}
	}
	for (item = w->flight.first; item != NULL; item = item->next)
		in_flight |= item->work == work;
	if (in_flight)
		worker_abort_pipeline(w);
}
