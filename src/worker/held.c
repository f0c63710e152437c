#include "worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

void
worker_mark_probe(struct worker *w, struct work *work, int probe)
{
	w->probes += (size_t)probe - (size_t)work->probe;
	work->probe = probe;
}

struct work *
worker_add_work(struct worker *w, struct task_claim *claim)
{
	struct work *work = x_calloc(1, sizeof(*work));
	char id[DIGEST_UUID_TEXT];

	work->claim = *claim;
	work->open = claim->n;
	digest_uuid_text(claim->id, id);
	snprintf(work->lease, sizeof(work->lease), "%s:%d", id, claim->attempt);
	for (size_t i = 0; i < claim->n; i++) {
		struct item *item = x_calloc(1, sizeof(*item));

		item->work = work;
		item->document = &work->claim.documents[i];
		/* Whoever crashed the last worker is found alone. */
		item->suspect = claim->crashes > 1;
		w->suspects += (size_t)item->suspect;
		items_push(&w->waiting, item);
	}
	w->work[w->works++] = work;
	if (w->busy_since == 0)
		w->busy_since = w->now;
	return work;
}

void
worker_free_item(struct worker *w, struct item *item)
{
	w->suspects -= (size_t)item->suspect;
	item->work->open--;
	free(item->line);
	free(item);
}

void
worker_free_work(struct worker *w, struct work *work)
{
	size_t i = 0;

	worker_mark_probe(w, work, 0);
	while (w->work[i] != work)
		i++;
	w->work[i] = w->work[--w->works];
	if (work->in_redis)
		queue_claim_free(&work->order);
	task_claim_free(&work->claim);
	free(work);
	if (w->works == 0 && w->busy_since != 0) {
		w->busy_ms += (int64_t)((w->now - w->busy_since) * 1000);
		w->busy_since = 0;
	}
}
