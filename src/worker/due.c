#include "due.h"

#include <stdlib.h>

#include "net/db.h"
#include "service.h"
#include "store/due.h"
#include "store/sync.h"
#include "tool/cli.h"
#include "worker.h"

/* How often to look, in seconds. */
enum { IDLE = 1, BUSY = 30 };

static void
push(struct worker *w, const struct due *due)
{
	uint64_t pushed;

	if (due->n == 0 || !worker_service_redis_is_up(w))
		return;
	switch (sync_push(
	    w->services.db, w->services.queue, due->tasks, due->n, &pushed)) {
	case SYNC_DB:
		worker_service_db_failed(w, "pushing tasks");
		break;
	case SYNC_QUEUE:
		worker_service_redis_failed(w, "pushing tasks");
		break;
	case SYNC_OK:
		break;
	}
}

static void delete (struct worker *w)
{
	int n = due_delete(w->services.db);

	if (n == -1)
		worker_service_db_failed(w, "deleting documents");
	if (n > 0)
		cli_note("%d documents deleted, as their sources lack them", n);
}

void
worker_due(struct worker *w)
{
	struct due due;

	if (w->now < w->due.look_at)
		return;
	w->due.look_at = w->now + (w->held.n > 0 ? BUSY : IDLE);
	if (due_look(w->services.db, w->options.queues, w->options.n_queues,
		&due) == -1) {
		worker_service_db_failed(w, "looking for work");
		return;
	}
	push(w, &due);
	if (due.deletions)
		delete (w);
	free(due.tasks);
}
