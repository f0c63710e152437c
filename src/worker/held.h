/*
 * held - the tasks that are held, and the account of their items
 *
 * A task is held from its claim until its last item has its outcome and it is
 * freed. Suspects, probes and open items are counted here alone.
 */
#ifndef WORKER_HELD_H
#define WORKER_HELD_H

struct task_claim;
struct worker;
struct worker_item;
struct worker_task;

/* A claimed task is held, its documents wait. Takes over *claim. */
struct worker_task *worker_held_add(
    struct worker *w, const struct task_claim *claim);
/* Say whether a task is the probe of a parked queue. */
void worker_held_mark_probe(
    struct worker *w, struct worker_task *task, int probe);
/* The item may be what the pipeline died of: it will be sent alone. */
void worker_held_mark_suspect(struct worker *w, struct worker_item *item);
/* The item, in no list, has its outcome. */
void worker_held_free_item(struct worker *w, struct worker_item *item);
/* The task has no items left. */
void worker_held_free_task(struct worker *w, struct worker_task *task);

#endif
