#include "held.h"

#include <stdio.h>
#include <stdlib.h>

#include "account.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "items.h"
#include "queue/claim.h"
#include "store/task_claim.h"
#include "worker.h"

void
worker_held_mark_probe(struct worker *w, struct worker_task *task, int probe)
{
	w->held.probes += (size_t)probe - (size_t)task->probe;
	task->probe = probe;
}

void
worker_held_mark_suspect(struct worker *w, struct worker_item *item)
{
	w->held.suspects += !item->suspect;
	item->suspect = 1;
}

struct worker_task *
worker_held_add(struct worker *w, const struct task_claim *claim)
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
		/*
		 * One of them may have killed the last worker: send each alone.
		 */
		if (claim->crashes > 0)
			worker_held_mark_suspect(w, item);
		worker_items_push(&w->held.waiting, item);
	}
	w->held.task[w->held.n++] = task;
	worker_account_begin(w);
	return task;
}

void
worker_held_free_item(struct worker *w, struct worker_item *item)
{
	w->held.suspects -= (size_t)item->suspect;
	item->task->open--;
	free(item->line);
	free(item);
}

void
worker_held_free_task(struct worker *w, struct worker_task *task)
{
	size_t i = 0;

	worker_held_mark_probe(w, task, 0);
	while (w->held.task[i] != task)
		i++;
	w->held.task[i] = w->held.task[--w->held.n];
	if (task->in_redis)
		queue_claim_free(&task->order);
	task_claim_free(&task->claim);
	free(task);
	if (w->held.n == 0)
		worker_account_end(w);
}
