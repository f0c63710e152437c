/* pl-store - replace each document's chunks in one transaction */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/db.h"
#include "store/store.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/output.h"

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

static void
when_idle(void *argument)
{
	struct store *s = argument;

	store_close_batch(s);
	store_tell_stale(s);
	output_check(record_out_flush(s->out));
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
		switch (record_in_read(in, &r)) {
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
	struct store_options o = {.collection = "default",
	    .batch_documents = 64,
	    .batch_bytes = 4 << 20,
	    .retry_for = 30};
	struct cli_progress progress;
	struct store s = {.progress = &progress};
	struct record_in *in;
	int failed_input;

	cli_start("pl-store", help);
	store_parse_options(argc, argv, &o);

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
	cli_progress_start(&progress, "documents", 0, o.progress);

	failed_input = run(&s, in);

	store_tell_stale(&s);
	cli_progress_end(&progress, s.stored);
	record_in_close(in);
	output_close(s.out);
	store_free(&s);
	db_close(s.db);
	if (failed_input != 0)
		cli_die(
		    CLI_FAILED, "standard input: %s", strerror(failed_input));
	return status_of(&s);
}
