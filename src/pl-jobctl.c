/* pl-jobctl - the job manager: state, retry, cancel, health, metrics */
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
#include "tool/option_parse.h"
#include "tool/output.h"

static const struct jobctl_command *const commands[] = {&jobctl_init,
    &jobctl_create, &jobctl_start, &jobctl_progress, &jobctl_complete,
    &jobctl_fail, &jobctl_cancel, &jobctl_retry, &jobctl_status, &jobctl_list,
    &jobctl_documents, &jobctl_wait, &jobctl_verify, &jobctl_sync,
    &jobctl_metrics, &jobctl_health, &jobctl_source, &jobctl_sources,
    &jobctl_collection, &jobctl_events, &jobctl_prune, &jobctl_notify,
    &jobctl_workers, &jobctl_queues, &jobctl_pause, &jobctl_resume,
    &jobctl_grant, &jobctl_revoke, &jobctl_version, &jobctl_doctor, NULL};

enum { COMMANDS_MAX = sizeof(commands) / sizeof(*commands) };

static const char about[] =
    "The job manager: shows and changes the state of jobs in Postgres.\n"
    "\n"
    "Commands ('pl-jobctl COMMAND --help' tells more):\n";

static const char more[] = JOBCTL_JOB_HELP
    "Tables on a terminal, records (pl-record(5)) elsewhere.\n"
    "\n"
    "Environment: PL_DATABASE_URL, PL_REDIS_URL (else DATABASE_URL, "
    "REDIS_URL).\n"
    "Exit status: 0 done, 1 failed, 2 usage, 3 partly refused or failed,\n"
    "75 a service was unavailable.\n"
    "\n"
    "Examples:\n"
    "  pl-jobctl init                      once, before anything else\n"
    "  pl-jobctl list --status open        what goes on\n"
    "  pl-jobctl wait handbook             until its latest job has ended\n"
    "  pl-jobctl documents latest --failed what failed, and why\n"
    "  pl-jobctl retry latest --class transient\n";

/* A command may wait long for a lock: tell the user what it waits for. */
static void
tell_wait(void *argument, const char *what)
{
	(void)argument;
	cli_warn("Postgres: %s: waiting for it", what);
}

/* Both servers refuse text that is not UTF-8, but only when they are asked. */
static void
check_encoding(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (utf8_valid(argv[i], strlen(argv[i])) < strlen(argv[i]))
			cli_usage("argument %d is not valid UTF-8", i);
}

/*
 * Find the command among those of set, and give it the arguments behind its
 * name. title gets the name, for messages.
 */
static void
choose_among(struct jobctl *c, struct option_set set,
    const struct jobctl_command *const *among, struct buf *title)
{
	const struct option_set *sets[COMMANDS_MAX] = {NULL};
	int first;

	for (size_t i = 0; among[i] != NULL; i++)
		sets[i] = &among[i]->options;
	set.commands = sets;
	first = option_parse(&set, c->argc, c->argv, NULL);
	if (first == c->argc)
		cli_usage("a command is missing");
	c->command = among[option_parse_command(&set, c->argv[first])];
	c->argc -= first;
	c->argv += first;
	buf_printf(title, " %s", c->command->options.name);
	cli_set_name(title->data);
}

/* Find the command; it may have two words. */
static void
choose(struct jobctl *c, struct buf *title)
{
	struct option_set set = {.usage = "[OPTION]... COMMAND [ARGUMENT]...",
	    .about = about,
	    .more = more,
	    .rows = jobctl_plain_rows};

	buf_puts(title, "pl-jobctl");
	choose_among(c, set, commands, title);
	while (c->command->commands != NULL)
		choose_among(
		    c, c->command->options, c->command->commands, title);
}

int
main(int argc, char **argv)
{
	struct jobctl c = {.argc = argc, .argv = argv};
	struct buf title = {0};
	int status;

	cli_start("pl-jobctl");
	choose(&c, &title);
	check_encoding(c.argc, c.argv);
	c.db = connect_handle();
	db_wait_for_locks(c.db, tell_wait, NULL);
	c.out = record_out_open(STDOUT_FILENO);

	status = c.command->run(&c);

	jobctl_close(&c);
	output_close(c.out);
	db_close(c.db);
	cli_set_name("pl-jobctl");
	buf_free(&title);
	return status;
}
