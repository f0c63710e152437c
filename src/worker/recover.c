#include "recover.h"

#include "queue/admin.h"
#include "service.h"
#include "store/sync.h"
#include "store/task_repair.h"
#include "tool/cli.h"
#include "worker.h"

static void
reap_redis(struct worker *w)
{
	for (size_t i = 0; i < w->options.n_queues && !w->services.redis_down;
	     i++)
		if (queue_reap(w->services.queue, w->options.queues[i], NULL) ==
		    -1)
			worker_service_redis_failed(w, "reaping");
}

static void
promote(struct worker *w)
{
	for (size_t i = 0; i < w->options.n_queues && !w->services.redis_down;
	     i++)
		if (queue_promote(w->services.queue, w->options.queues[i]) ==
		    -1)
			worker_service_redis_failed(w, "promoting");
}

static void
note_repair(void *argument, const struct sync_repair *r)
{
	(void)argument;
	cli_note("sync: %s%s%s: %s", r->what, r->task ? " " : "",
	    r->task ? r->task : "", r->message);
}

void
worker_recover(struct worker *w)
{
	struct sync_options options = {.report = note_repair};
	uint64_t repaired;
	int is_up = worker_service_redis_is_up(w);

	if (worker_service_redis_returned(w))
		w->recovery.sync_at = w->now;
	if (!is_up && w->now < w->recovery.sync_at)
		return;
	if (w->now >= w->recovery.promote_at) {
		promote(w);
		w->recovery.promote_at = w->now + 1;
	}
	if (w->now >= w->recovery.reap_at) {
		/* A dead worker's lease: everybody looks, whoever comes first.
		 */
		int reaped = task_reap(w->services.db);

		if (reaped == -1)
			worker_service_db_failed(w, "reaping");
		/* Redis may have lost what is pending again: tell it now. */
		if (reaped > 0)
			w->recovery.sync_at = w->now;
		reap_redis(w);
		w->recovery.reap_at = w->now + 5;
	}
	if (w->now < w->recovery.sync_at)
		return;
	w->recovery.sync_at = w->now + 30;
	switch (sync_run(w->services.db,
	    w->services.redis_down ? NULL : w->services.queue, &options,
	    &repaired)) {
	case SYNC_DB:
		worker_service_db_failed(w, "sync");
		break;
	case SYNC_QUEUE:
		worker_service_redis_failed(w, "sync");
		break;
	case SYNC_OK:
		if (repaired > 0)
			cli_note("sync: %llu repaired",
			    (unsigned long long)repaired);
		break;
	}
}
