/* pl-store - replace each document's chunks in one transaction */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/db.h"
#include "store/store.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/output.h"
#include "tool/progress.h"

enum { PIPE_SIZE = 1 << 20 };

static const char help[] =
    "usage: pl-store [option...]\n"
    "\n"
    "Store embedded chunks in Postgres. Reads chunk and end records from\n"
    "standard input; when a document's end has come, its chunks replace the\n"
    "ones stored before, in one transaction. Prints a stored record for each\n"
    "document after the commit, an error record for each that was refused,\n"
    "and passes all other records on.\n"
    "\n"
    "  --collection NAME      where to store (default: default); made at the\n"
    "                         first use, for one model and one width\n"
    "  --distance NAME        of a new collection: cosine (default), l2, ip\n"
    "  --batch-documents N    at most so many documents a transaction (64)\n"
    "  --batch-bytes SIZE     ... and about so many bytes (4MiB)\n"
    "  --retry-for DURATION   when Postgres is away, try for so long (30s)\n"
    "  --max-record SIZE      refuse longer lines (64MiB)\n"
    "  --invalid replace|reject\n"
    "                         what to do about NUL, lone surrogates and\n"
    "                         invalid UTF-8 (replace, by U+FFFD)\n"
    "  --progress             show progress even if not on a terminal\n"
    "  -v, --verbose          say more\n"
    "      --help, --version\n"
    "\n"
    "Postgres is found by PL_DATABASE_URL, else DATABASE_URL, else libpq's\n"
    "own variables; 'pl-jobctl init' prepares it.\n"
    "\n"
    "Exit status: 0 all stored, 1 failed, 2 usage, 3 some were refused,\n"
    "75 Postgres was unavailable.\n"
    "\n"
    "Examples:\n"
    "  pl-ingest docs/ | pl-chunk | pl-embed | pl-store\n"
    "  pl-worker -- 'pl-chunk | pl-embed | pl-store --collection manual'\n";

struct options {
	const char *collection;
	enum collection_distance distance;
	size_t batch_documents, batch_bytes;
	double retry_for;
	struct record_options rec;
	int progress;
};

enum {
	OPT_COLLECTION = CLI_OPT_FIRST,
	OPT_DISTANCE,
	OPT_BATCH_DOCUMENTS,
	OPT_BATCH_BYTES,
	OPT_RETRY_FOR,
	OPT_MAX_RECORD,
	OPT_INVALID,
	OPT_PROGRESS
};

static const struct option long_options[] = {
    {"collection", required_argument, NULL, OPT_COLLECTION},
    {"distance", required_argument, NULL, OPT_DISTANCE},
    {"batch-documents", required_argument, NULL, OPT_BATCH_DOCUMENTS},
    {"batch-bytes", required_argument, NULL, OPT_BATCH_BYTES},
    {"retry-for", required_argument, NULL, OPT_RETRY_FOR},
    {"max-record", required_argument, NULL, OPT_MAX_RECORD},
    {"invalid", required_argument, NULL, OPT_INVALID},
    {"progress", no_argument, NULL, OPT_PROGRESS}, CLI_OPTIONS};

static void
set_invalid(struct options *o, const char *value)
{
	if (strcmp(value, "reject") == 0)
		o->rec.reject_invalid = 1;
	else if (strcmp(value, "replace") == 0)
		o->rec.reject_invalid = 0;
	else
		cli_usage("--invalid '%s': expected replace or reject", value);
}

static enum collection_distance
read_distance(const char *value)
{
	int distance = collection_distance_parse(value);

	if (distance == -1)
		cli_usage("--distance '%s': expected cosine, l2 or ip", value);
	return (enum collection_distance)distance;
}

