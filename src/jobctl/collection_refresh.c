#include "collection_refresh.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/digest.h"
#include "collection_print.h"
#include "net/db.h"
#include "net/db_result.h"
#include "queue.h"
#include "show.h"
#include "store/catalog.h"
#include "store/catalog_recipe.h"
#include "store/refresh.h"
#include "tool/cli.h"
#include "tool/table.h"

struct recipe_options {
	int take;
};

/* clang-format off */
static const struct option_row recipe_rows[] = {
    {OPTION_FLAG, .name = "take", OPTION_TO(struct recipe_options, take),
	.help = "the recipe that was refused becomes the collection's"},
    JOBCTL_ROWS};
/* clang-format on */

/* What to type next. */
static void
tell_recipe(const char *name, const struct db_result *r, int taken)
{
	char stale[48];

	if (db_bool(r, 0, 2))
		cli_warn("another recipe was refused: 'pl-jobctl collection "
			 "recipe %s --take' makes it the collection's",
		    name);
	if (!taken && db_int(r, 0, 1) == 0)
		return;
	cli_warn("%s stale%s%s",
	    collection_count(stale, (long long)db_int(r, 0, 1), "document"),
	    db_int(r, 0, 1) == 0
		? ""
		: ": this processes them again: pl-jobctl collection refresh ",
	    db_int(r, 0, 1) == 0 ? "" : name);
}

static int
recipe(struct jobctl *c)
{
	struct recipe_options o = {0};
	const char *name = *jobctl_parse(c, &o);
	struct buf why = {0};
	struct db_result *r;

	jobctl_open(c);
	if (o.take && catalog_recipe_take(c->db, name, &why) == -1)
		jobctl_refused(c, &why);
	r = catalog_recipe_show(c->db, name);
	if (r == NULL)
		jobctl_die(c);
	if (db_rows(r) == 0)
		collection_unknown(c, name);
	jobctl_print_object(c, "recipe", db_text(r, 0, 0), NULL);
	tell_recipe(name, r, o.take);
	db_result_free(r);
	return CLI_DONE;
}

