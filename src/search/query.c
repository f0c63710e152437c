#include "query.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "embed/embedder.h"
#include "embed/provider.h"
#include "embed/providers.h"
#include "record/error_record.h"
#include "store/collection.h"
#include "tool/cli.h"

static void
on_note(void *argument, const char *text)
{
	(void)argument;
	cli_note("%s", text);
}

static _Noreturn void
die_of_refusal(const struct collection *v, const struct embed_verdict *why)
{
	int again =
	    why->class == ERROR_TRANSIENT || why->class == ERROR_THROTTLED;

	cli_die(again ? CLI_UNAVAILABLE : CLI_FAILED,
	    "the query, by model %s of collection %s: %s", v->model, v->name,
	    why->message);
}

/*
 * Open the embedder of the collection's model; settings are in the environment.
 */
static struct embedder *
open_embedder(const struct collection *v, size_t dimensions)
{
	struct embedder_options o = {
	    .provider = providers_of_model(v->model)->name,
	    .model = v->model,
	    .dimensions = dimensions,
	    .base_url = cli_env("OPENAI_BASE_URL", NULL),
	    .key = cli_env("OPENAI_API_KEY", NULL),
	    .organization = cli_env("OPENAI_ORG_ID", NULL),
	    .project = cli_env("OPENAI_PROJECT_ID", NULL),
	    .retries = 2,
	    .max_wait = 5000,
	    .note = on_note};
	const char *why;
	struct embedder *e = embedder_open(&o, &why);

	if (e == NULL)
		cli_die(CLI_FAILED, "collection %s is embedded by model %s: %s",
		    v->name, v->model, why);
	return e;
}

/*
 * Embed the query, and ask for the given number of dimensions (0: the model's
 * own). Returns the width of the vector; out has the vector only if that width
 * is the collection's.
 */
static size_t
embed(const struct collection *v, const struct buf *query, size_t dimensions,
    float *out)
{
	struct embed_text text = {query->data, query->len};
	struct embedder *e = open_embedder(v, dimensions);
	struct embedder_result result;
	size_t width;

	embedder_run(e, &text, 1, &result);
	if (result.vector == NULL)
		die_of_refusal(v, result.why);
	width = embedder_width(e);
	if (width == (size_t)v->dimensions)
		memcpy(out, result.vector, width * sizeof(*out));
	embedder_close(e);
	return width;
}

float *
query_embed(const struct collection *v, const struct buf *query)
{
	size_t wanted = (size_t)v->dimensions, got;
	float *out = x_calloc(wanted, sizeof(*out));

	/* Ask for "dimensions" only if needed, as not every server knows it. */
	got = embed(v, query, 0, out);
	if (got != wanted)
		got = embed(v, query, wanted, out);
	if (got != wanted)
		cli_die(CLI_FAILED,
		    "model %s gives %zu dimensions now, collection %s has "
		    "%zu: check OPENAI_BASE_URL",
		    v->model, got, v->name, wanted);
	return out;
}
