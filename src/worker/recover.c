#include "recover.h"

#include <string.h>

#include "base/digest.h"
#include "queue/admin.h"
#include "refused.h"
#include "service.h"
#include "store/sync.h"
#include "tool/cli.h"
#include "worker.h"

/* Seconds between syncs: normally, and while Redis loses tasks. */
enum { SYNC = 30, SUSPECT_SYNC = 5 };

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

/* Note that a job cannot be repaired. Whether this was not reported yet. */
static int
is_news(struct worker *w, const char *job)
{
	uint8_t id[DIGEST_UUID];

	return job != NULL && digest_uuid_parse(job, strlen(job), id) == 0 &&
	       worker_refused_note(&w->recovery.jobs, w->now, id);
}

static void
note_repair(void *argument, const struct mend_repair *r)
{
	struct worker *w = argument;
	const char *id = r->job ? r->job : r->task ? r->task : "";

	if (is_news(w, r->job))
		cli_warn("sync: job %s: the database refuses its repair: %s",
		    r->job, r->message);
	else if (strcmp(r->what, "refused") == 0)
		/* A warning, as otherwise only RQ's own tools show it. */
		cli_warn("task %s: %s: filed as failed", r->task, r->message);
	else
		cli_note("sync: %s%s%s: %s", r->what, *id ? " " : "", id,
		    r->message);
}

/*
 * Free tasks whose leases have lapsed. All workers look; the first one repairs.
 */
static void
reap(struct worker *w)
{
	struct mend_options options = {.report = note_repair, .argument = w};
	struct mend_counts counts = {0};

	if (mend_leases(w->services.db, &options, &counts) == -1)
		worker_service_db_failed(w, "reaping");
	/* Tasks are pending again, and Redis may not have them: sync now. */
	if (counts.repaired > 0)
		w->recovery.sync_at = w->now;
	reap_redis(w);
}

void
worker_recover(struct worker *w)
{
	struct mend_options options = {.report = note_repair, .argument = w};
	struct mend_counts counts;
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
		reap(w);
		worker_refused_expire(&w->refused, w->now);
		worker_refused_expire(&w->recovery.jobs, w->now);
		w->recovery.reap_at = w->now + 5;
	}
	if (w->now < w->recovery.sync_at)
		return;
	w->recovery.sync_at =
	    w->now + (worker_service_redis_is_suspect(w) ? SUSPECT_SYNC : SYNC);
	is_up = !w->services.redis_down;
	switch (sync_run(w->services.db, is_up ? w->services.queue : NULL,
	    &options, &counts)) {
	case SYNC_DB:
		/* Finish the interrupted sync soon, not in 30 s. */
		w->recovery.sync_at = w->now + 1;
		worker_service_db_failed(w, "sync");
		break;
	case SYNC_QUEUE:
		worker_service_redis_failed(w, "sync");
		break;
	case SYNC_OK:
		if (is_up)
			worker_service_redis_lost(w, counts.lost);
		if (counts.lost > 0)
			w->recovery.sync_at = w->now + SUSPECT_SYNC;
		if (counts.repaired > 0)
			cli_note("sync: %llu repaired",
			    (unsigned long long)counts.repaired);
		break;
	}
}
