#include "worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

void
worker_held_mark_probe(struct worker *w, struct worker_task *task, int probe)
{
	w->probes += (size_t)probe - (size_t)task->probe;
	task->probe = probe;
}

struct worker_task *
worker_held_add(struct worker *w, struct task_claim *claim)
{
	struct worker_task *task = x_calloc(1, sizeof(*task));
	char id[DIGEST_UUID_TEXT];

	task->claim = *claim;
	task->open = claim->n;
	digest_uuid_text(claim->id, id);
	snprintf(task->lease, sizeof(task->lease), "%s:%d", id, claim->attempt);
	for (size_t i = 0; i < claim->n; i++) {
		struct worker_item *item = x_calloc(1, sizeof(*item));

		item->task = task;
		item->document = &task->claim.documents[i];
		/* Whoever crashed the last worker is found alone. */
		item->suspect = claim->crashes > 1;
		w->suspects += (size_t)item->suspect;
		worker_items_push(&w->waiting, item);
	}
	w->work[w->works++] = task;
	if (w->busy_since == 0)
		w->busy_since = w->now;
	return task;
}

void
worker_held_free_item(struct worker *w, struct worker_item *item)
{
	w->suspects -= (size_t)item->suspect;
	item->task->open--;
	free(item->line);
	free(item);
}

void
worker_held_free_task(struct worker *w, struct worker_task *task)
{
	size_t i = 0;

	worker_held_mark_probe(w, task, 0);
	while (w->work[i] != task)
		i++;
	w->work[i] = w->work[--w->works];
	if (task->in_redis)
		queue_claim_free(&task->order);
	task_claim_free(&task->claim);
	free(task);
	if (w->works == 0 && w->busy_since != 0) {
		w->busy_ms += (int64_t)((w->now - w->busy_since) * 1000);
		w->busy_since = 0;
	}
}
