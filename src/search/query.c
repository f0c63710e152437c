#include "query.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "embed/embedder.h"
#include "embed/provider.h"
#include "embed/providers.h"
#include "embed/vector.h"
#include "record/error_record.h"
#include "record/record.h"
#include "store/collection.h"
#include "tool/cli.h"
#include "tool/secret.h"

/* How to embed a query; strings are borrowed from doc and the collection. */
struct settings {
	const char *provider, *model, *prefix;
	size_t dimensions; /* to ask for, or 0 */
	yyjson_doc *doc;
};

static int
is_width(int64_t n)
{
	return n > 0 && n <= VECTOR_MAX;
}

/*
 * The collection's own settings (pl-record(5), "query"). A collection of an
 * older release has none: its model's name then tells the provider.
 */
static struct settings
settings_of(const struct collection *v)
{
	const char *json = v->query != NULL ? v->query : "{}";
	yyjson_doc *doc = yyjson_read(json, strlen(json), 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	int64_t dimensions = record_int(root, "dimensions", 0);
	struct settings s = {.provider = record_str(root, "provider", NULL),
	    .model = record_str(root, "model", NULL),
	    .prefix = record_str(root, "prefix", NULL),
	    .dimensions = is_width(dimensions) ? (size_t)dimensions : 0,
	    .doc = doc};

	if (s.model == NULL)
		s.model = v->model;
	if (s.provider == NULL)
		s.provider = providers_of_model(s.model)->name;
	return s;
}

static void
on_note(void *argument, const char *text)
{
	(void)argument;
	cli_note("%s", text);
}

static _Noreturn void
die_of_refusal(const struct collection *v, const struct settings *s,
    const struct embed_verdict *why)
{
	int again =
	    why->class == ERROR_TRANSIENT || why->class == ERROR_THROTTLED;

	cli_die(again ? CLI_UNAVAILABLE : CLI_FAILED,
	    "the query, by model %s of collection %s: %s", s->model, v->name,
	    why->message);
}

/* Open the embedder; what it needs of a server is in the environment. */
static struct embedder *
open_embedder(
    const struct collection *v, const struct settings *s, size_t dimensions)
{
	struct embedder_options o = {.provider = s->provider,
	    .model = s->model,
	    .dimensions = dimensions,
	    .base_url = cli_env("OPENAI_BASE_URL", NULL),
	    .key = strcmp(s->provider, "hash") != 0
		       ? secret_env("OPENAI_API_KEY")
		       : NULL,
	    .organization = cli_env("OPENAI_ORG_ID", NULL),
	    .project = cli_env("OPENAI_PROJECT_ID", NULL),
	    .retries = 2,
	    .max_wait = 5000,
	    .note = on_note};
	const char *why;
	struct embedder *e = embedder_open(&o, &why);

	if (e == NULL)
		cli_die(CLI_FAILED, "collection %s is embedded by model %s: %s",
		    v->name, s->model, why);
	return e;
}

/*
 * Embed the text, and ask for the given number of dimensions (0: the model's
 * own). Returns the width of the vector; out has the vector only if that width
 * is the collection's.
 */
static size_t
embed(const struct collection *v, const struct settings *s,
    const struct buf *prefixed, size_t dimensions, float *out)
{
	struct embed_text text = {prefixed->data, prefixed->len};
	struct embedder *e = open_embedder(v, s, dimensions);
	struct embedder_result result;
	size_t width;

	embedder_run(e, &text, 1, &result);
	if (result.vector == NULL)
		die_of_refusal(v, s, result.why);
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
	struct settings s = settings_of(v);
	struct buf text = {0};

	if (s.prefix != NULL)
		buf_puts(&text, s.prefix);
	buf_add(&text, query->data, query->len);
	/* Ask for "dimensions" only if needed, as not every server knows it. */
	got = embed(v, &s, &text, s.dimensions, out);
	if (got != wanted && s.dimensions == 0)
		got = embed(v, &s, &text, wanted, out);
	if (got != wanted)
		cli_die(CLI_FAILED,
		    "model %s gives %zu dimensions now, collection %s has "
		    "%zu: check OPENAI_BASE_URL",
		    s.model, got, v->name, wanted);
	buf_free(&text);
	yyjson_doc_free(s.doc);
	return out;
}
