/* pl-jobctl - the job manager: state, retry, cancel, health, metrics */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "jobctl/commands.h"
#include "jobctl/jobctl.h"
#include "jobctl/queue.h"
#include "net/db.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/output.h"

/* clang-format off */
static const struct jobctl_command commands[] = {
{"init", jobctl_init, "",
    "create or upgrade the tables in Postgres",
    "May be run at any time, by any number at once: what is there stays.\n"},
{"create", jobctl_create, "[--source NAME] [OPTION...]",
    "make an open job without documents, print its record",
    "For programs that do the work themselves: add documents with 'progress',\n"
    "end the job with 'complete'. (pl-enqueue makes its jobs itself.)\n\n"
    "  --source NAME         where its documents come from\n"
    "  --type TYPE           a word of your own [process_documents]\n"
    "  --details JSON        an object that is kept with the job\n"
    "  --unique KEY          if a job with KEY is open, print that one instead\n"
    "  --timeout DURATION    the work is wanted for so long [1h]\n"
    "  --max-attempts N      attempts per document [3]\n"},
{"start", jobctl_start, "JOB",
    "mark a pending or queued job as in progress",
    "Only one of two that start the same job succeeds.\n"},
{"progress", jobctl_progress, "JOB [--document ID|URL --status STATUS ...]",
    "record what became of documents of a job",
    "Without --document, reads records on standard input, takes what 'stored'\n"
    "and 'error' records say, and passes every record on.\n\n"
    "  --document ID|URL     a document's id, or a url in the job's source,\n"
    "                        which is added if it is new\n"
    "  --status STATUS       pending, processing, stored, unchanged or failed\n"
    "  --stage NAME          where it is, or where it failed\n"
    "  --message TEXT        why it failed\n"
    "  --class CLASS         transient, throttled, quota, input, config or\n"
    "                        internal [internal]\n"
    "  --chunks N            chunks that were stored\n"
    "  --max-record SIZE     longest line on standard input [64MiB]\n"
    "  --invalid replace|reject  what to do with invalid UTF-8 [replace]\n"},
{"complete", jobctl_complete, "JOB",
    "close a job all of whose documents are done",
    "No more documents can be added. If some of them failed the job is then\n"
    "partial, if all did it is failed.\n"},
{"fail", jobctl_fail, "JOB --message TEXT",
    "close a job as failed, with the reason",
    "Documents that are not done fail with it; its tasks are canceled.\n\n"
    "  --message TEXT        why\n"
    "  --class CLASS         transient, throttled, quota, input, config or\n"
    "                        internal [internal]\n"
    "  --code WORD           a short word for programs [job_failed]\n"},
{"cancel", jobctl_cancel, "JOB",
    "stop a job: what is not done is canceled",
    "Workers notice within one heartbeat (5 s). The job ends as canceled if\n"
    "nothing of it was stored, else as partial.\n"},
{"retry", jobctl_retry, "JOB [--failed|--all|--document ID|URL|--class CLASS]",
    "process documents of a job once more",
    "Without an option: the failed and the canceled ones. Their attempts count\n"
    "from the beginning, and an ended job is queued again.\n\n"
    "  --failed              failed documents only\n"
    "  --all                 all documents that are not waiting or in flight\n"
    "  --document ID|URL     this one\n"
    "  --class CLASS         documents that failed with this class of error\n"
    "  --batch N             documents in a task [50]\n"},
{"status", jobctl_status, "JOB",
    "the account of one job",
    "documents = stored + unchanged + failed + canceled + waiting + in flight,\n"
    "at every instant.\n"},
{"list", jobctl_list, "[--source NAME] [--status STATUS,...] [--limit N]",
    "jobs, the newest first",
    "  --source NAME         of this source only\n"
    "  --status STATUS,...   pending, queued, in_progress, completed, partial,\n"
    "                        failed, canceled; or open, ended\n"
    "  --limit N             so many at most, 0 for all [20]\n"},
{"documents", jobctl_documents, "JOB|--failed [--status STATUS,...]",
    "documents of a job: records to process again, or a table",
    "In a pipe, document records with their content, for the other tools:\n"
    "pl-jobctl documents JOB --failed | pl-chunk | pl-embed | pl-store\n\n"
    "  --failed              the same as --status failed; without JOB, what is\n"
    "                        failed now, of all jobs\n"
    "  --drop                with --failed: print them, then give them up; the\n"
    "                        jobs' accounts stay as they are\n"
    "  --status STATUS,...   pending, processing, stored, unchanged, failed,\n"
    "                        canceled\n"
    "  --class CLASS         that failed with this class of error\n"
    "  --document ID|URL     this one\n"
    "  --ledger              in a pipe, job_document records instead: state,\n"
    "                        attempts, stage, error and times of each\n"
    "  --limit N             so many at most, 0 for all [0]\n"},
{"wait", jobctl_wait, "JOB [--timeout DURATION]",
    "wait until a job has ended; its fate is the exit status",
    "0 completed, 3 partial, 1 failed or canceled, 75 it goes on after the\n"
    "timeout or Postgres stayed away. Then prints the job as 'status' does.\n\n"
    "  --timeout DURATION    wait no longer than this\n"
    "  --progress            show progress also if this is no terminal\n"
    "  --quiet               show none, and do not print the job\n"
    "  --not-paused          75 also when all that is left waits in a paused\n"
    "                        queue\n"},
{"verify", jobctl_verify, "[JOB] [--fix]",
    "check the account: a record for every violation, then exit 1",
    "Conservation law, counts against rows, work that nobody does, stored\n"
    "documents without chunks, chunks of deleted ones or with other metadata,\n"
    "duplicates. Each says what to do.\n\n"
    "  --fix                 repair what can be, with a record for every repair,\n"
    "                        then check; without it nothing is changed\n"},
{"sync", jobctl_sync, "[--dry-run]",
    "repair what Postgres and Redis do not agree on",
    "Pushes tasks that Redis lost, frees those of dead workers, closes jobs\n"
    "that are done. A record for every repair. Workers do the same every 30 s;\n"
    "any number may at once.\n\n"
    "  --dry-run             only report\n"},
{"metrics", jobctl_metrics, "[--prometheus] [--output FILE]",
    "numbers for a monitoring system",
    "  --prometheus          Prometheus text instead of a JSON record\n"
    "  --output FILE         write FILE at once, under a new name first: for\n"
    "                        the textfile collector of node_exporter\n"
    "  --window DURATION     rates and seconds per document of so long [1h]\n"},
{"health", jobctl_health, "[--max-age DURATION]",
    "one line per component: Postgres, schema, Redis, jobs, workers ...",
    "Exit status 0 if all is well, 1 if somebody must act, 75 if a service is\n"
    "away.\n\n"
    "  --max-age DURATION    how long work may wait [15m]\n"},
{"sources", jobctl_sources, "",
    "sources with their documents and latest job", ""},
{"workers", jobctl_workers, "",
    "workers and when they were heard from", ""},
{"queues", jobctl_queues, "",
    "queues: tasks in Postgres and in Redis, oldest wait, pauses", ""},
{"pause", jobctl_pause, "QUEUE [--reason TEXT]",
    "let no worker take tasks from a queue",
    "Tasks in progress are finished.\n\n"
    "  --reason TEXT         shown by 'queues' and 'health'\n"},
{"resume", jobctl_resume, "QUEUE",
    "let workers take tasks from a queue again", ""},
{NULL, NULL, NULL, NULL, NULL},
};
/* clang-format on */

