/* pl-embed - attach an embedding to each chunk */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "embed/batch.h"
#include "embed/embed_recipe.h"
#include "embed/embedder.h"
#include "embed/ends.h"
#include "embed/options.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"

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

/* A pointer to a pointer: the embedder is opened before there is a batch. */
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

/* What end records tell about the vectors. */
static struct embed_ends *
open_ends(const struct embed_options *o, const struct embedder *embedder)
{
	const struct embedder_options *e = &o->embedder;

	return embed_ends_new(&(struct embed_recipe){.provider = e->provider,
	    .model = embedder_model(embedder),
	    /* The model of a local provider is named after its width. */
	    .dimensions = embedder_is_local(embedder) ? 0 : e->dimensions,
	    .prefix = o->batch.prefix,
	    .query_prefix = o->query_prefix,
	    .body = embedder_is_local(embedder) ? NULL : e->body});
}

int
main(int argc, char **argv)
{
	struct embed_options o;
	struct embedder *embedder;
	struct record_out *out;
	struct record_in *in;
	struct embed_ends *ends;
	struct embed_batch *batch = NULL;
	const char *why;
	int wrong;

	cli_start("pl-embed");
	embed_options_parse(argc, argv, &o);
	o.embedder.note = on_note;
	o.embedder.waiting = on_wait;
	o.embedder.waiting_argument = &batch;

	embedder = embedder_open(&o.embedder, &why);
	if (embedder == NULL)
		cli_die(CLI_FAILED, "%s", why);
	/* A batch saves requests; an offline provider makes none. */
	if (embedder_is_local(embedder))
		o.batch.chunks = 1;
	out = record_out_open(STDOUT_FILENO);
	ends = open_ends(&o, embedder);
	batch = embed_batch_new(embedder, out, ends, &o.batch);
	o.input.idle = on_idle;
	o.input.idle_argument = batch;
	in = record_in_open(STDIN_FILENO, &o.input);

	read_all(in, batch);

	wrong = embed_batch_finish(batch);
	embed_batch_free(batch);
	embed_ends_free(ends);
	record_in_close(in);
	embedder_close(embedder);
	embed_options_free(&o);
	output_close(out);
	return status_of(wrong);
}
