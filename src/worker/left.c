#include "left.h"

#include <string.h>

#include "net/db.h"
#include "net/db_result.h"
#include "service.h"
#include "store/collection_name.h"
#include "store/pause.h"
#include "store/task.h"
#include "tool/pause_notice.h"
#include "worker.h"

/* Count the tasks that a burst may leave. 0 or -1. */
static int
look_at_tasks(struct worker *w)
{
	struct worker_claims *c = &w->claims;
	const struct worker_options *o = &w->options;
	struct task_queues queues = {o->queues, o->n_served, o->base_queues,
	    o->no_unbound ? 0 : o->n_queues};

	c->later_tasks = 0;
	c->open_tasks = task_open(w->services.db, &queues, w->refused.ids,
	    w->refused.n, &c->paused_tasks);
	if (c->open_tasks == 0)
		c->later_tasks = task_later(w->services.db, o->queues,
		    o->n_served, w->refused.ids, w->refused.n, c->first);
	if (c->open_tasks == -1 || c->later_tasks == -1) {
		worker_service_db_failed(w, "counting tasks");
		return -1;
	}
	return 0;
}

int
worker_left_nothing(struct worker *w)
{
	if (look_at_tasks(w) == -1)
		return 0;
	if (w->claims.open_tasks > 0)
		return w->claims.suspended && worker_service_redis_gives(w);
	return w->claims.later_tasks == 0 || !w->options.wait;
}

/*
 * Whether the pause holds tasks of the worker's queue k. A pause of Q holds
 * those of Q@C, too, but a parked Q does not.
 */
static int
holds(const struct worker_options *o, size_t k, const struct pause *pause)
{
	return strcmp(pause->queue, o->queues[k]) == 0 ||
	       (strcmp(pause->queue, o->base_queues[k]) == 0 &&
		   pause->probe_seconds == 0);
}

/* Report why tasks are left in paused queues. */
static void
tell_paused(const struct worker *w)
{
	struct pause *pauses;
	size_t n;

	cli_warn("tasks left in paused queues: %lld",
	    (long long)w->claims.paused_tasks);
	if (pause_list(w->services.db, &pauses, &n) == -1)
		return;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < w->options.n_queues; k++)
			if (pauses[i].reason != NULL &&
			    holds(&w->options, k, &pauses[i]))
				pause_notice(pauses[i].queue, pauses[i].reason);
	pause_list_free(pauses, n);
}

/* Report the tasks of other collections in the queues, and who takes them. */
static void
tell_elsewhere(const struct worker *w)
{
	const struct worker_options *o = &w->options;
	struct db_result *r = task_elsewhere(w->services.db, o->base_queues,
	    o->n_queues, o->collection,
	    !o->no_unbound || strcmp(o->collection, COLLECTION_DEFAULT) == 0);

	for (int i = 0; r != NULL && i < db_rows(r); i++) {
		const char *name = db_text(r, i, 0);

		if (*name == '\0')
			cli_warn("tasks left of jobs for no collection yet: "
				 "%s: 'pl worker' takes them",
			    db_text(r, i, 1));
		else
			cli_warn("tasks left for collection %s: %s: 'pl worker "
				 "--collection %s' takes them",
			    name, db_text(r, i, 1), name);
	}
	db_result_free(r);
}

enum cli_status
worker_left_tell(const struct worker *w)
{
	const struct worker_claims *c = &w->claims;

	tell_elsewhere(w);
	if (c->paused_tasks > 0)
		tell_paused(w);
	if (c->later_tasks > 0)
		cli_warn("tasks left that are due later: %lld, the first at "
			 "%s: --wait waits for them",
		    (long long)c->later_tasks, c->first);
	if (w->refused.n > 0)
		cli_warn(
		    "tasks left that the database refuses: %zu", w->refused.n);
	if (w->refused.n > 0)
		return CLI_FAILED;
	/* A suspension was already reported. */
	return c->open_tasks + c->paused_tasks + c->later_tasks > 0
		   ? CLI_UNAVAILABLE
		   : CLI_DONE;
}