enum { WIDTH = 80 };

static const char help_head[] =
    "usage: pl-jobctl [--json|--table] COMMAND [ARGUMENT...]\n"
    "\n"
    "The job manager: shows and changes the state of jobs in Postgres.\n"
    "\n"
    "Commands ('pl-jobctl COMMAND --help' tells more):\n";

static const char help_tail[] =
    "\n"
    "JOB is an id, the beginning of one, the name of a source (its latest "
    "job),\n"
    "or 'latest'. Tables on a terminal, records (pl-record(5)) elsewhere.\n"
    "\n"
    "  --json                records also on a terminal\n"
    "  --table               tables also elsewhere\n"
    "  -v, --verbose         say more on standard error\n"
    "      --help, --version\n"
    "\n"
    "Environment: PL_DATABASE_URL, PL_REDIS_URL (else DATABASE_URL, "
    "REDIS_URL).\n"
    "Exit status: 0 done, 1 failed, 2 usage, 3 partly refused or failed,\n"
    "75 a service was unavailable.\n"
    "\n"
    "  pl-jobctl init                      once, before anything else\n"
    "  pl-jobctl list --status open        what goes on\n"
    "  pl-jobctl wait handbook             until its latest job has ended\n"
    "  pl-jobctl documents latest --failed what failed, and why\n"
    "  pl-jobctl retry latest --class transient\n";

