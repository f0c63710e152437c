/* pl-embed - attach an embedding to each chunk */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "embed/batch.h"
#include "embed/embedder.h"
#include "embed/providers.h"
#include "embed/vector.h"
#include "record/record.h"
#include "tool/cli.h"
#include "tool/output.h"

enum {
	BATCH = 32, /* the least of the common limits */
	BATCH_MAX = 2048,
	BATCH_BYTES = 1 << 20 /* some servers stop at 2 MB */
};

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

struct options {
	struct embedder_options embedder;
	struct record_options rec;
	struct batch_options batch;
	yyjson_doc *body;
	const char **headers;
};

enum {
	OPT_PROVIDER = CLI_OPT_FIRST,
	OPT_MODEL,
	OPT_DIMENSIONS,
	OPT_ENCODING,
	OPT_PROGRESS,
	OPT_BATCH,
	OPT_BATCH_BYTES,
	OPT_ENCODING_FORMAT,
	OPT_BODY,
	OPT_HEADER,
	OPT_TIMEOUT,
	OPT_RETRIES,
	OPT_MAX_WAIT,
	OPT_MAX_RECORD,
	OPT_INVALID
};

/* clang-format off */
static const struct option long_options[] = {
    {"provider", required_argument, NULL, OPT_PROVIDER},
    {"model", required_argument, NULL, OPT_MODEL},
    {"dimensions", required_argument, NULL, OPT_DIMENSIONS},
    {"encoding", required_argument, NULL, OPT_ENCODING},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"batch", required_argument, NULL, OPT_BATCH},
    {"batch-bytes", required_argument, NULL, OPT_BATCH_BYTES},
    {"encoding-format", required_argument, NULL, OPT_ENCODING_FORMAT},
    {"body", required_argument, NULL, OPT_BODY},
    {"header", required_argument, NULL, OPT_HEADER},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"retries", required_argument, NULL, OPT_RETRIES},
    {"max-wait", required_argument, NULL, OPT_MAX_WAIT},
    {"max-record", required_argument, NULL, OPT_MAX_RECORD},
    {"invalid", required_argument, NULL, OPT_INVALID},
    CLI_OPTIONS};
/* clang-format on */

/* Whether value is the second of two words; any other word is an error. */
static int
one_of(const char *option, const char *value, const char *first,
    const char *second)
{
	if (strcmp(value, second) == 0)
		return 1;
	if (strcmp(value, first) != 0)
		cli_usage(
		    "%s '%s': expected %s or %s", option, value, first, second);
	return 0;
}

static void
take_body(struct options *o, const char *json)
{
	size_t repaired, at;
	const char *why;
	yyjson_val *root;

	yyjson_doc_free(o->body);
	o->body = record_parse(json, strlen(json), &repaired, &at, &why, &at);
	root = yyjson_doc_get_root(o->body);
	if (!yyjson_is_obj(root))
		cli_usage("--body: expected a JSON object");
	if (yyjson_obj_get(root, "input") || yyjson_obj_get(root, "model"))
		cli_usage("--body: 'model' and 'input' are not for it");
	o->embedder.body = root;
}

static void
take_header(struct options *o, const char *line)
{
	static const char *const secrets[] = {"authorization", "api-key",
	    "x-api-key", "proxy-authorization", "cookie", NULL};
	size_t n = strcspn(line, ":\r\n \t");
	struct embedder_options *e = &o->embedder;

	if (n == 0 || line[n] != ':' || line[strcspn(line, "\r\n")] != '\0')
		cli_usage("--header: expected 'NAME: VALUE'");
	for (size_t i = 0; secrets[i] != NULL; i++)
		if (strlen(secrets[i]) == n &&
		    strncasecmp(line, secrets[i], n) == 0)
			cli_usage("--header %s: every user of the machine can "
				  "read it here; use OPENAI_API_KEY",
			    secrets[i]);
	o->headers =
	    x_realloc(o->headers, e->header_count + 1, sizeof(*o->headers));
	o->headers[e->header_count++] = line;
	e->headers = o->headers;
}

