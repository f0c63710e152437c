#include "collection_change.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "collection_print.h"
#include "jobctl.h"
#include "net/db.h"
#include "show.h"
#include "store/catalog.h"
#include "store/collection_copy.h"
#include "store/pipeline_text.h"
#include "tool/cli.h"

struct change_options {
	struct catalog_settings settings;
};

#define TO(member) OPTION_TO(struct change_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_WORD, .name = "distance", .argument = "cosine|l2|ip",
	TO(settings.distance),
	.help = "only as long as it has no vectors (of a new one: cosine)"},
    {OPTION_TEXT, .name = "pipeline", .argument = "TEXT",
	TO(settings.pipeline),
	.help = "what 'pl run' and 'pl worker' run for it, or none"},
    JOBCTL_ROWS};
/* clang-format on */
#undef TO

/*
 * Whoever may read pl.collections reads the pipeline; a shell runs it. The
 * text is not repeated in messages.
 */
static void
check_pipeline(const char *name, const char **text)
{
	const char *secret;
	char *other;

	if (*text == NULL)
		return;
	if (strcmp(*text, "none") == 0)
		*text = "";
	if (**text == '\0')
		return;
	secret = pipeline_text_secret(*text);
	if (secret != NULL)
		cli_usage("--pipeline has %s: others could read it: put the "
			  "secret into the environment, and write \"$NAME\"",
		    secret);
	if (!pipeline_text_stores(*text))
		cli_usage("--pipeline has no pl-store: nothing would be "
			  "stored");
	other = pipeline_text_collection(*text);
	if (other != NULL && strcmp(other, name) != 0)
		cli_usage("--pipeline stores into collection '%s', not into "
			  "'%s': pl-store needs no --collection here",
		    other, name);
	free(other);
}

static const char *
take_options(struct jobctl *c, struct change_options *o)
{
	const char *name = *jobctl_parse(c, o);

	collection_check_name("NAME", name);
	check_pipeline(name, &o->settings.pipeline);
	return name;
}

static int
create(struct jobctl *c)
{
	struct change_options o = {0};
	const char *name = take_options(c, &o);
	int added;

	jobctl_open(c);
	added = catalog_add(c->db, name, &o.settings);
	if (added == -1)
		jobctl_die(c);
	if (added == 0)
		cli_die(CLI_FAILED,
		    "collection '%s' is there already: 'pl-jobctl collection "
		    "set' changes it",
		    name);
	collection_print(c, name);
	return CLI_DONE;
}

