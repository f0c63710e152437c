#include "flight.h"

#include "base/backoff.h"
#include "base/time.h"
#include "held.h"
#include "items.h"
#include "pipeline.h"
#include "tool/cli.h"
#include "worker.h"

/* Delay of a start after a service was away. */
static const struct backoff restart_backoff = {0.5, 30, 0};

int
worker_flight_start(struct worker *w)
{
	if (worker_pipeline_is_running(w->flight.pipeline))
		return 0;
	if (w->now < w->flight.restart_at)
		return -1;
	w->flight.answered = w->flight.stored = 0;
	if (worker_pipeline_start(w->flight.pipeline) == 0)
		return 0;
	cli_warn("pipeline: cannot start: trying again");
	w->flight.restart_at = w->now + 1;
	return -1;
}

void
worker_flight_delay_start(struct worker *w)
{
	w->flight.restart_at =
	    w->now + backoff_wait(&restart_backoff, ++w->flight.failed_starts);
}

void
worker_flight_send(struct worker *w, struct worker_item *item)
{
	worker_items_remove(&w->held.waiting, item);
	item->sent_at = w->flight.sent_at = w->now;
	item->alive_at = item->overtaken_at = 0;
	worker_pipeline_send(w->flight.pipeline, item->line, item->len);
	worker_items_push(&w->flight.documents, item);
}

void
worker_flight_note_answer(struct worker *w, const struct worker_item *item)
{
	struct worker_item *i = w->flight.documents.first;

	for (; i != item; i = i->next)
		if (i->overtaken_at == 0)
			i->overtaken_at = w->now;
	w->flight.answered = 1;
	w->flight.failed_starts = w->flight.refused = 0;
	w->flight.answered_at = w->now;
	w->flight.foreign = 0;
}

int
worker_flight_note_foreign(struct worker *w)
{
	struct worker_flight *f = &w->flight;

	f->foreign++;
	if (w->now - f->foreign_told_at < 1) {
		f->foreign_untold++;
		return 0;
	}
	if (f->foreign_untold > 0)
		cli_warn("pipeline: %zu more lines that are no answer",
		    f->foreign_untold);
	f->foreign_untold = 0;
	f->foreign_told_at = w->now;
	return 1;
}

void
worker_flight_wait(struct worker *w, int ms)
{
	if (worker_pipeline_is_running(w->flight.pipeline))
		worker_pipeline_wait(w->flight.pipeline, ms);
	else
		time_sleep(ms < 20 ? ms / 1000.0 : 0.02);
}

void
worker_flight_take_back(struct worker *w, int suspect)
{
	struct worker_item *back = NULL, *item;

	while ((item = worker_items_pop(&w->flight.documents)) != NULL) {
		item->next = back;
		back = item;
	}
	while ((item = back) != NULL) {
		back = item->next;
		if (suspect)
			worker_held_mark_suspect(w, item);
		worker_items_push_front(&w->held.waiting, item);
	}
}

void
worker_flight_abort(struct worker *w)
{
	struct worker_pipeline_end end;
	struct worker_item *item, *next;

	worker_pipeline_stop(w->flight.pipeline, &end);
	worker_flight_take_back(w, 0);
	for (item = w->held.waiting.first; item != NULL; item = next) {
		next = item->next;
		if (item->task->dropped) {
			worker_items_remove(&w->held.waiting, item);
			worker_held_free_item(w, item);
		}
	}
}

int
worker_flight_has(const struct worker *w, const struct worker_task *task)
{
	const struct worker_item *item = w->flight.documents.first;

	while (item != NULL && item->task != task)
		item = item->next;
	return item != NULL;
}

void
worker_flight_drop(struct worker *w, struct worker_task *task, const char *why)
{
	struct worker_item *item = w->held.waiting.first, *next;

	cli_warn("task %.36s: %s", task->lease, why);
	task->dropped = 1;
	for (; item != NULL; item = next) {
		next = item->next;
		if (item->task == task) {
			worker_items_remove(&w->held.waiting, item);
			worker_held_free_item(w, item);
		}
	}
	if (worker_flight_has(w, task))
		worker_flight_abort(w);
}