static void
take_option(struct options *o, int c)
{
	struct embedder_options *e = &o->embedder;
	struct batch_options *b = &o->batch;

	switch (c) {
	case OPT_PROVIDER:
		e->provider = optarg;
		break;
	case OPT_MODEL:
		e->model = optarg;
		break;
	case OPT_DIMENSIONS:
		e->dimensions =
		    (size_t)cli_int("--dimensions", optarg, 1, VECTOR_MAX);
		break;
	case OPT_ENCODING:
		b->base64 = one_of("--encoding", optarg, "array", "base64");
		break;
	case OPT_PROGRESS:
		b->progress = 1;
		break;
	case OPT_BATCH:
		b->chunks = (size_t)cli_int("--batch", optarg, 1, BATCH_MAX);
		break;
	case OPT_BATCH_BYTES:
		b->bytes =
		    cli_size("--batch-bytes", optarg, 1, BATCH_BYTES_MAX);
		break;
	case OPT_ENCODING_FORMAT:
		one_of("--encoding-format", optarg, "float", "base64");
		e->encoding_format = optarg;
		break;
	case OPT_BODY:
		take_body(o, optarg);
		break;
	case OPT_HEADER:
		take_header(o, optarg);
		break;
	case OPT_TIMEOUT:
		e->timeout = cli_duration("--timeout", optarg, 1, 3600000);
		break;
	case OPT_RETRIES:
		e->retries = (int)cli_int("--retries", optarg, 0, 100);
		break;
	case OPT_MAX_WAIT:
		e->max_wait = cli_duration("--max-wait", optarg, 1, 3600000);
		break;
	case OPT_MAX_RECORD:
		o->rec.max_record =
		    cli_size("--max-record", optarg, 1, (size_t)1 << 30);
		break;
	case OPT_INVALID:
		o->rec.reject_invalid =
		    one_of("--invalid", optarg, "replace", "reject");
		break;
	}
}

static void
read_environment(struct options *o)
{
	struct embedder_options *e = &o->embedder;
	const char *dimensions = cli_env("PL_EMBED_DIMENSIONS", NULL);

	e->provider = cli_env("PL_EMBED_PROVIDER", NULL);
	e->model = cli_env("PL_EMBED_MODEL", NULL);
	if (dimensions != NULL)
		e->dimensions = (size_t)cli_int(
		    "PL_EMBED_DIMENSIONS", dimensions, 1, VECTOR_MAX);
	e->base_url = cli_env("OPENAI_BASE_URL", NULL);
	e->key = cli_env("OPENAI_API_KEY", NULL);
	e->organization = cli_env("OPENAI_ORG_ID", NULL);
	e->project = cli_env("OPENAI_PROJECT_ID", NULL);
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	const char *provider;
	int c;

	while ((c = cli_next(argc, argv, ":v", long_options)) != -1)
		take_option(o, c);
	if (optind < argc)
		cli_usage("'%s': no arguments are taken; chunks are read "
			  "from standard input",
		    argv[optind]);
	provider = o->embedder.provider;
	if (provider != NULL && providers_find(provider) == NULL)
		cli_usage("--provider '%s': expected hash or openai", provider);
}

static void
on_note(void *argument, const char *text)
{
	(void)argument;
	cli_note("%s", text);
}

static void
on_idle(void *batch)
{
	batch_close(batch);
}

static void
read_all(struct record_in *in, struct batch *batch)
{
	struct record r;

	for (;;) {
		switch (record_read(in, &r)) {
		case RECORD_OK:
			batch_add(batch, &r);
			break;
		case RECORD_REFUSED:
			batch_add_refused(batch, &r);
			break;
		case RECORD_FAILED: {
			const char *why = strerror(errno);

			batch_close(batch);
			cli_die(CLI_FAILED, "standard input: %s", why);
		}
		case RECORD_EOF:
			batch_close(batch);
			return;
		}
	}
}

static enum cli_status
status_of(int wrong)
{
	if (wrong & BATCH_HOPELESS)
		return CLI_FAILED;
	if (wrong & BATCH_UNAVAILABLE)
		return CLI_UNAVAILABLE;
	return wrong & BATCH_REFUSED ? CLI_PARTIAL : CLI_DONE;
}

int
main(int argc, char **argv)
{
	struct options o = {.embedder.retries = EMBEDDER_RETRIES,
	    .embedder.note = on_note,
	    .batch = {.chunks = BATCH, .bytes = BATCH_BYTES}};
	struct embedder *embedder;
	struct record_out *out;
	struct record_in *in;
	struct batch *batch;
	const char *why;
	int wrong;

	cli_start("pl-embed", help);
	read_environment(&o);
	parse_options(&o, argc, argv);

	embedder = embedder_open(&o.embedder, &why);
	if (embedder == NULL)
		cli_die(CLI_FAILED, "%s", why);
	/* Offline, a batch gains nothing. */
	if (embedder_is_local(embedder))
		o.batch.chunks = 1;
	out = record_out_open(STDOUT_FILENO);
	batch = batch_new(embedder, out, &o.batch);
	o.rec.idle = on_idle;
	o.rec.idle_argument = batch;
	in = record_in_open(STDIN_FILENO, &o.rec);

	read_all(in, batch);

	wrong = batch_finish(batch);
	batch_free(batch);
	record_in_close(in);
	embedder_close(embedder);
	yyjson_doc_free(o.body);
	free(o.headers);
	output_close(out);
	return status_of(wrong);
}
