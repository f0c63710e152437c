#include "options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "record/userinfo.h"
#include "source/crawl_status.h"
#include "source/source.h"
#include "tool/cli.h"
#include "tool/option_parse.h"
#include "tool/output.h"

enum { PROGRAM_MAX = 100000 }; /* bytes of a map */

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
    {OPTION_FLAG, .name = "quiet", TO(quiet),
	.help = "say nothing of what is left out on purpose"},
    {OPTION_FLAG, .name = "formats", TO(list_formats),
	.help = "list the formats that are recognised"},
    {OPTION_TITLE, .help = "Firecrawl's API:"},
    {OPTION_NAME, .name = "firecrawl", .argument = "ID", TO(firecrawl),
	.help = "wait for the end of this crawl, and read its pages"},
    {OPTION_NAME, .name = "start", .argument = "URL", TO(start),
	.help = "start a crawl of URL, and read it as --firecrawl does"},
    {OPTION_NAME, .name = "crawl-options", .argument = "FILE",
	TO(crawl_options),
	.help = "a JSON object with options for --start"},
    {OPTION_NAME, .name = "webhook", .argument = "URL", TO(webhook),
	.help = "Firecrawl shall report the crawl of --start to URL"},
    {OPTION_FLAG, .name = "detach", TO(detach),
	.help = "end when the crawl is started, and print a crawl record"},
    {OPTION_FLAG, .name = "once", TO(once),
	.help = "do not wait for a crawl that still runs"},
    {OPTION_WORD, .name = "api", .argument = "v1|v2", TO(api),
	.standard = "v2", .help = "the version of the API"},
    {OPTION_FLAG, .name = "allow-private", TO(allow_private),
	.help = "FIRECRAWL_API_URL may lead to a private address"},
    {OPTION_SECONDS, .name = "retry-for", .argument = "DURATION",
	TO(retry_for), .low = 0, .high = OPTION_DAY, .standard = "30s",
	.help = "keep trying a request that failed this long"},
    {OPTION_TITLE, .help = "Maps:"},
    {OPTION_NAME, .name = "map", .argument = "FILE", TO(map),
	.help = "make records of the input with the jq program in FILE"},
    {OPTION_SECONDS, .name = "map-timeout", .argument = "DURATION",
	TO(map_timeout), .low = 1000, .high = OPTION_HOUR, .standard = "60s",
	.help = "the map may take this long"},
    {OPTION_SIZE, .name = "map-output", .argument = "SIZE", TO(map_output),
	.low = 1, .high = 1LL << 40, .standard = "256MiB",
	.help = "the map may write this much"},
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]... [FILE|FOLDER|-]...\n"
	     "       pl-ingest [OPTION]... --firecrawl ID | --start URL",
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

/* Whether a variable is set to anything but 0. */
static int
is_set(const char *variable)
{
	const char *value = cli_env(variable, NULL);

	return value != NULL && strcmp(value, "0") != 0;
}

/* Without repeating the value: the user may be a token. */
static void
check_url(const char *option, const char *url)
{
	size_t at;

	if (url != NULL && userinfo_find(url, strlen(url), &at) > 0)
		cli_usage("%s: a user or a password cannot be in it", option);
}

/* Check options that need or exclude others. */
static void
check(const struct ingest_options *o, int inputs)
{
	int crawls = (o->firecrawl != NULL) + (o->start != NULL);

	check_url("--base-url", o->base_url);
	check_url("--start", o->start);
	if (crawls > 1)
		cli_usage("--firecrawl and --start: one of them");
	if (crawls > 0 && inputs > 0)
		cli_usage("--firecrawl and --start read no files");
	if (crawls > 0 && o->map != NULL)
		cli_usage("--map is for files and standard input");
	if (o->firecrawl != NULL && !crawl_status_is_id(o->firecrawl))
		cli_usage("--firecrawl '%s': expected the id of a crawl, as "
			  "its start printed it",
		    o->firecrawl);
	if (o->start == NULL &&
	    (o->crawl_options != NULL || o->webhook != NULL || o->detach))
		cli_usage("--crawl-options, --webhook and --detach need "
			  "--start");
}

/* The text of a file, which the caller frees. */
static char *
read_program(const char *path)
{
	struct buf text = {0};
	FILE *f = fopen(path, "re");
	size_t n = 0;

	if (f == NULL)
		cli_usage("--map %s: %s", path, strerror(errno));
	while (text.len <= PROGRAM_MAX &&
	       (n = fread(buf_reserve(&text, 4096), 1, 4096, f)) > 0)
		text.len += n;
	if (ferror(f))
		cli_usage("--map %s: %s", path, strerror(errno));
	fclose(f);
	buf_puts(&text, "");
	return text.data;
}

/* Take the map of --map, or of the environment. */
static void
take_program(struct ingest_options *o)
{
	const char *text = cli_env("PL_MAP_PROGRAM", NULL);

	if (o->firecrawl != NULL || o->start != NULL)
		return;
	if (o->map != NULL)
		o->program = read_program(o->map);
	else if (text != NULL)
		o->program = x_strdup(text);
	if (o->program != NULL && strlen(o->program) > PROGRAM_MAX)
		cli_usage("the map is longer than %d bytes", PROGRAM_MAX);
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
	o->allow_private |= is_set("PL_ALLOW_PRIVATE");
	check(o, argc - first);
	take_program(o);
	return first;
}

void
ingest_options_free(struct ingest_options *o)
{
	free(o->program);
	free(o->include.patterns);
	free(o->exclude.patterns);
}
