/*
 * flight - the documents in the pipeline
 *
 * What was sent and has no answer is in flight, in the order in which it was
 * sent. When the pipeline ends, it waits again, ahead of the rest.
 */
#ifndef WORKER_FLIGHT_H
#define WORKER_FLIGHT_H

struct worker;
struct worker_item;
struct worker_task;

/* Start the pipeline unless it runs. 0, or -1: not now. */
int worker_flight_start(struct worker *w);
/* It ended because a service was away: start it later, and later each time. */
void worker_flight_delay_start(struct worker *w);
/* Send an item that waits and is loaded. */
void worker_flight_send(struct worker *w, struct worker_item *item);
/* Note that an answer came for an item in flight; it passed those before it. */
void worker_flight_note_answer(
    struct worker *w, const struct worker_item *item);
/* Note a line that is none. Whether it is to be told, once a second. */
int worker_flight_note_foreign(struct worker *w);
/* Wait for the pipeline, at most ms. */
void worker_flight_wait(struct worker *w, int ms);
/* All that is in flight waits again; suspect: one may have ended it. */
void worker_flight_take_back(struct worker *w, int suspect);
/* Kill the pipeline, and take back what was in flight. */
void worker_flight_abort(struct worker *w);
/* Whether a document of the task is in flight. */
int worker_flight_has(const struct worker *w, const struct worker_task *task);
/* Forget a task that is not ours any more, or not wanted: why is for people. */
void worker_flight_drop(
    struct worker *w, struct worker_task *task, const char *why);

#endif
