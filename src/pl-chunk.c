/* pl-chunk - split documents into chunks by structure, to a hard limit */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "chunk/chunk_tool.h"
#include "chunk/parallel.h"
#include "chunk/token.h"
#include "chunk/worker.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"

static const char help[] =
    "Usage: pl-chunk [OPTION]...\n"
    "Split documents into chunks by structure, to a hard limit.\n"
    "\n"
    "Reads document records on standard input and writes, for each, its\n"
    "chunk records in order and an end record. Headings, paragraphs, list\n"
    "items, code and tables are kept whole as long as they fit; each chunk\n"
    "knows its byte and code point offsets, the headings it stands under and\n"
    "the context it needs. Other records pass unchanged.\n"
    "\n"
    "  -m, --max=N[c|b|t]   hard limit of a chunk with its context, in code\n"
    "                       points (c), bytes (b) or tokens (t) (default:\n"
    "                       1600c)\n"
    "  -t, --target=N       size to aim at, in the unit of --max (default:\n"
    "                       5/8 of --max)\n"
    "      --overlap=N      repeat at most so much of the chunk before, in\n"
    "                       whole sentences, rows or lines of one section, if\n"
    "                       there is room (default: 0)\n"
    "      --tokenizer=FILE count tokens exactly, by a vocabulary such as\n"
    "                       cl100k_base.tiktoken\n"
    "      --estimate       count tokens about, without a vocabulary\n"
    "      --count          write how large each document is, no chunks\n"
    "      --text           plain text: paragraphs, no Markdown\n"
    "      --metadata       give each chunk the metadata of its document\n"
    "  -k, --content-key=K  key of the text in records that are not ours\n"
    "  -j, --jobs=N         threads to use (default: 1); the records are the\n"
    "                       same\n"
    "      --explain        say on standard error why each chunk ends where\n"
    "                       it does\n"
    "      --invalid=WHAT   replace bad text (NUL, lone surrogates, invalid\n"
    "                       UTF-8) by U+FFFD, or reject the record\n"
    "                       (default: replace)\n"
    "      --max-record=N   longest line taken (default: 64M)\n"
    "  -v, --verbose        say more\n"
    "      --help           print this text\n"
    "      --version        print the version\n"
    "\n"
    "Examples:\n"
    "  pl-ingest handbook/*.md | pl-chunk | jq -r '.text // empty'\n"
    "  pl-ingest notes.txt | pl-chunk --max 800c --explain >/dev/null\n"
    "  pl-ingest crawl.json | pl-chunk | pl-embed | pl-store\n";

enum { LIMIT_MOST = 1 << 23, WORKERS_MOST = 64 };

enum {
	OPT_TEXT = CLI_OPT_FIRST,
	OPT_EXPLAIN,
	OPT_OVERLAP,
	OPT_TOKENIZER,
	OPT_ESTIMATE,
	OPT_COUNT,
	OPT_METADATA,
	OPT_INVALID,
	OPT_MAX_RECORD
};

static const struct option long_options[] = {
    {"max", required_argument, NULL, 'm'},
    {"target", required_argument, NULL, 't'},
    {"jobs", required_argument, NULL, 'j'},
    {"overlap", required_argument, NULL, OPT_OVERLAP},
    {"tokenizer", required_argument, NULL, OPT_TOKENIZER},
    {"estimate", no_argument, NULL, OPT_ESTIMATE},
    {"count", no_argument, NULL, OPT_COUNT},
    {"text", no_argument, NULL, OPT_TEXT},
    {"metadata", no_argument, NULL, OPT_METADATA},
    {"content-key", required_argument, NULL, 'k'},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"invalid", required_argument, NULL, OPT_INVALID},
    {"max-record", required_argument, NULL, OPT_MAX_RECORD}, CLI_OPTIONS};

/* "1600c": a number and the letter of its unit, or 0 for none. */
static size_t
parse_limit(const char *option, const char *s, int64_t least, char *unit)
{
	char digits[24] = "";
	size_t n = strlen(s);
	int64_t v;

	*unit = '\0';
	if (n > 0 && strchr("bct", s[n - 1]) != NULL)
		*unit = s[--n];
	if (n < sizeof(digits))
		memcpy(digits, s, n);
	if (num_int(digits, least, LIMIT_MOST, &v) == -1)
		cli_usage("%s '%s': expected a number of %d to %d and its "
			  "unit, such as 1600c (code points), 4096b (bytes) "
			  "or 400t (tokens)",
		    option, s, (int)least, LIMIT_MOST);
	return (size_t)v;
}

/* A limit below that of --max, in its unit. */
static size_t
parse_lower(const char *option, const char *s, int64_t least, const char *max,
    char max_unit, size_t most)
{
	char unit;
	size_t v = parse_limit(option, s, least, &unit);

	if (unit != '\0' && unit != max_unit)
		cli_usage(
		    "%s %s and --max %s have different units", option, s, max);
	if (v > most)
		cli_usage("%s %s is more than %s--max %s", option, s,
		    least > 0 ? "" : "half of ", max);
	return v;
}

