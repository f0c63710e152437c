/* Wait for the end of a job. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "show.h"
#include "store/job_find.h"
#include "store/pause.h"
#include "store/state.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/pause_notice.h"
#include "tool/progress.h"

enum { AWAY_SECONDS = 30, ROOM = 1 /* cells for the cursor */ };

struct waiting {
	struct jobctl *c;
	uint8_t id[DIGEST_UUID];
	int shown;
	int not_paused;	 /* end when only a paused queue is left */
	double deadline; /* on time_now's clock; 0: none */
	double started;
	struct progress_rate rate;
};

/*
 * Show the progress in one line on standard error, which each call overwrites.
 */
static void
show(struct waiting *w, const struct db_result *r)
{
	const char *status = db_text(r, 0, JOB_STATUS);
	uint64_t all = (uint64_t)db_int(r, 0, JOB_DOCUMENTS);
	uint64_t left =
	    (uint64_t)(db_int(r, 0, JOB_WAITING) + db_int(r, 0, JOB_IN_FLIGHT));
	struct progress_line line = {.what = "documents",
	    .total = all,
	    .done = all - left,
	    .failed = (uint64_t)db_int(r, 0, JOB_FAILED)};
	struct buf text = {0};

	line.rate = progress_rate_note(&w->rate, time_now(), line.done);
	progress_line_put(&line, jobctl_width() - ROOM, &text);
	if (line.rate <= 0 && strcmp(status, "in_progress") != 0)
		buf_printf(&text, ", %s", status);
	progress_show(text.data);
	buf_free(&text);
}

static int
fate(const char *status)
{
	if (strcmp(status, "completed") == 0)
		return CLI_DONE;
	return strcmp(status, "partial") == 0 ? CLI_PARTIAL : CLI_FAILED;
}

/*
 * The job's row. NULL while Postgres is away, perhaps for a restart. Ends the
 * process when Postgres was away too long.
 */
static struct db_result *
ask(struct waiting *w, double *away_since)
{
	struct db_result *r = job_get(w->c->db, w->id);
	double now = time_now();

	if (r != NULL) {
		*away_since = 0;
		return r;
	}
	if (connect_status(w->c->db) != CLI_UNAVAILABLE)
		jobctl_die(w->c);
	if (*away_since == 0) {
		*away_since = now;
		cli_note("Postgres: %s", db_error(w->c->db));
	}
	if (now - *away_since > AWAY_SECONDS)
		jobctl_die(w->c);
	return NULL;
}

/*
 * Whether all that is left of the job waits in paused queues; prints a notice.
 */
static int
is_paused(const struct waiting *w)
{
	char *queue = NULL, *reason = NULL;
	int paused = pause_of_job(w->c->db, w->id, &queue, &reason) == 1;

	if (paused)
		pause_notice(queue, reason);
	free(queue);
	free(reason);
	return paused;
}

static void
sleep_until_next(const struct waiting *w, double elapsed)
{
	/*
	 * Short pauses at first, so that the end of a short job is seen soon.
	 */
	double seconds = fmin(1.0, 0.05 + elapsed / 20);

	if (w->deadline > 0)
		seconds = fmin(seconds, fmax(0, w->deadline - time_now()));
	time_sleep(seconds);
}

static int
wait_for_end(struct waiting *w)
{
	double away_since = 0;
	int status = -1;

	for (;;) {
		struct db_result *r = ask(w, &away_since);

		if (r != NULL && db_rows(r) == 0)
			cli_die(CLI_FAILED, "the job was deleted");
		if (r != NULL) {
			if (w->shown)
				show(w, r);
			if (state_has_ended(db_text(r, 0, JOB_STATUS)))
				status = fate(db_text(r, 0, JOB_STATUS));
		}
		db_result_free(r);
		if (status == -1 && w->not_paused && is_paused(w))
			break;
		if (status != -1 ||
		    (w->deadline > 0 && time_now() >= w->deadline))
			break;
		sleep_until_next(w, time_now() - w->started);
	}
	if (w->shown)
		progress_close();
	return status;
}

struct wait_options {
	int64_t timeout; /* ms, or -1 */
	int progress, quiet, not_paused;
};

#define TO(member) OPTION_TO(struct wait_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_DURATION, .name = "timeout", .argument = "DURATION", TO(timeout),
	.low = 0, .high = 365LL * OPTION_DAY, .help = "wait no longer than this"},
    OPTION_ROW_PROGRESS(struct wait_options, progress),
    {OPTION_FLAG, .name = "quiet", TO(quiet),
	.help = "show no progress, and do not print the job"},
    {OPTION_FLAG, .name = "not-paused", TO(not_paused),
	.help = "75 also when all that is left waits in a paused queue"},
    JOBCTL_ROWS};
/* clang-format on */

static int
wait_for_job(struct jobctl *c)
{
	/* A server that gives no answer counts as away, too. */
	static const struct db_limits limits = {.statement = AWAY_SECONDS};
	struct wait_options o = {.timeout = -1};
	struct waiting w = {.c = c};
	char **words = jobctl_parse(c, &o);
	int status;

	w.shown = !o.quiet && progress_wanted(o.progress);
	w.not_paused = o.not_paused;
	db_set_limits(c->db, &limits);
	jobctl_find(c, *words, w.id);
	w.started = time_now();
	if (o.timeout >= 0)
		w.deadline = w.started + (double)o.timeout / 1000;
	status = wait_for_end(&w);
	if (status == -1)
		cli_warn("the job has not ended yet");
	if (!o.quiet)
		jobctl_print_job(c, w.id);
	return status == -1 ? CLI_UNAVAILABLE : status;
}

const struct jobctl_command jobctl_wait = {
    .options = {.name = "wait",
	.usage = "[OPTION]... JOB",
	.summary = "wait until a job has ended; its fate is the exit status",
	.about = "0 completed, 3 partial, 1 failed or canceled, 75 it goes on "
		 "after the\n"
		 "timeout or Postgres stayed away. Then prints the job as "
		 "'status' does.\n",
	.more = JOBCTL_JOB_HELP,
	.rows = rows},
    JOBCTL_TAKES_JOB,
    .run = wait_for_job};
