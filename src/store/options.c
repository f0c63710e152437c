#include "options.h"

#include "tool/cli.h"
#include "tool/option_parse.h"

#define TO(member) OPTION_TO(struct store_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_COLLECTION, .name = "collection", .argument = "NAME", TO(collection),
	.environment = "PL_COLLECTION", .standard = "default",
	.help = "where to store; made at the first use, for one model and one "
		"width"},
    {OPTION_CHOICE, .name = "distance", .argument = "cosine|l2|ip",
	TO(distance), .standard = "cosine", .help = "of a new collection"},
    {OPTION_NUMBER, .name = "batch-documents", .argument = "N",
	TO(batch_documents), .low = 1, .high = 10000, .standard = "64",
	.help = "at most this many documents in a transaction"},
    {OPTION_SIZE, .name = "batch-bytes", .argument = "SIZE", TO(batch_bytes),
	.low = 1, .high = 1 << 30, .standard = "4MiB",
	.help = "and about this many bytes"},
    OPTION_ROW_RETRY_FOR(struct store_options, retry_for),
    OPTION_ROW_MAX_RECORD(struct store_options, input.max_record),
    OPTION_ROW_INVALID(struct store_options, input.reject_invalid),
    OPTION_ROW_PROGRESS(struct store_options, progress),
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]... <EMBEDDED-CHUNKS",
    .about =
	"Stores embedded chunks in Postgres. Reads chunk and end records from\n"
	"standard input; when the end record of a document has come, its "
	"chunks\n"
	"replace the ones stored before, in one transaction. Prints a stored\n"
	"record for each document after the commit, an error record for each\n"
	"document that was refused, and passes all other records on.\n",
    .rows = rows,
    .more =
	"Postgres is found by PL_DATABASE_URL, else DATABASE_URL, else "
	"libpq's\n"
	"own variables; 'pl-jobctl init' prepares it.\n"
	"\n"
	"Exit status: 0 all stored, 1 failed, 2 usage, 3 some were refused,\n"
	"75 Postgres was unavailable.\n"
	"\n"
	"Examples:\n"
	"  pl-ingest docs/ | pl-chunk | pl-embed | pl-store\n"
	"  pl-worker -- 'pl-chunk | pl-embed | pl-store --collection manual'\n",
};

void
store_options_parse(int argc, char **argv, struct store_options *o)
{
	int first;

	*o = (struct store_options){0};
	first = option_parse(&set, argc, argv, o);
	if (first < argc)
		cli_usage("'%s': this tool reads standard input and takes no "
			  "arguments",
		    argv[first]);
}
