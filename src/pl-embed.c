/* pl-embed - attach an embedding to each chunk */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "embed/batch.h"
#include "embed/embedder.h"
#include "embed/options.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"

static const char help[] =
    "usage: pl-embed [options] <chunks >chunks-with-vectors\n"
    "\n"
    "Reads records, one JSON object a line, and gives every chunk the keys\n"
    "model and embedding. Other records pass unchanged and in order. A chunk\n"
    "that cannot be embedded becomes an error record in its place.\n"
    "\n"
    "What is embedded is the chunk's context and text, a newline between.\n"
    "\n"
    "  --provider hash|openai   hash (the default) works offline and finds\n"
    "                           shared words, not meaning; openai asks any\n"
    "                           server with OpenAI's /embeddings\n"
    "  --model NAME             openai: text-embedding-3-small if not given\n"
    "  --dimensions N           numbers in a vector; hash: 512 if not given\n"
    "  --encoding array|base64  how the vector is written (array)\n"
    "  --progress               show progress even without a terminal\n"
    "\n"
    "With --provider openai:\n"
    "  --batch N                most chunks in one request (32)\n"
    "  --batch-bytes SIZE       most text in one request (1MiB)\n"
    "  --encoding-format F      ask the server for float or base64; not\n"
    "                           asked if not given, both are understood\n"
    "  --body JSON              an object of further keys for the request\n"
    "  --header 'NAME: VALUE'   a further header, repeatable; not for\n"
    "                           secrets, which every user can see here\n"
    "  --timeout TIME           for one request (60s)\n"
    "  --retries N              further tries where that can help (4)\n"
    "  --max-wait TIME          longest wait between two tries (30s)\n"
    "\n"
    "  --max-record SIZE        refuse longer lines (64MiB)\n"
    "  --invalid replace|reject NUL, lone surrogates, invalid UTF-8:\n"
    "                           replace by U+FFFD (the default), or refuse\n"
    "  -v, --verbose            tell about requests, waits and halving\n"
    "      --help, --version\n"
    "\n"
    "Environment: OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID,\n"
    "OPENAI_PROJECT_ID; PL_EMBED_PROVIDER, PL_EMBED_MODEL and\n"
    "PL_EMBED_DIMENSIONS are defaults of the options.\n"
    "\n"
    "Exit status: 0 done; 1 key, quota, model or output at fault; 2 usage;\n"
    "3 some records refused; 75 the server was unavailable, try again.\n"
    "\n"
    "Examples:\n"
    "  pl-ingest docs | pl-chunk | pl-embed | pl-store\n"
    "  pl-embed --provider openai --dimensions 512 <chunks.ndjson\n"
    "  OPENAI_BASE_URL=http://localhost:11434/v1 \\\n"
    "      pl-embed --provider openai --model all-minilm <chunks.ndjson\n";

static void
on_note(void *argument, const char *text)
{
	(void)argument;
	cli_note("%s", text);
}

static void
on_idle(void *batch)
{
	embed_batch_close(batch);
}

/* The embedder is opened before the batch that it is for. */
static void
on_wait(void *batch)
{
	embed_batch_wait(*(struct embed_batch **)batch);
}

static void
read_all(struct record_in *in, struct embed_batch *batch)
{
	struct record r;

	for (;;) {
		switch (record_in_read(in, &r)) {
		case RECORD_OK:
			embed_batch_add(batch, &r);
			break;
		case RECORD_REFUSED:
			embed_batch_add_refused(batch, &r);
			break;
		case RECORD_FAILED: {
			const char *why = strerror(errno);

			embed_batch_close(batch);
			cli_die(CLI_FAILED, "standard input: %s", why);
		}
		case RECORD_EOF:
			embed_batch_close(batch);
			return;
		}
	}
}

static enum cli_status
status_of(int wrong)
{
	if (wrong & EMBED_BATCH_HOPELESS)
		return CLI_FAILED;
	if (wrong & EMBED_BATCH_UNAVAILABLE)
		return CLI_UNAVAILABLE;
	return wrong & EMBED_BATCH_REFUSED ? CLI_PARTIAL : CLI_DONE;
}

int
main(int argc, char **argv)
{
	struct embed_options o;
	struct embedder *embedder;
	struct record_out *out;
	struct record_in *in;
	struct embed_batch *batch = NULL;
	const char *why;
	int wrong;

	cli_start("pl-embed", help);
	embed_options_parse(argc, argv, &o);
	o.embedder.note = on_note;
	o.embedder.waiting = on_wait;
	o.embedder.waiting_argument = &batch;

	embedder = embedder_open(&o.embedder, &why);
	if (embedder == NULL)
		cli_die(CLI_FAILED, "%s", why);
	/* Offline, a batch gains nothing. */
	if (embedder_is_local(embedder))
		o.batch.chunks = 1;
	out = record_out_open(STDOUT_FILENO);
	batch = embed_batch_new(embedder, out, &o.batch);
	o.input.idle = on_idle;
	o.input.idle_argument = batch;
	in = record_in_open(STDIN_FILENO, &o.input);

	read_all(in, batch);

	wrong = embed_batch_finish(batch);
	embed_batch_free(batch);
	record_in_close(in);
	embedder_close(embedder);
	embed_options_free(&o);
	output_close(out);
	return status_of(wrong);
}
