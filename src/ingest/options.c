#include "options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "source/source.h"
#include "tool/cli.h"
#include "tool/option_parse.h"
#include "tool/output.h"

/* Content types for the words of --format; NULL: by suffix and content. */
static const char *const types[] = {
    NULL, "application/json", "text/markdown", "text/plain", "text/html"};

static void
add_glob(struct ingest_globs *globs, const char *pattern)
{
	globs->patterns =
	    x_realloc(globs->patterns, globs->n + 1, sizeof(*globs->patterns));
	globs->patterns[globs->n++] = pattern;
}

static void
take_include(void *target, const struct option_row *row, const char *name,
    const char *value)
{
	struct ingest_options *o = target;

	(void)row, (void)name;
	add_glob(&o->include, value);
}

static void
take_exclude(void *target, const struct option_row *row, const char *name,
    const char *value)
{
	struct ingest_options *o = target;

	(void)row, (void)name;
	add_glob(&o->exclude, value);
}

#define TO(member) OPTION_TO(struct ingest_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_NAME, 's', "source", "NAME", TO(source_name),
	.environment = "PL_SOURCE",
	.help = "name the source that the documents belong to"},
    {OPTION_TEXT, 'u', "base-url", "URL", TO(base_url),
	.help = "urls of files are URL and the path below the folder given "
		"(default: the path as given)"},
    {OPTION_CALL, .name = "include", .argument = "GLOB", .take = take_include,
	.help = "of folders, take only files that match"},
    {OPTION_CALL, .name = "exclude", .argument = "GLOB", .take = take_exclude,
	.help = "of folders, leave out files and folders that match; both may "
		"be repeated; a GLOB with a slash is for the path, else for "
		"the name"},
    {OPTION_NAME, 'k', "content-key", "KEY", TO(content_key),
	.help = "the text of a record stands under KEY"},
    {OPTION_CHOICE, 'f', "format", "auto|json|markdown|text|html", TO(format),
	.standard = "auto",
	.help = "what the inputs are; auto goes by suffix and content"},
    OPTION_ROW_INVALID(struct ingest_options, reject_invalid),
    {OPTION_SIZE, .name = "max-record", .argument = "SIZE", TO(max_record),
	.low = 1, .high = 1LL << 40, .standard = "64MiB",
	.help = "longest record or file; crawl results and arrays may be "
		"longer"},
    OPTION_ROW_PROGRESS(struct ingest_options, progress),
    {OPTION_FLAG, .name = "formats", TO(list_formats),
	.help = "list the formats that are recognised"},
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]... [FILE|FOLDER|-]...",
    .about =
	"Reads files, folders and crawl results, and writes one document "
	"record\n"
	"a line. Without a name, or with -, reads JSON from standard input.\n"
	"Formats are recognised by what they hold; --formats lists them.\n",
    .rows = rows,
    .more =
	"A page that failed (an empty one, one that the site answered with "
	"404)\n"
	"becomes an error record in its place. Exit status: 0 done, 1 nothing\n"
	"could be read or written, 2 usage, 3 done but for some records.\n"
	"\n"
	"Examples:\n"
	"  pl-ingest crawl.json | pl-enqueue --source handbook\n"
	"  pl-ingest --base-url https://docs.example.com/ docs | pl-chunk\n"
	"  curl -s \"$URL\" | pl-ingest -s handbook | jq -r '.url // "
	".message'\n",
};

static _Noreturn void
list_formats(void)
{
	for (const struct source_format *f = source_formats; f->name; f++)
		printf("%-20s %s\n", f->name, f->recognised_by);
	output_close(NULL);
	exit(CLI_DONE);
}

int
ingest_options_parse(int argc, char **argv, struct ingest_options *o)
{
	int first;

	*o = (struct ingest_options){0};
	first = option_parse(&set, argc, argv, o);
	if (o->list_formats)
		list_formats();
	o->type = types[o->format];
	return first;
}

void
ingest_options_free(struct ingest_options *o)
{
	free(o->include.patterns);
	free(o->exclude.patterns);
}
