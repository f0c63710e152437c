/* pl-store - replace each document's chunks in one transaction */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/db.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "store/batch.h"
#include "store/collect.h"
#include "store/document.h"
#include "store/options.h"
#include "store/output.h"
#include "store/store.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/output.h"
#include "tool/progress.h"

enum { PIPE_SIZE = 1 << 20 };

static void
when_idle(void *argument)
{
	struct store *s = argument;

	store_batch_close(s);
	store_output_tell_stale(s);
	output_check(record_out_flush(s->output.out));
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
		store_collect_chunk(s, r);
		break;
	case RECORD_END:
		store_collect_end(s, r);
		break;
	case RECORD_ERROR:
		store_collect_error(s, r);
		break;
	default:
		store_batch_pass(s, r->line, r->len);
	}
}

/* Handle every record. 0, or the errno of a failed read. */
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
			store_batch_error(s, &r.error);
			break;
		case RECORD_EOF:
			store_collect_finish(s);
			return 0;
		case RECORD_FAILED:
			return errno;
		}
	}
}

static enum cli_status
status_of(const struct store *s)
{
	if (s->server.unavailable)
		return CLI_UNAVAILABLE;
	return s->output.partial ? CLI_PARTIAL : CLI_DONE;
}

static void
open_all(struct store *s)
{
	s->server.db = connect_database(s->options.retry_for, NULL);
	s->server.away.seconds = s->options.retry_for;
	/*
	 * The name is checked; the rest of the collection is looked up later.
	 */
	memcpy(s->target.collection.name, s->options.collection,
	    strlen(s->options.collection));
	s->collect.memory = yyjson_alc_dyn_new();
	s->output.out = record_out_open(STDOUT_FILENO);
	/*
	 * With a longer pipe the stage before works on during a commit, and so
	 * batches are larger. A failure does no harm.
	 */
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
}

static void
close_all(struct store *s)
{
	output_close(s->output.out);
	store_collect_free(s);
	store_batch_free(s);
	store_document_free_all(s);
	collection_forget(&s->target.collection);
	db_close(s->server.db);
}

int
main(int argc, char **argv)
{
	struct progress progress;
	struct store s = {.output.progress = &progress};
	struct record_in *in;
	int failed_input;

	cli_start("pl-store");
	store_options_parse(argc, argv, &s.options);

	open_all(&s);
	s.options.input.idle = when_idle;
	s.options.input.idle_argument = &s;
	in = record_in_open(STDIN_FILENO, &s.options.input);
	progress_start(&progress, "documents", 0, s.options.progress);

	failed_input = run(&s, in);

	store_output_tell_stale(&s);
	progress_end(&progress, s.output.stored);
	record_in_close(in);
	close_all(&s);
	if (failed_input != 0)
		cli_die(
		    CLI_FAILED, "standard input: %s", strerror(failed_input));
	return status_of(&s);
}