const struct jobctl_command collection_recipe_command = {
    .options = {.name = "recipe",
	.usage = "[OPTION]... NAME",
	.summary = "what decides the texts and vectors of a collection",
	.about = "A part that the refused recipe lacks stays. Documents that "
		 "were stored by the\n"
		 "recipe of before are stale then.\n",
	.rows = recipe_rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = recipe};

/* End the process if there is no such collection. */
static void
need(struct jobctl *c, const char *name)
{
	struct catalog_collection found = {0};

	switch (catalog_find(c->db, name, &found)) {
	case -1:
		jobctl_die(c);
	case 0:
		collection_unknown(c, name);
	}
	free(found.table);
}

struct stale_options {
	int64_t limit;
};

/* clang-format off */
static const struct option_row stale_rows[] = {
    {OPTION_NUMBER, .name = "limit", .argument = "N",
	OPTION_TO(struct stale_options, limit), .low = 0, .high = 1000000000,
	.standard = "20", .help = "at most this many, 0 for all"},
    JOBCTL_ROWS};
/* clang-format on */

static int
stale(struct jobctl *c)
{
	static const struct jobctl_column columns[] = {
	    {"document_id", NULL, JOBCTL_TEXT, 0},
	    {"url", "URL", JOBCTL_TEXT, TABLE_TAIL},
	    {"source", "SOURCE", JOBCTL_TEXT, TABLE_FLEX},
	    {"reason", "REASON", JOBCTL_TEXT, 0},
	    {"chunks", "CHUNKS", JOBCTL_INT, TABLE_RIGHT},
	    {"failed_chunks", "FAILED", JOBCTL_INT, TABLE_RIGHT},
	    {"message", NULL, JOBCTL_TEXT, 0},
	    {"saved", "SAVED", JOBCTL_BOOL, 0},
	    {"stored_at", NULL, JOBCTL_TEXT, 0},
	    {NULL, "STORED", JOBCTL_AGO, 0}};
	struct stale_options o = {0};
	const char *name = *jobctl_parse(c, &o);
	struct db_result *r;

	jobctl_open(c);
	need(c, name);
	r = refresh_list(c->db, name, o.limit);
	if (r == NULL)
		jobctl_die(c);
	if (db_rows(r) > 0)
		jobctl_print_rows(
		    c, r, "stale", columns, sizeof(columns) / sizeof(*columns));
	else
		cli_warn("collection '%s' holds all of its documents as it "
			 "should",
		    name);
	db_result_free(r);
	return CLI_DONE;
}

const struct jobctl_command collection_stale_command = {
    .options = {.name = "stale",
	.usage = "[OPTION]... NAME",
	.summary = "documents that are not stored as they should be",
	.about = "Each with the reason: stale, behind, older or incomplete "
		 "('list --help').\n",
	.rows = stale_rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = stale};

/* Refreshing. */

enum { TASK_DOCUMENTS = 50 };

struct refresh_options {
	const char *queue;
	int dry_run;
};

/* clang-format off */
static const struct option_row refresh_rows[] = {
    {OPTION_QUEUE, .name = "queue", .argument = "NAME",
	OPTION_TO(struct refresh_options, queue), .environment = "PL_QUEUE",
	.standard = "processing", .help = "where workers take the tasks"},
    {OPTION_FLAG, .name = "dry-run",
	OPTION_TO(struct refresh_options, dry_run), .help = "only count"},
    JOBCTL_ROWS};
/* clang-format on */

/* Columns of refresh_sources. */
enum { SOURCE_ID, SOURCE_NAME, WITH_TEXT, WITHOUT_TEXT };

/* Count a source's documents; in a table, print at the end. */
static void
print_sources(struct jobctl *c, const struct db_result *r)
{
	static const struct jobctl_column columns[] = {
	    {NULL, NULL, JOBCTL_TEXT, 0},
	    {"source", "SOURCE", JOBCTL_TEXT, TABLE_FLEX},
	    {"documents", "DOCS", JOBCTL_INT, TABLE_RIGHT},
	    {"without_text", "WITHOUT TEXT", JOBCTL_INT, TABLE_RIGHT}};

	if (db_rows(r) > 0)
		jobctl_print_rows(c, r, "refresh", columns,
		    sizeof(columns) / sizeof(*columns));
}

/* Make the job of a source, tell Redis, and print the job. */
static void
refresh_one(struct jobctl *c, const char *collection, const char *queue,
    const struct db_result *r, int row, struct table *table)
{
	uint8_t source[DIGEST_UUID];
	struct refresh_job job = {0};
	char id[DIGEST_UUID_TEXT];
	int made;

	digest_uuid_parse(
	    db_text(r, row, SOURCE_ID), db_length(r, row, SOURCE_ID), source);
	made = refresh_source(
	    c->db, source, collection, queue, TASK_DOCUMENTS, &job);
	if (made == -1)
		jobctl_die(c);
	/* Another process may have been faster. */
	if (made == 0)
		return;
	jobctl_push(c, job.id);
	if (table == NULL) {
		jobctl_print_job(c, job.id);
		return;
	}
	digest_uuid_text(job.id, id);
	table_cell(table, id);
	table_cell(table, db_text(r, row, SOURCE_NAME));
	table_cellf(table, "%lld", (long long)job.documents);
	table_cellf(table, "%lld", (long long)job.tasks);
}

static void
make_jobs(struct jobctl *c, const char *collection, const char *queue,
    const struct db_result *r)
{
	static const struct table_column columns[] = {{"JOB", 0},
	    {"SOURCE", TABLE_FLEX}, {"DOCS", TABLE_RIGHT},
	    {"TASKS", TABLE_RIGHT}};
	struct table *table =
	    jobctl_wants_table(c) ? table_new(columns, 4) : NULL;

	for (int i = 0; i < db_rows(r); i++)
		if (db_int(r, i, WITH_TEXT) > 0)
			refresh_one(c, collection, queue, r, i, table);
	if (table != NULL && table_rows(table) > 0)
		jobctl_print_table(c, table);
	else
		table_free(table);
}

/* What is left, and what brings it. */
static void
tell_refreshed(const struct db_result *r, const char *collection)
{
	char count[48];
	int64_t with = 0, without = 0;

	for (int i = 0; i < db_rows(r); i++) {
		with += db_int(r, i, WITH_TEXT);
		without += db_int(r, i, WITHOUT_TEXT);
	}
	if (without > 0)
		cli_warn("%s without a saved text: ingest them again, with "
			 "'pl-enqueue --collection %s', or store them by hand",
		    collection_count(count, (long long)without, "document"),
		    collection);
	if (with == 0)
		cli_warn("there is nothing to refresh in collection '%s'",
		    collection);
}

static int
refresh(struct jobctl *c)
{
	struct refresh_options o = {0};
	const char *name = *jobctl_parse(c, &o);
	struct db_result *r;

	jobctl_open(c);
	need(c, name);
	r = refresh_sources(c->db, name);
	if (r == NULL)
		jobctl_die(c);
	if (o.dry_run)
		print_sources(c, r);
	else
		make_jobs(c, name, o.queue, r);
	tell_refreshed(r, name);
	db_result_free(r);
	return CLI_DONE;
}

const struct jobctl_command collection_refresh_command = {
    .options = {.name = "refresh",
	.usage = "[OPTION]... NAME",
	.summary = "process again what is stale, behind or older",
	.about = "A job for each source, which stores into this collection "
		 "alone. Documents that\n"
		 "wait in an open job of the collection are left out; so are "
		 "incomplete ones\n"
		 "('pl-jobctl retry', 'pl-enqueue --all').\n",
	.rows = refresh_rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = refresh};
