/* What is wrong with the configuration, with remedies. */
#include "store/doctor.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "commands.h"
#include "examine.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "queue.h"
#include "queue/stats.h"
#include "store/metrics.h"
#include "tool/cli.h"

extern char **environ;

static void
ask_database(struct examining *x)
{
	for (size_t i = 0; i < DOCTOR_CHECKS; i++) {
		struct db_result *r = doctor_ask(x->c->db, i);

		if (r == NULL)
			jobctl_die(x->c);
		for (int row = 0; row < db_rows(r); row++)
			examine_tell(x, doctor_name(i),
			    strcmp(db_text(r, row, 0), "fail") == 0
				? EXAMINED_BROKEN
				: EXAMINED_WARN,
			    db_text(r, row, 1));
		if (db_rows(r) == 0)
			examine_tell(
			    x, doctor_name(i), EXAMINED_OK, "nothing found");
		db_result_free(r);
	}
}

static void
ask_redis(struct examining *x)
{
	struct queue *q = x->c->queue;
	struct buf text = {0};
	char *old;

	if (q == NULL || jobctl_redis_away(x->c) || jobctl_redis_is_none(x->c))
		return;
	if (queue_save_failed(q))
		examine_tell(x, "redis", EXAMINED_WARN,
		    "its last save to disk failed, so a restart loses what is "
		    "queued until a sync: see its log, often the disk is full");
	old = queue_old_worker(q);
	if (old != NULL) {
		buf_printf(&text,
		    "worker %s is of an RQ before 2.0, which cannot read what "
		    "pl-worker writes: give 'pl-worker --wip plain', or "
		    "upgrade rq",
		    old);
		examine_tell(x, "rq", EXAMINED_WARN, text.data);
	}
	buf_free(&text);
	free(old);
}

/*
 * Start a search of the collection. *reader gets its standard error. The
 * process, or -1.
 */
static pid_t
start_search(const char *collection, FILE **reader)
{
	const char *argv[] = {
	    "pl-search", "--collection", collection, "-k", "1", "probe", NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int ends[2];

	if (pipe(ends) == -1)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	    &actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	if (posix_spawnp(&pid, argv[0], &actions, NULL,
		(char *const *)(uintptr_t)argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*reader = fdopen(ends[0], "r");
	return pid;
}

/* Run a search as a user does: it needs the provider, its key and the width. */
static void
probe(struct examining *x, const char *collection)
{
	struct buf text = {0};
	char line[1024] = "";
	int status = -1;
	FILE *reader = NULL;
	pid_t pid = start_search(collection, &reader);

	while (reader != NULL && fgets(line, sizeof(line), reader) != NULL)
		line[strcspn(line, "\n")] = '\0';
	if (reader != NULL)
		fclose(reader);
	if (pid != -1)
		waitpid(pid, &status, 0);
	buf_printf(&text, "collection %s: %s", collection,
	    status == 0 ? "a search works"
	    : *line	? line
			: "pl-search cannot be run: is it on PATH?");
	examine_tell(x, "provider", status == 0 ? EXAMINED_OK : EXAMINED_BROKEN,
	    text.data);
	buf_free(&text);
}

static void
probe_providers(struct examining *x)
{
	struct db_result *r = doctor_searchable(x->c->db);

	if (r == NULL)
		jobctl_die(x->c);
	for (int i = 0; i < db_rows(r); i++)
		probe(x, db_text(r, i, 0));
	db_result_free(r);
}

struct doctor_options {
	int no_probe;
};

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_FLAG, .name = "no-probe",
	OPTION_TO(struct doctor_options, no_probe),
	.help = "send nothing to providers of embeddings"},
    JOBCTL_ROWS};
/* clang-format on */

static int
doctor(struct jobctl *c)
{
	struct examining x = {.c = c, .type = "doctor"};
	struct doctor_options o = {0};
	struct metrics m = {0};

	jobctl_parse(c, &o);
	examine_begin(&x);
	if (examine_servers(&x, &m) == 0) {
		ask_database(&x);
		if (!o.no_probe)
			probe_providers(&x);
	}
	ask_redis(&x);
	metrics_free(&m);
	return examine_end(&x);
}

const struct jobctl_command jobctl_doctor = {
    .options = {.name = "doctor",
	.usage = "[OPTION]...",
	.summary = "what is wrong with the configuration, and what mends it",
	.about = "Looks at what health looks at, and at rights, row-level "
		 "security, time-outs,\n"
		 "pooler, pgvector, clocks, Redis and RQ, and searches each "
		 "collection once,\n"
		 "which asks its provider. Exit status as of health.\n",
	.rows = rows},
    .run = doctor};
