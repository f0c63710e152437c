/*
 * held - the tasks that are held, and the counts of their items
 *
 * A task is held from its claim until its last item has its outcome and the
 * task is freed. Only this module counts suspects, probes and open items.
 */
#ifndef WORKER_HELD_H
#define WORKER_HELD_H

struct task_claim;
struct worker;
struct worker_item;
struct worker_task;

/* Hold a claimed task and make its documents wait. Takes over *claim. */
struct worker_task *worker_held_add(
    struct worker *w, const struct task_claim *claim);
/* Set whether a task is the probe of a parked queue. */
void worker_held_mark_probe(
    struct worker *w, struct worker_task *task, int probe);
/* Mark an item that may have ended the pipeline: it will be sent alone. */
void worker_held_mark_suspect(struct worker *w, struct worker_item *item);
/* Free an item that is in no list, and count it as done. */
void worker_held_free_item(struct worker *w, struct worker_item *item);
/* Free a task that has no items left. */
void worker_held_free_task(struct worker *w, struct worker_task *task);

#endif
