/* Commands that show collections; all commands of collections. */
#include "collection_change.h"
#include "collection_print.h"
#include "collection_refresh.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "show.h"
#include "store/catalog.h"
#include "tool/table.h"

static int
list(struct jobctl *c)
{
	static const struct jobctl_column columns[] = {
	    {"name", "COLLECTION", JOBCTL_TEXT, TABLE_FLEX},
	    {"model", "MODEL", JOBCTL_TEXT, TABLE_FLEX},
	    {"dimensions", "WIDTH", JOBCTL_INT, TABLE_RIGHT},
	    {"documents", "DOCS", JOBCTL_INT, TABLE_RIGHT},
	    {"stale", "STALE", JOBCTL_INT, TABLE_RIGHT},
	    {"behind", "BEHIND", JOBCTL_INT, TABLE_RIGHT},
	    {"older", "OLDER", JOBCTL_INT, TABLE_RIGHT},
	    {"incomplete", "INCOMPL", JOBCTL_INT, TABLE_RIGHT},
	    {"chunks", "CHUNKS", JOBCTL_INT, TABLE_RIGHT}};
	struct db_result *r;

	jobctl_parse(c, NULL);
	jobctl_open(c);
	r = catalog_list(c->db);
	if (r == NULL)
		jobctl_die(c);
	jobctl_print_rows(
	    c, r, "collection", columns, sizeof(columns) / sizeof(*columns));
	db_result_free(r);
	return CLI_DONE;
}

static const struct jobctl_command collection_list = {
    .options = {.name = "list",
	.usage = "[OPTION]...",
	.summary = "collections with their documents and what is to be done",
	.about = "STALE: stored by another recipe. BEHIND: another text is "
		 "saved. OLDER: stored\n"
		 "by an older version of the recipe. INCOMPL: some chunks were "
		 "refused.\n",
	.rows = jobctl_plain_rows},
    .run = list};

static int
show(struct jobctl *c)
{
	const char *name = *jobctl_parse(c, NULL);

	jobctl_open(c);
	collection_print(c, name);
	return CLI_DONE;
}

static const struct jobctl_command collection_show = {
    .options = {.name = "show",
	.usage = "[OPTION]... NAME",
	.summary = "pipeline, recipe, model, counts, sizes and index",
	.rows = jobctl_plain_rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = show};

static const struct jobctl_command *const commands[] = {&collection_list,
    &collection_show, &collection_create_command, &collection_set_command,
    &collection_drop_command, &collection_recipe_command,
    &collection_stale_command, &collection_refresh_command,
    &collection_copy_command, NULL};

const struct jobctl_command jobctl_collection = {
    .options = {.name = "collection",
	.usage = "[OPTION]... COMMAND [ARGUMENT]...",
	.summary = "collections: what they hold, recipes, pipelines, copies",
	.rows = jobctl_plain_rows},
    .commands = commands};
