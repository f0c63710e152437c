/* pl-ingest - read what people have and write documents */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ingest/ingest.h"
#include "ingest/report.h"
#include "ingest/walk.h"
#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "source/source.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/progress.h"

static const char help[] =
    "Usage: pl-ingest [OPTION]... [FILE|FOLDER|-]...\n"
    "Read files, folders and crawl results, and write one document record a\n"
    "line. Without a name, or with -, read JSON from standard input. Formats\n"
    "are recognised by what they hold; --formats lists them.\n"
    "\n"
    "  -s, --source NAME      name the source that the documents belong to\n"
    "  -u, --base-url URL     urls of files are URL and the path below the\n"
    "                         folder given (default: the path as given)\n"
    "      --include GLOB     of folders, take only files that match\n"
    "      --exclude GLOB     of folders, leave out files and folders that\n"
    "                         match; both may be repeated; a GLOB with a\n"
    "                         slash is for the path, else for the name\n"
    "  -k, --content-key KEY  the text of a record stands under KEY\n"
    "  -f, --format FORMAT    take inputs as json, markdown, text or html\n"
    "                         (default: auto, by suffix and content)\n"
    "      --invalid HOW      NUL, lone surrogates and invalid UTF-8: replace\n"
    "                         them by U+FFFD (default), or reject the record\n"
    "      --max-record SIZE  longest record or file (default 64MiB); crawl\n"
    "                         results and arrays may be longer\n"
    "      --progress         show progress even if this is no terminal\n"
    "      --formats          list the formats that are recognised\n"
    "  -v, --verbose          say what is left out and what was done\n"
    "      --help, --version  print this, or the version\n"
    "\n"
    "A page that failed (an empty one, one that the site answered with 404)\n"
    "becomes an error record in its place. Exit status: 0 done, 1 nothing\n"
    "could be read or written, 2 usage, 3 done but for some records.\n"
    "\n"
    "Examples:\n"
    "  pl-ingest crawl.json | pl-enqueue --source handbook\n"
    "  pl-ingest --base-url https://docs.example.com/ docs | pl-chunk\n"
    "  curl -s \"$URL\" | pl-ingest -s handbook | jq -r '.url // .message'\n";

enum {
	OPT_INCLUDE = CLI_OPT_FIRST,
	OPT_EXCLUDE,
	OPT_INVALID,
	OPT_MAX_RECORD,
	OPT_PROGRESS,
	OPT_FORMATS
};

static const struct option options[] = {
    {"source", required_argument, NULL, 's'},
    {"base-url", required_argument, NULL, 'u'},
    {"include", required_argument, NULL, OPT_INCLUDE},
    {"exclude", required_argument, NULL, OPT_EXCLUDE},
    {"content-key", required_argument, NULL, 'k'},
    {"format", required_argument, NULL, 'f'},
    {"invalid", required_argument, NULL, OPT_INVALID},
    {"max-record", required_argument, NULL, OPT_MAX_RECORD},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"formats", no_argument, NULL, OPT_FORMATS},
    CLI_OPTIONS,
};

static const struct {
	const char *name, *type;
} formats[] = {{"auto", NULL}, {"json", "application/json"},
    {"markdown", "text/markdown"}, {"text", "text/plain"},
    {"html", "text/html"}};

static void
add_glob(struct ingest_globs *globs, const char *pattern)
{
	globs->patterns =
	    x_realloc(globs->patterns, globs->n + 1, sizeof(*globs->patterns));
	globs->patterns[globs->n++] = pattern;
}

static _Noreturn void
list_formats(void)
{
	for (const struct source_format *f = source_formats; f->name; f++)
		printf("%-20s %s\n", f->name, f->recognised_by);
	output_close(NULL);
	exit(CLI_DONE);
}

static const char *
type_of_format(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return formats[i].type;
	cli_usage(
	    "--format '%s': expected auto, json, markdown, text or html", name);
}

static int
parse_invalid(const char *how)
{
	if (strcmp(how, "reject") != 0 && strcmp(how, "replace") != 0)
		cli_usage("--invalid '%s': expected replace or reject", how);
	return strcmp(how, "reject") == 0;
}

static void
parse_options(struct ingest_options *o, int argc, char **argv)
{
	int c;

	while ((c = cli_next(argc, argv, ":s:u:k:f:v", options)) != -1) {
		switch (c) {
		case 's':
			o->source_name = optarg;
			break;
		case 'u':
			o->base_url = optarg;
			break;
		case 'k':
			o->content_key = optarg;
			break;
		case 'f':
			o->type = type_of_format(optarg);
			break;
		case OPT_INCLUDE:
			add_glob(&o->include, optarg);
			break;
		case OPT_EXCLUDE:
			add_glob(&o->exclude, optarg);
			break;
		case OPT_INVALID:
			o->reject_invalid = parse_invalid(optarg);
			break;
		case OPT_MAX_RECORD:
			o->max_record = cli_size(
			    "--max-record", optarg, 1, (size_t)1 << 40);
			break;
		case OPT_PROGRESS:
			o->progress = 1;
			break;
		case OPT_FORMATS:
			list_formats();
		}
	}
	if (o->source_name != NULL && *o->source_name == '\0')
		cli_usage("--source needs a name");
}

int
main(int argc, char **argv)
{
	struct ingest in = {.options.max_record = RECORD_IN_MAX};
	struct ingest_options *o = &in.options;
	struct source_options how = {
	    .give = ingest_report_page, .argument = &in};

	cli_start("pl-ingest", help);
	o->source_name = cli_env("PL_SOURCE", NULL);
	parse_options(o, argc, argv);
	if (optind == argc && isatty(STDIN_FILENO))
		cli_usage("nothing to read: name files or folders, or give "
			  "JSON on standard input");

	how.name = o->source_name;
	how.content_key = o->content_key;
	in.source = source_new(&how);
	in.out = record_out_open(STDOUT_FILENO);
	if (o->progress || !isatty(STDOUT_FILENO))
		progress_start(&in.progress, "documents", 0, o->progress);

	in.some_can_open = optind == argc;
	for (int i = optind; i < argc && !in.some_can_open; i++)
		in.some_can_open = ingest_walk_can_open(argv[i]);
	if (optind == argc)
		ingest_walk(&in, "-");
	for (int i = optind; i < argc; i++)
		ingest_walk(&in, argv[i]);
	in.input = "input";
	source_finish(in.source);

	output_close(in.out);
	progress_end(&in.progress, in.documents);
	ingest_report_account(&in);
	source_free(in.source);
	buf_free(&in.origin);
	buf_free(&in.path);
	free(o->include.patterns);
	free(o->exclude.patterns);
	if (in.opened == 0)
		return CLI_FAILED;
	return in.failed > 0 ? CLI_PARTIAL : CLI_DONE;
}
