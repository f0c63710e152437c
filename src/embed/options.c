#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "embed/vector.h"
#include "record/record.h"
#include "tool/cli.h"
#include "tool/option_parse.h"
#include "tool/secret.h"

enum { BATCH_MAX = 2048 };

static void
take_body(void *target, const struct option_row *row, const char *name,
    const char *json)
{
	struct embed_options *o = target;
	size_t repaired, at;
	const char *why;
	yyjson_val *root;

	(void)row, (void)name;
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
take_header(void *target, const struct option_row *row, const char *name,
    const char *line)
{
	static const char *const secrets[] = {"authorization", "api-key",
	    "x-api-key", "proxy-authorization", "cookie", NULL};
	size_t n = strcspn(line, ":\r\n \t");
	struct embed_options *o = target;
	struct embedder_options *e = &o->embedder;

	(void)row, (void)name;
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
take_prefix(void *target, const struct option_row *row, const char *name,
    const char *text)
{
	const char **member = (const char **)((char *)target + row->offset);

	if (utf8_valid(text, strlen(text)) < strlen(text))
		cli_usage("%s: the text is not valid UTF-8", name);
	*member = text;
}

#define TO(member) OPTION_TO(struct embed_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_WORD, .name = "provider", .argument = "hash|openai",
	TO(embedder.provider), .environment = "PL_EMBED_PROVIDER",
	.standard = "hash",
	.help = "hash works offline and finds shared words, not meaning; "
		"openai asks any server with OpenAI's /embeddings"},
    {OPTION_TEXT, .name = "model", .argument = "NAME", TO(embedder.model),
	.environment = "PL_EMBED_MODEL",
	.help = "openai: text-embedding-3-small if not given"},
    {OPTION_NUMBER, .name = "dimensions", .argument = "N",
	TO(embedder.dimensions), .low = 1, .high = VECTOR_MAX,
	.environment = "PL_EMBED_DIMENSIONS",
	.help = "numbers in a vector; hash: 512 if not given"},
    {OPTION_CALL, .name = "prefix", .argument = "TEXT", .take = take_prefix,
	TO(batch.prefix), .environment = "PL_EMBED_PREFIX",
	.help = "put before each text, as some models need it: 'passage: '"},
    {OPTION_CALL, .name = "query-prefix", .argument = "TEXT",
	.take = take_prefix, TO(query_prefix),
	.environment = "PL_EMBED_QUERY_PREFIX",
	.help = "what pl-search puts before a query: 'query: '"},
    {OPTION_CHOICE, .name = "encoding", .argument = "array|base64",
	TO(batch.base64), .standard = "array",
	.help = "how the vector is written"},
    OPTION_ROW_MAX_RECORD(struct embed_options, input.max_record),
    OPTION_ROW_INVALID(struct embed_options, input.reject_invalid),
    OPTION_ROW_PROGRESS(struct embed_options, batch.progress),
    {OPTION_TITLE, .help = "With --provider openai:"},
    {OPTION_NUMBER, .name = "batch", .argument = "N", TO(batch.chunks),
	.low = 1, .high = BATCH_MAX,
	/* The smallest limit of common servers. */
	.standard = "32", .help = "most chunks in one request"},
    {OPTION_SIZE, .name = "batch-bytes", .argument = "SIZE", TO(batch.bytes),
	.low = 1, .high = EMBED_BATCH_BYTES_MAX,
	/* Some servers stop at 2 MB. */
	.standard = "1MiB", .help = "most text in one request"},
    {OPTION_WORD, .name = "encoding-format", .argument = "float|base64",
	TO(embedder.encoding_format),
	.help = "ask the server for this form; without it the server chooses, "
		"and both are understood"},
    {OPTION_CALL, .name = "body", .argument = "JSON", .take = take_body,
	.help = "an object of further keys for the request"},
    {OPTION_CALL, .name = "header", .argument = "'NAME: VALUE'",
	.take = take_header,
	.help = "a further header, may be repeated; not for secrets, which "
		"every user can see here"},
    {OPTION_DURATION, .name = "timeout", .argument = "DURATION",
	TO(embedder.timeout), .low = 1, .high = OPTION_HOUR, .standard = "60s",
	.help = "for one request"},
    {OPTION_NUMBER, .name = "retries", .argument = "N", TO(embedder.retries),
	.low = 0, .high = 100, .standard = "4",
	.help = "further attempts where they can help"},
    {OPTION_DURATION, .name = "max-wait", .argument = "DURATION",
	TO(embedder.max_wait), .low = 1, .high = OPTION_HOUR, .standard = "30s",
	.help = "longest wait between two attempts"},
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]... <CHUNKS >EMBEDDED-CHUNKS",
    .about = "Reads records, one JSON object a line, and gives every chunk the "
	     "keys\n"
	     "model and embedding. Other records pass unchanged and in order. "
	     "A chunk\n"
	     "that cannot be embedded becomes an error record in its place.\n"
	     "\n"
	     "What is embedded is the chunk's context and text, a newline "
	     "between.\n",
    .rows = rows,
    .more =
	"Environment, besides: OPENAI_API_KEY, OPENAI_BASE_URL, "
	"OPENAI_ORG_ID,\n"
	"OPENAI_PROJECT_ID.\n"
	"\n"
	"Exit status: 0 done; 1 key, quota, model or output at fault; 2 "
	"usage;\n"
	"3 some records refused; 75 the server was unavailable, try again.\n"
	"\n"
	"Examples:\n"
	"  pl-ingest docs | pl-chunk | pl-embed | pl-store\n"
	"  pl-embed --provider openai --dimensions 512 <chunks.ndjson\n"
	"  OPENAI_BASE_URL=http://localhost:11434/v1 \\\n"
	"      pl-embed --provider openai --model all-minilm <chunks.ndjson\n",
};

void
embed_options_parse(int argc, char **argv, struct embed_options *o)
{
	struct embedder_options *e = &o->embedder;
	int first;

	*o = (struct embed_options){0};
	first = option_parse(&set, argc, argv, o);
	e->base_url = cli_env("OPENAI_BASE_URL", NULL);
	/* Offline, the file of a key is not missed. */
	if (e->provider != NULL && strcmp(e->provider, "hash") != 0)
		e->key = secret_env("OPENAI_API_KEY");
	e->organization = cli_env("OPENAI_ORG_ID", NULL);
	e->project = cli_env("OPENAI_PROJECT_ID", NULL);
	if (first < argc)
		cli_usage("'%s': no arguments are taken; chunks are read "
			  "from standard input",
		    argv[first]);
}

void
embed_options_free(struct embed_options *o)
{
	yyjson_doc_free(o->body);
	free(o->headers);
}
