/*
 * flight - the documents in the pipeline
 *
 * A document is in flight from its sending to its answer; the list is in the
 * order of sending. When the pipeline ends, documents in flight wait again,
 * before all others.
 */
#ifndef WORKER_FLIGHT_H
#define WORKER_FLIGHT_H

struct worker;
struct worker_item;
struct worker_task;

/* Start the pipeline unless it runs. 0, or -1 if it cannot start now. */
int worker_flight_start(struct worker *w);
/*
 * The pipeline ended because a service was away: delay the next start, longer
 * each time.
 */
void worker_flight_delay_start(struct worker *w);
/* Send an item that waits and is loaded. */
void worker_flight_send(struct worker *w, struct worker_item *item);
/*
 * Note an answer for an item in flight; it has overtaken the items before it.
 */
void worker_flight_note_answer(
    struct worker *w, const struct worker_item *item);
/*
 * Note a line that is no answer. Returns whether to report it: once a second.
 */
int worker_flight_note_foreign(struct worker *w);
/* Wait for the pipeline, at most ms milliseconds. */
void worker_flight_wait(struct worker *w, int ms);
/*
 * Make all items in flight wait again; suspect: one may have ended the
 * pipeline.
 */
void worker_flight_take_back(struct worker *w, int suspect);
/* Kill the pipeline, and make all items in flight wait again. */
void worker_flight_abort(struct worker *w);
/* Whether a document of the task is in flight. */
int worker_flight_has(const struct worker *w, const struct worker_task *task);
/*
 * Drop a task that this worker has lost, or that is not wanted any more; why
 * goes into the warning.
 */
void worker_flight_drop(
    struct worker *w, struct worker_task *task, const char *why);

#endif
