/* pl-jobctl sync: bring Postgres and Redis together again. */
#include "store/sync.h"

#include <stdlib.h>

#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "queue.h"
#include "queue/queue.h"
#include "record/record_out.h"
#include "show.h"
#include "tool/cli.h"
#include "tool/table.h"

struct syncing {
	struct jobctl *c;
	struct table *table; /* or NULL */
};

static void
print_repair(void *argument, const struct mend_repair *r)
{
	struct syncing *s = argument;

	if (s->table != NULL) {
		table_cell(s->table, r->what);
		if (r->task != NULL || r->job != NULL)
			table_cell(s->table, r->task ? r->task : r->job);
		else
			table_cellf(
			    s->table, "%llu", (unsigned long long)r->count);
		table_cell(s->table, r->message);
		return;
	}
	jobctl_put_repair(s->c, &(struct jobctl_repair){.what = r->what,
				    .task = r->task,
				    .job = r->job,
				    .count = r->count,
				    .message = r->message});
}

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_FLAG, .name = "dry-run", OPTION_TO(struct mend_options, dry_run),
	.help = "only report"},
    JOBCTL_ROWS};
/* clang-format on */

static int
synchronize(struct jobctl *c)
{
	static const struct table_column columns[] = {
	    {"REPAIR", 0}, {"TASK OR COUNT", 0}, {"WHAT WAS DONE", TABLE_WRAP}};
	struct syncing s = {.c = c};
	struct mend_options options = {.report = print_repair, .argument = &s};
	const char *error = NULL;
	struct queue *queue;
	struct mend_counts counts = {0};
	enum sync_failure failure;

	jobctl_parse(c, &options);
	jobctl_open(c);
	queue = jobctl_queue(c, &error);
	if (jobctl_wants_table(c))
		s.table = table_new(columns, 3);
	if (queue != NULL && queue_is_none(queue))
		queue = NULL;
	failure = sync_run(c->db, queue, &options, &counts);
	if (s.table != NULL && counts.repaired + counts.refused > 0)
		jobctl_print_table(c, s.table);
	else
		table_free(s.table);
	/* Nothing to say in the mail of a cron job that found nothing. */
	if (counts.repaired > 0)
		cli_warn("%llu repair%s %s",
		    (unsigned long long)counts.repaired,
		    counts.repaired == 1 ? "" : "s",
		    options.dry_run ? "would be made" : "made");
	if (counts.refused > 0)
		cli_warn("%llu that the database refuses",
		    (unsigned long long)counts.refused);
	/* Print the repairs that were made, also if a server failed later. */
	record_out_flush(c->out);
	if (failure == SYNC_DB)
		jobctl_die(c);
	if (failure == SYNC_QUEUE || error != NULL)
		cli_die(jobctl_redis_away(c) ? CLI_UNAVAILABLE : CLI_FAILED,
		    "Redis: %s: only Postgres was examined",
		    queue ? queue_error(queue) : error);
	return counts.refused > 0 ? CLI_PARTIAL : CLI_DONE;
}

const struct jobctl_command jobctl_sync = {
    .options = {.name = "sync",
	.usage = "[OPTION]...",
	.summary = "repair what Postgres and Redis do not agree on",
	.about = "Pushes tasks that Redis lost, frees those of dead workers, "
		 "closes jobs\n"
		 "that are done. A record for every repair. Workers do the "
		 "same every 30 s;\n"
		 "any number may at once.\n",
	.rows = rows},
    .run = synchronize};
