/*
 * Documents that wait for their deletion: shown, kept, or deleted now. With
 * --older-than, history is deleted instead (retention.c).
 */
#include <string.h>

#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "retention.h"
#include "show.h"
#include "source_print.h"
#include "store/deletion.h"
#include "tool/cli.h"
#include "tool/table.h"

struct prune_options {
	int undo, now;
	const char *url;
	struct retention_options old;
};

#define TO(member) OPTION_TO(struct prune_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_FLAG, .name = "undo", TO(undo),
	.help = "keep them: they wait no longer"},
    {OPTION_FLAG, .name = "now", TO(now),
	.help = "delete them now, with their chunks in every collection"},
    {OPTION_NAME, .name = "url", .argument = "URL", TO(url),
	.help = "this document only"},
    {OPTION_DURATION, .name = "older-than", .argument = "DURATION",
	TO(old.older), .low = 0, .high = 36500LL * OPTION_DAY,
	.help = "delete what ended longer ago than this, as 30d: jobs, events, "
		"notifications, workers, tasks in Redis"},
    {OPTION_TEXT, .name = "status", .argument = "STATUS,...", TO(old.status),
	.help = "of it, only jobs that are completed, partial, failed or "
		"canceled, and nothing else"},
    {OPTION_FLAG, .name = "dry-run", TO(old.dry_run),
	.help = "only count what would be deleted"},
    JOBCTL_ROWS};
/* clang-format on */

static void
print(struct jobctl *c, const struct db_result *r)
{
	static const struct jobctl_column columns[] = {
	    {"id", NULL, JOBCTL_TEXT, 0},
	    {"url", "URL", JOBCTL_TEXT, TABLE_TAIL},
	    {"title", "TITLE", JOBCTL_TEXT, TABLE_FLEX},
	    {"seen_at", NULL, JOBCTL_TEXT, 0},
	    {"delete_at", "DELETED AT", JOBCTL_TEXT, 0},
	    {NULL, "SEEN", JOBCTL_AGO, 0}};

	if (db_rows(r) > 0)
		jobctl_print_rows(c, r, "document", columns,
		    sizeof(columns) / sizeof(*columns));
}

static struct db_result *
act(struct jobctl *c, const struct prune_options *o, const char *source)
{
	if (o->undo)
		return deletion_undo(c->db, source, o->url);
	if (o->now)
		return deletion_now(c->db, source, o->url);
	return deletion_list(c->db, source, o->url);
}

/* Check which of the two forms of the command the options and the source make.
 */
static void
check_form(const struct prune_options *o, const char *source)
{
	if (o->old.older >= 0) {
		if (source != NULL || o->undo || o->now || o->url != NULL)
			cli_usage("--older-than deletes the history of all "
				  "sources: it takes no SOURCE and no --undo, "
				  "--now or --url");
	} else if (o->old.status != NULL || o->old.dry_run) {
		cli_usage("--status and --dry-run need --older-than");
	} else if (source == NULL) {
		cli_usage("say a SOURCE, or --older-than DURATION");
	}
}

static int
prune(struct jobctl *c)
{
	struct prune_options o = {.old.older = -1};
	const char *source = *jobctl_parse(c, &o);
	struct db_result *r;
	int found;

	check_form(&o, source);
	if (o.old.older >= 0)
		return jobctl_retention(c, &o.old);
	if (o.undo && o.now)
		cli_usage("--undo and --now: one of them");
	jobctl_open(c);
	found = deletion_has_source(c->db, source);
	if (found == -1)
		jobctl_die(c);
	if (found == 0)
		source_unknown(source);
	r = act(c, &o, source);
	if (r == NULL)
		jobctl_die(c);
	print(c, r);
	if (o.url != NULL && db_rows(r) == 0)
		cli_die(CLI_FAILED,
		    "document '%s' does not wait for its deletion", o.url);
	if (o.undo || o.now)
		cli_warn("%d documents %s", db_rows(r),
		    o.undo ? "are kept" : "deleted");
	else if (db_rows(r) == 0)
		cli_warn("no document waits for its deletion");
	db_result_free(r);
	return CLI_DONE;
}

const struct jobctl_command jobctl_prune = {
    .options = {.name = "prune",
	.usage = "[OPTION]... SOURCE | --older-than DURATION [OPTION]...",
	.summary = "documents that wait for their deletion; or old history",
	.about = "With SOURCE: the documents that a complete listing lacked "
		 "('source set\n"
		 "--prune'). They are deleted after the grace time of the "
		 "source, unless they\n"
		 "come again before.\n"
		 "\n"
		 "With --older-than: delete the history of all sources. Open "
		 "jobs, the latest\n"
		 "job of each source, documents and chunks stay.\n",
	.rows = rows},
    .most = 1,
    .arguments = "SOURCE",
    .run = prune};
