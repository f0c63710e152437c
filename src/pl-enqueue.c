/* pl-enqueue - save documents and queue a job that processes them */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/stop.h"
#include "enqueue/enqueue.h"
#include "enqueue/feed.h"
#include "enqueue/listing.h"
#include "enqueue/options.h"
#include "enqueue/report.h"
#include "enqueue/save.h"
#include "net/db.h"
#include "queue/queue.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "store/intake.h"
#include "store/intake_job.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/output.h"
#include "tool/progress.h"

/* The tasks of the job that --job names are like its others. */
static void
join(struct enqueue *e)
{
	struct intake_options *docs = &e->options.docs;
	int found = intake_job_get(e->db, docs->job, &e->job);

	if (found == -1)
		connect_die(e->db);
	if (found == 0)
		cli_die(
		    CLI_FAILED, "--job %s: no such job", e->options.job_text);
	if (!e->job.is_open)
		cli_die(CLI_FAILED,
		    "job %s takes no more documents: it is "
		    "sealed, or has ended",
		    e->options.job_text);
	docs->queue = e->job.queue;
	docs->function = e->job.function;
	docs->collection = e->job.collection;
	docs->timeout_seconds = e->job.timeout_seconds;
}

static int
open_job_file(const char *path)
{
	int fd;

	if (path == NULL)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd == -1)
		cli_die(CLI_FAILED, "--job-file %s: %s", path, strerror(errno));
	return fd;
}

static void
open_all(struct enqueue *e)
{
	/* After a signal, earlier documents are saved and the job is sealed. */
	static const struct db_limits limits = {.stopping = 10, .stop = 30};
	int is_away;

	e->job_fd = open_job_file(e->options.job_file);
	e->away.seconds = e->options.retry_for;
	e->queue = connect_queue(NULL, &is_away);
	e->db = connect_database(e->away.seconds, &limits);
	if (is_away)
		enqueue_redis_failed(e);
	if (e->options.docs.job != NULL)
		join(e);
	e->docs = intake_open(e->db, &e->options.docs);
	e->in = record_in_open(STDIN_FILENO, &e->options.input);
	e->out = record_out_open(STDOUT_FILENO);
}

static void
close_all(struct enqueue *e)
{
	intake_close(e->docs);
	record_in_close(e->in);
	queue_close(e->queue);
	db_close(e->db);
	enqueue_listing_free(e);
	intake_job_free(&e->job);
	output_close(e->out);
}

/* The job that has the key of --unique, if it is open, is printed instead. */
static int
is_running(struct enqueue *e)
{
	char running[DIGEST_UUID_TEXT];
	int found;

	if (e->options.docs.unique_key == NULL)
		return 0;
	found = intake_find_unique(e->docs, running);
	if (found == -1)
		enqueue_die_of_database(e);
	if (found) {
		cli_warn("job %s with key '%s' is open: nothing is added",
		    running, e->options.docs.unique_key);
		enqueue_report_job(e, e->out, running);
	}
	return found;
}

/* End the work on the job, and print it. */
static void
end_job(struct enqueue *e)
{
	const struct enqueue_listing *l = &e->listing;

	if (intake_is_empty(e->docs) && !e->options.docs.dry_run) {
		if (!l->dropped && !l->crawls)
			cli_warn("no documents: no job was made");
		return;
	}
	/* Whoever runs the job's ingest task seals it. */
	if (e->options.docs.job != NULL)
		enqueue_cut(e);
	else
		enqueue_seal(e);
	if (e->options.docs.job == NULL)
		enqueue_report_unchanged(e);
	enqueue_report_copies(e);
	if (e->options.docs.dry_run)
		enqueue_report_dry_run(e);
	else
		enqueue_report_job(e, e->out, intake_job(e->docs));
}

static enum cli_status
status_of(const struct enqueue *e)
{
	const struct enqueue_listing *l = &e->listing;

	if (stop_requested())
		return CLI_UNAVAILABLE;
	/* For --job an error that is about no document is the job's own. */
	if (e->options.docs.job != NULL && l->has_error)
		return l->passes ? CLI_UNAVAILABLE : CLI_FAILED;
	return e->refused ? CLI_PARTIAL : CLI_DONE;
}

int
main(int argc, char **argv)
{
	struct enqueue e = {0};
	enum cli_status status;

	cli_start("pl-enqueue");
	enqueue_options_parse(argc, argv, &e.options);
	open_all(&e);
	if (is_running(&e)) {
		close_all(&e);
		return CLI_DONE;
	}
	stop_catch();
	progress_start(&e.progress, "documents", 0, e.options.progress);
	enqueue_listing_begin(&e);
	enqueue_feed(&e);
	enqueue_save(&e);
	enqueue_save_failures(&e);
	enqueue_report_early(&e);
	progress_end(&e.progress, intake_counted(e.docs).documents);
	if (stop_requested())
		cli_warn("interrupted: documents read so far are saved as this "
			 "job; the same input again is safe");
	else
		enqueue_listing_end(&e);
	end_job(&e);
	status = status_of(&e);
	close_all(&e);
	return status;
}