static void
write_help(struct buf *b)
{
	buf_puts(b, help_head);
	for (const struct jobctl_command *m = commands; m->name; m++)
		buf_printf(b, "  %-10s %s\n", m->name, m->summary);
	buf_puts(b, help_tail);
}

static void
write_command_help(struct buf *b, const struct jobctl_command *m)
{
	buf_printf(b, "usage: pl-jobctl %s %s", m->name, m->arguments);
	buf_printf(b, "%s[--json|--table] [-v]\n\n",
	    b->len + 23 > WIDTH	    ? "\n        "
	    : *m->arguments != '\0' ? " "
				    : "");
	buf_printf(b, "%s: %s\n", m->name, m->summary);
	if (*m->help != '\0')
		buf_printf(b, "\n%s", m->help);
	if (strstr(m->arguments, "JOB") != NULL)
		buf_puts(b, "\nJOB is an id, the beginning of one, the name of "
			    "a source (its latest job),\nor 'latest'.\n");
	buf_puts(b, "\nSee pl-jobctl(1).\n");
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to insert, delete or replace to get from a to b (Levenshtein). */
static size_t
distance(const char *a, const char *b)
{
	enum { LONGEST = 32 };
	size_t row[LONGEST + 1], n = strlen(b);

	if (n > LONGEST || strlen(a) > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t replaced = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] =
			    smaller(replaced, smaller(row[j], row[j - 1]) + 1);
		}
	}
	return row[n];
}

static const struct jobctl_command *
find_command(const char *name)
{
	const struct jobctl_command *near = NULL;
	size_t least = 3;

	for (const struct jobctl_command *m = commands; m->name; m++) {
		size_t away = distance(name, m->name);

		if (away == 0)
			return m;
		if (away < least) {
			least = away;
			near = m;
		}
	}
	if (near != NULL)
		cli_usage(
		    "'%s' is no command: did you mean '%s'?", name, near->name);
	cli_usage("'%s' is no command", name);
}

/* Whoever waits at the terminal may wait long, but knows for what. */
static void
tell_wait(void *argument, const char *what)
{
	(void)argument;
	cli_warn("Postgres: %s: waiting for it", what);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {JOBCTL_OPTIONS};
	const struct jobctl_command *m;
	struct jobctl c = {0};
	struct buf help = {0}, command_help = {0};
	char title[64];
	int status;

	write_help(&help);
	cli_start("pl-jobctl", help.data);
	/* "+": what comes after the command is the command's. */
	while ((status = cli_next(argc, argv, "+:v", options)) != -1)
		c.form = status;
	if (optind == argc)
		cli_usage("a command is missing");
	m = find_command(argv[optind]);
	argc -= optind;
	argv += optind;
	optind = 0;
	/* Both servers would refuse such a name, but only when asked. */
	for (int i = 1; i < argc; i++)
		if (utf8_valid(argv[i], strlen(argv[i])) < strlen(argv[i]))
			cli_usage("argument %d is not valid UTF-8", i);

	write_command_help(&command_help, m);
	snprintf(title, sizeof(title), "pl-jobctl %s", m->name);
	cli_start(title, command_help.data);
	c.db = connect_handle();
	db_wait_for_locks(c.db, tell_wait, NULL);
	c.out = record_out_open(STDOUT_FILENO);

	status = m->run(&c, argc, argv);

	jobctl_close(&c);
	output_close(c.out);
	db_close(c.db);
	buf_free(&help);
	buf_free(&command_help);
	return status;
}
