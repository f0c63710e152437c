#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "embed/providers.h"
#include "embed/vector.h"
#include "record/record.h"
#include "tool/cli.h"

enum {
	BATCH = 32, /* the least of the common limits */
	BATCH_MAX = 2048,
	BATCH_BYTES = 1 << 20 /* some servers stop at 2 MB */
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
take_body(struct embed_options *o, const char *json)
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
take_header(struct embed_options *o, const char *line)
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
take_option(struct embed_options *o, int c)
{
	struct embedder_options *e = &o->embedder;
	struct embed_batch_options *b = &o->batch;

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
		    cli_size("--batch-bytes", optarg, 1, EMBED_BATCH_BYTES_MAX);
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
		o->input.max_record =
		    cli_size("--max-record", optarg, 1, (size_t)1 << 30);
		break;
	case OPT_INVALID:
		o->input.reject_invalid =
		    one_of("--invalid", optarg, "replace", "reject");
		break;
	}
}

static void
read_environment(struct embed_options *o)
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

void
embed_options_parse(int argc, char **argv, struct embed_options *o)
{
	const char *provider;
	int c;

	*o = (struct embed_options){.embedder.retries = EMBEDDER_RETRIES,
	    .batch = {.chunks = BATCH, .bytes = BATCH_BYTES}};
	read_environment(o);
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

void
embed_options_free(struct embed_options *o)
{
	yyjson_doc_free(o->body);
	free(o->headers);
}
