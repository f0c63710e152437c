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

int
jobctl_sync(struct jobctl *c, int argc, char **argv)
{
	enum { DRY_RUN = JOBCTL_OPT_FIRST };
	static const struct option table[] = {
	    {"dry-run", no_argument, NULL, DRY_RUN}, JOBCTL_OPTIONS};
	static const struct table_column columns[] = {
	    {"REPAIR", 0}, {"TASK OR COUNT", 0}, {"WHAT WAS DONE", TABLE_WRAP}};
	struct syncing s = {.c = c};
	struct mend_options options = {.report = print_repair, .argument = &s};
	const char *error = NULL;
	struct queue *queue;
	struct mend_counts counts = {0};
	enum sync_failure failure;
	int opt;

	while ((opt = jobctl_next(c, argc, argv, table)) != -1)
		if (opt == DRY_RUN)
			options.dry_run = 1;
	jobctl_expect(argc, 0, 0, "");
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
	cli_warn("%llu %s", (unsigned long long)counts.repaired,
	    options.dry_run ? "repairs would be made" : "repairs made");
	if (counts.refused > 0)
		cli_warn("%llu that the database refuses",
		    (unsigned long long)counts.refused);
	/* What was done is said, also when the rest could not be. */
	record_out_flush(c->out);
	if (failure == SYNC_DB)
		jobctl_die(c);
	if (failure == SYNC_QUEUE || error != NULL)
		cli_die(jobctl_redis_away(c) ? CLI_UNAVAILABLE : CLI_FAILED,
		    "Redis: %s: only Postgres was looked at",
		    queue ? queue_error(queue) : error);
	return counts.refused > 0 ? CLI_PARTIAL : CLI_DONE;
}