static void
parse_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = cli_next(argc, argv, ":v", long_options)) != -1)
		switch (c) {
		case OPT_COLLECTION:
			o->collection = optarg;
			break;
		case OPT_DISTANCE:
			o->distance = read_distance(optarg);
			break;
		case OPT_BATCH_DOCUMENTS:
			o->batch_documents = (size_t)cli_int(
			    "--batch-documents", optarg, 1, 10000);
			break;
		case OPT_BATCH_BYTES:
			o->batch_bytes =
			    cli_size("--batch-bytes", optarg, 1, 1 << 30);
			break;
		case OPT_RETRY_FOR:
			o->retry_for = (double)cli_duration("--retry-for",
					   optarg, 0, 24 * 3600 * 1000) /
				       1000;
			break;
		case OPT_MAX_RECORD:
			o->rec.max_record =
			    cli_size("--max-record", optarg, 1, 1 << 30);
			break;
		case OPT_INVALID:
			set_invalid(o, optarg);
			break;
		case OPT_PROGRESS:
			o->progress = 1;
			break;
		}
	if (optind < argc)
		cli_usage("'%s': this tool reads standard input and takes no "
			  "arguments",
		    argv[optind]);
	if (!collection_name_ok(o->collection))
		cli_usage("--collection '%s': a name is 1 to 40 of a-z, 0-9 "
			  "and _",
		    o->collection);
}

static void
when_idle(void *argument)
{
	struct store *s = argument;

	store_close_batch(s);
	store_tell_stale(s);
	output_check(record_flush(s->out));
}

static void
take(struct store *s, const struct record *r)
{
	if (r->repaired > 0)
		cli_warn("line %llu: %zu invalid characters replaced by "
			 "U+FFFD, the first at byte %zu",
		    (unsigned long long)r->number, r->repaired, r->repaired_at);
	switch (r->type) {
	case RECORD_CHUNK:
		store_take_chunk(s, r);
		break;
	case RECORD_END:
		store_take_end(s, r);
		break;
	case RECORD_ERROR:
		store_take_error(s, r);
		break;
	default:
		store_pass(s, r->line, r->len);
	}
}

/* Every record. 0, or the errno that ended it. */
static int
run(struct store *s, struct record_in *in)
{
	struct record r;

	for (;;) {
		switch (record_read(in, &r)) {
		case RECORD_OK:
			take(s, &r);
			break;
		case RECORD_REFUSED:
			store_error(s, &r.error);
			break;
		case RECORD_EOF:
			store_finish(s);
			return 0;
		case RECORD_FAILED:
			return errno;
		}
	}
}

static enum cli_status
status_of(const struct store *s)
{
	if (s->unavailable)
		return CLI_UNAVAILABLE;
	return s->partial ? CLI_PARTIAL : CLI_DONE;
}

int
main(int argc, char **argv)
{
	struct options o = {.collection = "default",
	    .batch_documents = 64,
	    .batch_bytes = 4 << 20,
	    .retry_for = 30};
	struct progress progress;
	struct store s = {.progress = &progress};
	struct record_in *in;
	int failed_input;

	cli_start("pl-store", help);
	parse_options(argc, argv, &o);

	s.db = connect_database();
	s.batch_documents = o.batch_documents;
	s.batch_bytes = o.batch_bytes;
	s.retry_for = o.retry_for;
	s.distance = o.distance;
	memcpy(s.v.name, o.collection, strlen(o.collection));
	s.memory = yyjson_alc_dyn_new();
	/*
	 * A longer pipe lets the stage before us work on while we wait for a
	 * commit: the batches grow by themselves. Where it cannot be, no harm.
	 */
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
	o.rec.idle = when_idle;
	o.rec.idle_argument = &s;
	in = record_in_open(STDIN_FILENO, &o.rec);
	s.out = record_out_open(STDOUT_FILENO);
	progress_start(&progress, "documents", 0, o.progress);

	failed_input = run(&s, in);

	store_tell_stale(&s);
	progress_end(&progress, s.stored);
	record_in_close(in);
	output_close(s.out);
	store_free(&s);
	db_close(s.db);
	if (failed_input != 0)
		cli_die(
		    CLI_FAILED, "standard input: %s", strerror(failed_input));
	return status_of(&s);
}