static void
set_limits(struct chunk_tool_options *o, const char *max, const char *target,
    const char *overlap)
{
	char unit;

	o->chunk.max = parse_limit("--max", max, CHUNK_MAX_LEAST, &unit);
	if (unit == 't' && o->tokenizer == NULL && !o->chunk.estimate &&
	    !o->count)
		cli_usage("--max %s: tokens are counted by a vocabulary: give "
			  "--tokenizer FILE, or --estimate if about %s will "
			  "do; a token is at least a byte, so --max %.*sb is "
			  "always within it",
		    max, max, (int)strlen(max) - 1, max);
	unit = unit == '\0' ? 'c' : unit;
	o->chunk.unit = unit == 'b'   ? CHUNK_BYTES
			: unit == 't' ? CHUNK_TOKENS
				      : CHUNK_CHARS;
	if (target != NULL)
		o->chunk.target = parse_lower("--target", target,
		    CHUNK_MAX_LEAST, max, unit, o->chunk.max);
	if (overlap != NULL)
		o->chunk.overlap = parse_lower(
		    "--overlap", overlap, 0, max, unit, o->chunk.max / 2);
}

static void
parse_options(int argc, char **argv, struct chunk_tool_options *o)
{
	const char *max = "1600c", *target = NULL, *overlap = NULL;
	int c;

	while ((c = cli_next(argc, argv, ":m:t:j:k:v", long_options)) != -1)
		switch (c) {
		case 'm':
			max = optarg;
			break;
		case 't':
			target = optarg;
			break;
		case 'j':
			o->workers = (unsigned)cli_int(
			    "--jobs", optarg, 1, WORKERS_MOST);
			break;
		case OPT_TEXT:
			o->chunk.plain = 1;
			break;
		case OPT_OVERLAP:
			overlap = optarg;
			break;
		case OPT_TOKENIZER:
			o->tokenizer = optarg;
			break;
		case OPT_ESTIMATE:
			o->chunk.estimate = 1;
			break;
		case OPT_COUNT:
			o->count = 1;
			break;
		case OPT_METADATA:
			o->metadata = 1;
			break;
		case 'k':
			o->content_key = optarg;
			break;
		case OPT_EXPLAIN:
			o->explain = 1;
			break;
		case OPT_INVALID:
			if (strcmp(optarg, "replace") != 0 &&
			    strcmp(optarg, "reject") != 0)
				cli_usage("--invalid '%s': expected replace or "
					  "reject",
				    optarg);
			o->record.reject_invalid =
			    strcmp(optarg, "reject") == 0;
			break;
		case OPT_MAX_RECORD:
			o->record.max_record = cli_size(
			    "--max-record", optarg, 1 << 10, (size_t)1 << 30);
			break;
		}
	if (optind < argc)
		cli_usage("'%s': pl-chunk reads standard input only: "
			  "pl-ingest FILE | pl-chunk",
		    argv[optind]);
	if (o->tokenizer != NULL && o->chunk.estimate)
		cli_usage("--tokenizer and --estimate exclude each other");
	set_limits(o, max, target, overlap);
}

/* The vocabulary in the file; ends the process if there is none. */
static struct token_vocabulary *
read_vocabulary(const char *name)
{
	struct token_vocabulary *v;
	struct buf file = {0};
	const char *why;
	ssize_t n;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		cli_die(CLI_FAILED, "%s: %s", name, strerror(errno));
	while ((n = read(fd, buf_reserve(&file, 1 << 16), 1 << 16)) > 0)
		file.len += (size_t)n;
	if (n == -1)
		cli_die(CLI_FAILED, "%s: %s", name, strerror(errno));
	close(fd);
	v = token_read(file.data, file.len, &why);
	if (v == NULL)
		cli_die(CLI_FAILED, "%s: %s", name, why);
	buf_free(&file);
	return v;
}

static void
flush_output(void *out)
{
	output_check(record_out_flush(out));
}

/* Handle all records in this thread. */
static enum record_status
handle_all(
    struct chunk_tool_options *o, struct record_out *out, size_t *refused)
{
	struct chunk_worker *w = chunk_worker_new(o, out);
	enum record_status status;
	struct record_in *in;
	struct record r;

	o->record.idle = flush_output;
	o->record.idle_argument = out;
	in = record_in_open(STDIN_FILENO, &o->record);
	while ((status = record_in_line(in, &r)) == RECORD_OK ||
	       status == RECORD_REFUSED)
		chunk_worker_handle(w, in, &r, status);
	*refused += chunk_worker_refused(w);
	record_in_close(in);
	chunk_worker_free(w);
	return status;
}

int
main(int argc, char **argv)
{
	struct chunk_tool_options o = {.workers = 1};
	struct token_vocabulary *vocabulary = NULL;
	enum record_status status;
	struct record_out *out;
	size_t refused = 0;

	cli_start("pl-chunk", help);
	parse_options(argc, argv, &o);

	if (o.tokenizer != NULL)
		vocabulary = read_vocabulary(o.tokenizer);
	o.chunk.vocabulary = vocabulary;
	out = record_out_open(STDOUT_FILENO);

	if (o.workers > 1)
		status = chunk_parallel_run(&o, out, &refused);
	else
		status = handle_all(&o, out, &refused);
	if (status == RECORD_FAILED)
		cli_warn("standard input: %s", strerror(errno));

	output_close(out);
	token_vocabulary_free(vocabulary);
	if (status == RECORD_FAILED)
		return CLI_FAILED;
	return refused > 0 ? CLI_PARTIAL : CLI_DONE;
}