const struct jobctl_command collection_create_command = {
    .options = {.name = "create",
	.usage = "[OPTION]... NAME",
	.summary = "make a collection, without vectors",
	.about = "The first vector decides its model and width. A collection "
		 "that pl-store\n"
		 "finds missing is made by it.\n",
	.rows = rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = create};

/* Nothing was changed: there is no such collection, or it has vectors. */
static _Noreturn void
die_unchanged(struct jobctl *c, const char *name)
{
	struct catalog_collection found;

	switch (catalog_find(c->db, name, &found)) {
	case -1:
		jobctl_die(c);
	case 0:
		collection_unknown(c, name);
	default:
		cli_die(CLI_FAILED,
		    "collection '%s' has vectors, its distance cannot change: "
		    "make another collection, and 'pl-jobctl collection copy' "
		    "it to this one",
		    name);
	}
}

static int
set(struct jobctl *c)
{
	struct change_options o = {0};
	const char *name = take_options(c, &o);
	int changed;

	if (o.settings.pipeline == NULL && o.settings.distance == NULL)
		cli_usage("say --pipeline or --distance");
	jobctl_open(c);
	changed = catalog_change(c->db, name, &o.settings);
	if (changed == -1)
		jobctl_die(c);
	if (changed == 0)
		die_unchanged(c, name);
	collection_print(c, name);
	return CLI_DONE;
}

const struct jobctl_command collection_set_command = {
    .options = {.name = "set",
	.usage = "[OPTION]... NAME",
	.summary = "change pipeline and distance of a collection",
	.about = "A pipeline with a key or a password in it is refused, and "
		 "only the owner of\n"
		 "the tables may write one.\n",
	.rows = rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = set};

/* What deletes chunks asks before. */

struct yes_options {
	int yes;
};

/* clang-format off */
static const struct option_row yes_rows[] = {
    {OPTION_FLAG, .name = "yes", OPTION_TO(struct yes_options, yes),
	.help = "do not ask"},
    JOBCTL_ROWS};
/* clang-format on */

static int
answer_is_yes(void)
{
	int first = getchar(), c = first;

	while (c != '\n' && c != EOF)
		c = getchar();
	return tolower(first) == 'y';
}

/*
 * Ask at a terminal; elsewhere the question must have been answered by --yes.
 */
static void
confirm(
    const struct catalog_collection *found, const char *name, const char *what)
{
	char documents[48], chunks[48];

	collection_count(documents, (long long)found->documents, "document");
	collection_count(chunks, (long long)found->chunks, "chunk");
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		cli_die(CLI_FAILED, "collection '%s' has %s in %s: --yes %s",
		    name, documents, chunks, what);
	fprintf(stderr, "collection '%s' has %s in %s. Really? [y/N] ", name,
	    documents, chunks);
	if (!answer_is_yes())
		cli_die(CLI_FAILED, "nothing was changed");
}

static int
drop(struct jobctl *c)
{
	struct catalog_collection found = {0};
	struct yes_options o = {0};
	struct buf why = {0}, json = {0};
	const char *name = *jobctl_parse(c, &o);
	int dropped;

	jobctl_open(c);
	dropped = catalog_find(c->db, name, &found);
	if (dropped == 1 && !o.yes)
		confirm(&found, name, "drops them");
	if (dropped == 1)
		dropped = catalog_drop(c->db, name, &why);
	if (dropped == -1)
		jobctl_refused(c, &why);
	if (dropped == 0)
		collection_unknown(c, name);
	buf_printf(&json,
	    "{\"name\":\"%s\",\"documents\":%lld,\"chunks\":%lld}", name,
	    (long long)found.documents, (long long)found.chunks);
	jobctl_print_object(c, "collection_dropped", json.data, NULL);
	buf_free(&json);
	free(found.table);
	return CLI_DONE;
}

const struct jobctl_command collection_drop_command = {
    .options = {.name = "drop",
	.usage = "[OPTION]... NAME",
	.summary = "drop a collection with its chunks",
	.about = "Documents and their texts stay. Not while a job is open that "
		 "stores into it.\n"
		 "Sources and jobs that name it name no collection then.\n",
	.rows = yes_rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = drop};

static void
tell_copied(
    const struct collection_copied *done, const char *from, const char *to)
{
	char documents[48], chunks[48];

	cli_warn("%s in %s copied",
	    collection_count(documents, (long long)done->documents, "document"),
	    collection_count(chunks, (long long)done->chunks, "chunk"));
	if (done->is_table_new)
		cli_warn("the table pl.chunks_%s is new, because vectors or "
			 "distance have another type: grants, policies and "
			 "triggers of the old one are gone",
		    to);
	if (done->is_pipeline_own)
		cli_warn("the pipeline of '%s' names its collection, so it was "
			 "not copied: 'pl-jobctl collection set %s --pipeline' "
			 "writes one",
		    from, to);
}

static int
copy(struct jobctl *c)
{
	struct catalog_collection found = {0};
	struct collection_copied done = {0};
	struct yes_options o = {0};
	struct buf why = {0};
	char **names = jobctl_parse(c, &o);
	int is_there;

	collection_check_name("FROM", names[0]);
	collection_check_name("TO", names[1]);
	if (strcmp(names[0], names[1]) == 0)
		cli_usage("FROM and TO are the same collection");
	jobctl_open(c);
	is_there = catalog_find(c->db, names[0], &found);
	free(found.table);
	if (is_there == 0)
		collection_unknown(c, names[0]);
	if (is_there == 1)
		is_there = catalog_find(c->db, names[1], &found);
	if (is_there == -1)
		jobctl_die(c);
	if (is_there == 1 && !o.yes &&
	    (found.has_vectors || found.documents > 0))
		confirm(&found, names[1], "replaces them");
	if (is_there == 1)
		free(found.table);
	if (collection_copy(c->db, names[0], names[1], &done, &why) == -1)
		jobctl_refused(c, &why);
	tell_copied(&done, names[0], names[1]);
	collection_print(c, names[1]);
	return CLI_DONE;
}

const struct jobctl_command collection_copy_command = {
    .options = {.name = "copy",
	.usage = "[OPTION]... FROM TO",
	.summary = "make TO hold exactly what FROM holds",
	.about = "In one transaction: who searches TO finds its old chunks, or "
		 "the new ones.\n"
		 "Not while a job is open that stores into TO. Waits for "
		 "locks.\n",
	.rows = yes_rows},
    .least = 2,
    .most = 2,
    .arguments = "FROM TO",
    .run = copy};
