/* Commands that show sources; all commands of sources. */
#include <string.h>

#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/record_out.h"
#include "show.h"
#include "source_change.h"
#include "source_print.h"
#include "store/job_find.h"
#include "store/job_print.h"
#include "store/listing.h"
#include "store/settings.h"
#include "tool/cli.h"
#include "tool/table.h"

/* Columns in the order of settings.sql, those of a table. */
static void
print_history(struct jobctl *c, const struct db_result *r)
{
	static const struct jobctl_column columns[] = {
	    {NULL, "JOB", JOBCTL_TEXT, 0}, {NULL, "STATUS", JOBCTL_TEXT, 0},
	    {NULL, "CAUSE", JOBCTL_TEXT, TABLE_FLEX},
	    {NULL, "DOCS", JOBCTL_INT, TABLE_RIGHT},
	    {NULL, "STORED", JOBCTL_INT, TABLE_RIGHT},
	    {NULL, NULL, JOBCTL_INT, 0},
	    {NULL, "SAME", JOBCTL_INT, TABLE_RIGHT},
	    {NULL, "FAILED", JOBCTL_INT, TABLE_RIGHT},
	    {NULL, NULL, JOBCTL_INT, 0}, {NULL, NULL, JOBCTL_TEXT, 0},
	    {NULL, NULL, JOBCTL_TEXT, 0}, {NULL, NULL, JOBCTL_TEXT, 0},
	    {NULL, NULL, JOBCTL_REAL, 0}, {NULL, "BEGAN", JOBCTL_AGO, 0}};

	jobctl_print_rows(
	    c, r, "job", columns, sizeof(columns) / sizeof(*columns));
}

struct history_options {
	int64_t limit;
};

/* clang-format off */
static const struct option_row history_rows[] = {
    {OPTION_NUMBER, .name = "limit", .argument = "N",
	OPTION_TO(struct history_options, limit), .low = 0, .high = 1000000000,
	.standard = "20", .help = "at most this many, 0 for all"},
    JOBCTL_ROWS};
/* clang-format on */

/* Records are those of 'list', so that one program reads both. */
static void
put_jobs(struct jobctl *c, const char *name, int64_t limit)
{
	struct job_filter filter = {.source = name, .limit = limit};
	struct db_result *r = job_list(c->db, &filter);

	if (r == NULL)
		jobctl_die(c);
	for (int i = 0; i < db_rows(r); i++)
		job_put(c->out, r, i);
	db_result_free(r);
}

static void
print_jobs(struct jobctl *c, const char *name, int64_t limit)
{
	struct db_result *r;

	if (!jobctl_wants_table(c)) {
		put_jobs(c, name, limit);
		return;
	}
	r = settings_history(c->db, name, limit);
	if (r == NULL)
		jobctl_die(c);
	print_history(c, r);
	db_result_free(r);
}

static int
show(struct jobctl *c)
{
	enum { JOBS = 5 };
	const char *name = *jobctl_parse(c, NULL);

	jobctl_open(c);
	source_print(c, name);
	if (jobctl_wants_table(c)) {
		record_out_pass(c->out, "", 0);
		print_jobs(c, name, JOBS);
	}
	return CLI_DONE;
}

static const struct jobctl_command source_show = {
    .options = {.name = "show",
	.usage = "[OPTION]... NAME",
	.summary = "settings, documents by status, and last jobs of a source",
	.rows = jobctl_plain_rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = show};

static int
history(struct jobctl *c)
{
	struct history_options o = {0};
	const char *name = *jobctl_parse(c, &o);
	int found = 0;

	jobctl_open(c);
	if (settings_count(c->db, name, &found) == -1)
		jobctl_die(c);
	if (!found)
		source_unknown(name);
	print_jobs(c, name, o.limit);
	return CLI_DONE;
}

static const struct jobctl_command source_history = {
    .options = {.name = "history",
	.usage = "[OPTION]... NAME",
	.summary = "jobs of a source, the newest first, and how they ended",
	.rows = history_rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = history};

static int
list(struct jobctl *c)
{
	static const struct jobctl_column columns[] = {
	    {"id", NULL, JOBCTL_TEXT, 0},
	    {"name", "SOURCE", JOBCTL_TEXT, TABLE_FLEX},
	    {"kind", NULL, JOBCTL_TEXT, 0}, {"uri", NULL, JOBCTL_TEXT, 0},
	    {"status", "STATUS", JOBCTL_TEXT, 0},
	    {"documents", "DOCS", JOBCTL_INT, TABLE_RIGHT},
	    {"stored", "STORED", JOBCTL_INT, TABLE_RIGHT},
	    {"incomplete", "INCOMPL", JOBCTL_INT, TABLE_RIGHT},
	    {"failed", "FAILED", JOBCTL_INT, TABLE_RIGHT},
	    {"chunks", "CHUNKS", JOBCTL_INT, TABLE_RIGHT},
	    {"job_id", NULL, JOBCTL_TEXT, 0},
	    {"updated_at", NULL, JOBCTL_TEXT, 0},
	    {NULL, "UPDATED", JOBCTL_AGO, 0},
	    {"collection", "COLLECTION", JOBCTL_TEXT, TABLE_FLEX}};
	struct db_result *r;

	jobctl_parse(c, NULL);
	jobctl_open(c);
	r = listing_sources(c->db);
	if (r == NULL)
		jobctl_die(c);
	jobctl_print_rows(
	    c, r, "source", columns, sizeof(columns) / sizeof(*columns));
	db_result_free(r);
	return CLI_DONE;
}

static const struct jobctl_command source_list = {
    .options = {.name = "list",
	.usage = "[OPTION]...",
	.summary = "sources with their documents and latest job",
	.rows = jobctl_plain_rows},
    .run = list};

const struct jobctl_command jobctl_sources = {.options = {.name = "sources",
						  .usage = "[OPTION]...",
						  .summary = "as 'source list'",
						  .rows = jobctl_plain_rows},
    .run = list};

static const struct jobctl_command *const commands[] = {&source_add,
    &source_set, &source_show, &source_list, &source_history, &source_delete,
    NULL};

const struct jobctl_command jobctl_source = {
    .options = {.name = "source",
	.usage = "[OPTION]... COMMAND [ARGUMENT]...",
	.summary = "make, change, show and delete sources",
	.rows = jobctl_plain_rows},
    .commands = commands};
