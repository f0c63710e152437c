/* pl-worker - claim tasks, feed a pipeline of stages, keep the ledger */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/stop.h"
#include "net/db.h"
#include "queue/claim.h"
#include "queue/options.h"
#include "queue/queue.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "worker/answers.h"
#include "worker/claim.h"
#include "worker/due.h"
#include "worker/feed.h"
#include "worker/flight.h"
#include "worker/hear.h"
#include "worker/ingest.h"
#include "worker/items.h"
#include "worker/lease.h"
#include "worker/ledger.h"
#include "worker/left.h"
#include "worker/options.h"
#include "worker/parent.h"
#include "worker/pipeline.h"
#include "worker/recover.h"
#include "worker/service.h"
#include "worker/worker.h"

enum { LOG_PATIENCE = 100 /* ms to wait for the reader of standard error */ };

/* Stages are first looked for beside this program. */
static void
add_own_folder_to_path(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *path = getenv("PATH");
	struct buf b = {0};
	char *slash;

	if (n <= 0)
		return;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	buf_printf(&b, "%s:%s", self, path ? path : "/usr/bin:/bin");
	setenv("PATH", b.data, 1);
	buf_free(&b);
}

static void
open_all(struct worker *w)
{
	struct queue_options options = {.plain = w->options.plain_wip,
	    .function = cli_env("PL_FUNCTION", NULL)};
	/* A stop takes at most --grace and five seconds, less a reserve. */
	struct db_limits limits = {.stopping = 3, .stop = 4.5};
	uint8_t random[DIGEST_UUID];
	int is_away;

	gethostname(w->host, sizeof(w->host) - 1);
	w->pid = (int)getpid();
	digest_uuid7(random);
	if (w->options.name != NULL)
		snprintf(w->name, sizeof(w->name), "%s", w->options.name);
	else
		snprintf(w->name, sizeof(w->name), "%s.%d.%02x%02x", w->host,
		    w->pid, random[14], random[15]);
	w->services.db_away.seconds =
	    w->options.burst ? (double)w->options.retry_for / 1000 : -1;
	limits.stop += (double)w->options.grace / 1000;
	worker_service_now(w);
	w->services.queue = connect_queue(&options, &is_away);
	if (is_away)
		worker_service_redis_failed(w, "connecting");
	w->services.db = connect_database(w->services.db_away.seconds, &limits);
	w->flight.pipeline =
	    worker_pipeline_new(w->options.command, w->options.max_record);
	worker_items_init(&w->held.waiting);
	worker_items_init(&w->flight.documents);
}

/* Milliseconds until the next timer, at most limit. */
static int
until_next(const struct worker *w, int limit)
{
	enum { INGEST = 20 /* between looks at the pipeline of ingest */ };
	double at = w->beat_at;
	int ms;

	if (worker_ingest_is_running(w) && limit > INGEST)
		limit = INGEST;

	if (w->results.n > 0 && w->results.due_at < at)
		at = w->results.due_at;
	ms = (int)((at - w->now) * 1000) + 1;
	if (ms < 0)
		ms = 0;
	return ms < limit ? ms : limit;
}

/* No task is held: wait for work. 1 when a burst has nothing left. */
static int
wait_for_work(struct worker *w)
{
	/*
	 * New work in Redis ends the wait within 100 ms. Without --wait a
	 * burst waits only that long, because it may be over when the tasks of
	 * other workers end.
	 */
	int is_short = w->options.burst && !w->options.wait;
	int ms = until_next(w, is_short ? 100 : 1000);

	/* Tasks may still come from Redis, though its lists seem empty. */
	if (w->claims.asked_at > 0 || worker_claim_may_go_on(w))
		return 0;
	if (w->options.burst && !worker_ingest_is_running(w) &&
	    worker_left_nothing(w) && !worker_due_is_left(w))
		return 1;
	if (!worker_service_redis_gives(w) ||
	    queue_wait(w->services.queue, w->options.queues,
		w->options.n_queues, ms) == -1)
		worker_flight_wait(w, ms < 200 ? ms : 200);
	return 0;
}

static void
work_until_told(struct worker *w)
{
	while (!stop_requested() && *w->fatal == '\0') {
		worker_service_now(w);
		worker_lease_beat_if_due(w, w->held.n > 0 ? "busy" : "idle");
		worker_recover(w);
		worker_due(w);
		worker_ingest(w);
		worker_hear(w);
		worker_answers(w);
		worker_claim(w);
		worker_feed(w);
		/* After feed, so that the pipeline works meanwhile. */
		worker_ledger_flush_if_due(w);
		if (w->held.n > 0)
			worker_flight_wait(w, until_next(w, 50));
		else if (wait_for_work(w))
			return;
	}
}

/* Wait for documents in flight, within --grace; hand the rest back. */
static void
drain(struct worker *w)
{
	/*
	 * The grace begins with the signal, even if a server was silent then.
	 */
	double until = worker_service_now(w) - stop_age() +
		       (double)w->options.grace / 1000;

	while (
	    w->flight.documents.n > 0 && w->now < until && *w->fatal == '\0') {
		worker_lease_beat_if_due(w, "stopping");
		worker_answers(w);
		worker_flight_wait(w, until_next(w, 50));
		worker_service_now(w);
	}
	if (w->flight.documents.n > 0)
		worker_flight_abort(w);
	worker_ingest_stop(w);
	worker_due_stop(w);
	worker_ledger_flush(w);
	if (w->held.n > 0)
		cli_note("%zu tasks are handed back", w->held.n);
	worker_claim_release(w);
}

static void
close_all(struct worker *w)
{
	worker_pipeline_free(w->flight.pipeline);
	queue_close(w->services.queue);
	db_close(w->services.db);
	free(w->results.result);
}

int
main(int argc, char **argv)
{
	static struct worker w;
	struct buf command = {0};
	enum cli_status left = CLI_DONE;

	cli_start("pl-worker");
	worker_options_parse(argc, argv, &w.options, &command);
	worker_parent_reap_all();
	cli_set_patience(LOG_PATIENCE);
	add_own_folder_to_path();
	signal(SIGPIPE, SIG_IGN);
	stop_catch();
	worker_parent_follow();
	open_all(&w);

	worker_service_now(&w);
	worker_lease_register(&w);
	work_until_told(&w);
	drain(&w);
	worker_lease_retire(&w);
	if (w.options.burst && *w.fatal == '\0' && !stop_requested())
		left = worker_left_tell(&w);

	close_all(&w);
	if (*w.fatal != '\0')
		cli_warn("the pipeline cannot run: %s: %s: its tasks were "
			 "handed back",
		    w.options.command, w.fatal);
	buf_free(&command);
	if (*w.fatal != '\0')
		return CLI_FAILED;
	return left;
}
