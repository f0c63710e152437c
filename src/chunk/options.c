#include "options.h"

#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "tool/cli.h"
#include "tool/option_parse.h"

enum { LIMIT_MOST = 1 << 23, WORKERS_MOST = 64 };

#define TO(member) OPTION_TO(struct chunk_tool_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_TEXT, 'm', "max", "SIZE", TO(max), .standard = "1600c",
	.help = "hard limit of a chunk with its context, as 1600c: in code "
		"points (c), bytes (b) or tokens (t)"},
    {OPTION_TEXT, 't', "target", "SIZE", TO(target),
	.help = "size to aim at, in the unit of --max (default: 5/8 of --max)"},
    {OPTION_TEXT, .name = "overlap", .argument = "SIZE", TO(overlap),
	.help = "repeat at most this much of the chunk before, in whole "
		"sentences, rows or lines of one section, if there is room "
		"(default: 0)"},
    {OPTION_NAME, .name = "tokenizer", .argument = "FILE", TO(tokenizer),
	.help = "count tokens exactly, by a vocabulary such as "
		"cl100k_base.tiktoken"},
    {OPTION_FLAG, .name = "estimate", TO(chunk.estimate),
	.help = "count tokens about, without a vocabulary"},
    {OPTION_FLAG, .name = "count", TO(count),
	.help = "write how large each document is, no chunks"},
    {OPTION_FLAG, .name = "text", TO(chunk.plain),
	.help = "plain text: paragraphs, no Markdown"},
    {OPTION_FLAG, .name = "metadata", TO(metadata),
	.help = "give each chunk the metadata of its document"},
    {OPTION_NAME, 'k', "content-key", "KEY", TO(content_key),
	.help = "key of the text in records that are not pl's"},
    {OPTION_NUMBER, 'j', "jobs", "N", TO(workers), .low = 1,
	.high = WORKERS_MOST, .standard = "1",
	.help = "threads to use; the records are the same"},
    {OPTION_FLAG, .name = "explain", TO(explain),
	.help = "say on standard error why each chunk ends where it does"},
    OPTION_ROW_INVALID(struct chunk_tool_options, record.reject_invalid),
    OPTION_ROW_MAX_RECORD(struct chunk_tool_options, record.max_record),
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]... <DOCUMENTS >CHUNKS",
    .about =
	"Splits documents into chunks by structure, to a hard limit.\n"
	"\n"
	"Reads document records on standard input and writes, for each, its\n"
	"chunk records in order and an end record. Headings, paragraphs, list\n"
	"items, code and tables are kept whole as long as they fit; each "
	"chunk\n"
	"knows its byte and code point offsets, the headings it stands under "
	"and\n"
	"the context it needs. Other records pass unchanged.\n",
    .rows = rows,
    .more = "Examples:\n"
	    "  pl-ingest handbook/*.md | pl-chunk | jq -r '.text // empty'\n"
	    "  pl-ingest notes.txt | pl-chunk --max 800c --explain >/dev/null\n"
	    "  pl-ingest crawl.json | pl-chunk | pl-embed | pl-store\n",
};

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

/* Parse a limit that must be below --max; it has the unit of --max. */
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
set_limits(struct chunk_tool_options *o)
{
	const char *max = o->max;
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
	if (o->target != NULL)
		o->chunk.target = parse_lower("--target", o->target,
		    CHUNK_MAX_LEAST, max, unit, o->chunk.max);
	if (o->overlap != NULL)
		o->chunk.overlap = parse_lower(
		    "--overlap", o->overlap, 0, max, unit, o->chunk.max / 2);
}

void
chunk_options_parse(int argc, char **argv, struct chunk_tool_options *o)
{
	int first;

	*o = (struct chunk_tool_options){0};
	first = option_parse(&set, argc, argv, o);
	if (first < argc)
		cli_usage("'%s': pl-chunk reads standard input only: "
			  "pl-ingest FILE | pl-chunk",
		    argv[first]);
	if (o->tokenizer != NULL && o->chunk.estimate)
		cli_usage("--tokenizer and --estimate exclude each other");
	set_limits(o);
}
