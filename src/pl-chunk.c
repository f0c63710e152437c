/* pl-chunk - split documents into chunks by structure, to a hard limit */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "chunk.h"
#include "cli.h"
#include "digest.h"
#include "doc.h"
#include "ident.h"
#include "json.h"
#include "num.h"
#include "rec.h"
#include "token.h"
#include "utf8.h"

static const char help[] =
    "Usage: pl-chunk [OPTION]...\n"
    "Split documents into chunks by structure, to a hard limit.\n"
    "\n"
    "Reads document records on standard input and writes, for each, its\n"
    "chunk records in order and an end record. Headings, paragraphs, list\n"
    "items, code and tables are kept whole as long as they fit; each chunk\n"
    "knows its byte and code point offsets, the headings it stands under and\n"
    "the context it needs. Other records pass unchanged.\n"
    "\n"
    "  -m, --max=N[c|b|t]   hard limit of a chunk with its context, in code\n"
    "                       points (c), bytes (b) or tokens (t) (default:\n"
    "                       1600c)\n"
    "  -t, --target=N       size to aim at, in the unit of --max (default:\n"
    "                       5/8 of --max)\n"
    "      --tokenizer=FILE count tokens exactly, by a vocabulary such as\n"
    "                       cl100k_base.tiktoken\n"
    "      --estimate       count tokens about, without a vocabulary\n"
    "      --count          write how large each document is, no chunks\n"
    "      --text           plain text: paragraphs, no Markdown\n"
    "      --explain        say on standard error why each chunk ends where\n"
    "                       it does\n"
    "      --invalid=WHAT   replace bad text (NUL, lone surrogates, invalid\n"
    "                       UTF-8) by U+FFFD, or reject the record\n"
    "                       (default: replace)\n"
    "      --max-record=N   longest line taken (default: 64M)\n"
    "  -v, --verbose        say more\n"
    "      --help           print this text\n"
    "      --version        print the version\n"
    "\n"
    "Examples:\n"
    "  pl-ingest handbook/*.md | pl-chunk | jq -r .text\n"
    "  pl-ingest notes.txt | pl-chunk --max 800c --explain >/dev/null\n"
    "  pl-ingest crawl.json | pl-chunk | pl-embed | pl-store\n";

enum { LIMIT_MOST = 1 << 23 };

enum {
	OPT_TEXT = CLI_OPT_FIRST,
	OPT_EXPLAIN,
	OPT_TOKENIZER,
	OPT_ESTIMATE,
	OPT_COUNT,
	OPT_INVALID,
	OPT_MAX_RECORD
};

static const struct option long_options[] = {
    {"max", required_argument, NULL, 'm'},
    {"target", required_argument, NULL, 't'},
    {"tokenizer", required_argument, NULL, OPT_TOKENIZER},
    {"estimate", no_argument, NULL, OPT_ESTIMATE},
    {"count", no_argument, NULL, OPT_COUNT},
    {"text", no_argument, NULL, OPT_TEXT},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"invalid", required_argument, NULL, OPT_INVALID},
    {"max-record", required_argument, NULL, OPT_MAX_RECORD}, CLI_OPTIONS};

struct options {
	struct chunk_options chunk;
	struct rec_options rec;
	int explain;
	int estimate;
	int count;
	const char *tokenizer;
};

struct tool {
	struct options options;
	struct rec_in *in;
	struct rec_out *out;
	struct token_vocabulary *vocabulary;
	struct token_counter *counter;
	struct chunker *markdown;
	struct chunker *plain;
	struct digest *digest;
	struct ident *ident;
	struct buf context;
	size_t refused;
};

/* "1600c": a number and the letter of its unit, or 0 for none. */
static size_t
parse_limit(const char *option, const char *s, char *unit)
{
	char digits[24] = "";
	size_t n = strlen(s);
	int64_t v;

	*unit = '\0';
	if (n > 0 && strchr("bct", s[n - 1]) != NULL)
		*unit = s[--n];
	if (n < sizeof(digits))
		memcpy(digits, s, n);
	if (num_int(digits, CHUNK_MAX_LEAST, LIMIT_MOST, &v) == -1)
		cli_usage("%s '%s': expected a number of %d to %d and its "
			  "unit, such as 1600c (code points), 4096b (bytes) "
			  "or 400t (tokens)",
		    option, s, CHUNK_MAX_LEAST, LIMIT_MOST);
	return (size_t)v;
}

static void
set_limits(struct options *o, const char *max, const char *target)
{
	char unit, target_unit;

	o->chunk.max = parse_limit("--max", max, &unit);
	o->chunk.unit = unit == 'b'   ? CHUNK_BYTES
			: unit == 't' ? CHUNK_TOKENS
				      : CHUNK_CHARS;
	if (unit == 't' && o->tokenizer == NULL && !o->estimate)
		cli_usage("--max %s: tokens are counted by a vocabulary: give "
			  "--tokenizer FILE, or --estimate if about %s will "
			  "do; or --max %sb, as a token is at least a byte",
		    max, max, max);
	if (target == NULL)
		return;
	o->chunk.target = parse_limit("--target", target, &target_unit);
	if (target_unit != '\0' && target_unit != (unit ? unit : 'c'))
		cli_usage("--target %s and --max %s have different units",
		    target, max);
	if (o->chunk.target > o->chunk.max)
		cli_usage("--target %s is more than --max %s", target, max);
}

static void
parse_options(int argc, char **argv, struct options *o)
{
	const char *max = "1600c", *target = NULL;
	int c;

	while ((c = cli_next(argc, argv, ":m:t:v", long_options)) != -1)
		switch (c) {
		case 'm':
			max = optarg;
			break;
		case 't':
			target = optarg;
			break;
		case OPT_TEXT:
			o->chunk.plain = 1;
			break;
		case OPT_TOKENIZER:
			o->tokenizer = optarg;
			break;
		case OPT_ESTIMATE:
			o->estimate = 1;
			break;
		case OPT_COUNT:
			o->count = 1;
			break;
		case OPT_EXPLAIN:
			o->explain = 1;
			break;
		case OPT_INVALID:
			if (strcmp(optarg, "replace") != 0 &&
			    strcmp(optarg, "reject") != 0)
				cli_usage("--invalid '%s': expected replace or "
					  "reject",
				    optarg);
			o->rec.reject_invalid = strcmp(optarg, "reject") == 0;
			break;
		case OPT_MAX_RECORD:
			o->rec.max_record = cli_size(
			    "--max-record", optarg, 1 << 10, (size_t)1 << 30);
			break;
		}
	if (optind < argc)
		cli_usage("'%s': pl-chunk reads standard input only: "
			  "pl-ingest FILE | pl-chunk",
		    argv[optind]);
	if (o->tokenizer != NULL && o->estimate)
		cli_usage("--tokenizer and --estimate exclude each other");
	set_limits(o, max, target);
}

/* A write failed: nothing that follows could be delivered. */
static _Noreturn void
die_output(void)
{
	cli_die(CLI_FAILED, "standard output: %s", strerror(errno));
}

static void
refuse(struct tool *t, const struct rec *r, struct rec_error *e)
{
	e->stage = "chunk";
	e->line = r->number;
	if (e->offset >= 0)
		cli_warn("line %llu: byte %lld: %s",
		    (unsigned long long)e->line, (long long)e->offset,
		    e->message);
	else
		cli_warn("line %llu: %s%s%s", (unsigned long long)e->line,
		    e->url ? e->url : "", e->url ? ": " : "", e->message);
	if (rec_put_error(t->out, e) == -1)
		die_output();
	t->refused++;
}

static void
refuse_document(
    struct tool *t, const struct rec *r, const char *code, const char *message)
{
	struct rec_error e = REC_ERROR_INIT;
	const char *id = rec_str(r->root, "id", NULL);

	e.class = REC_INPUT;
	e.code = code;
	e.message = message;
	e.document_id = id;
	e.url = rec_str(r->root, "url", NULL);
	e.lease = rec_str(r->root, "lease", NULL);
	refuse(t, r, &e);
}

static void
put_text(struct buf *out, const char *key, struct doc_text text)
{
	if (text.s != NULL)
		json_member(out, key, text.s, text.n);
}

static void
put_path(struct buf *out, const struct chunker *chunker, size_t i)
{
	struct chunk_text path[CHUNK_LEVELS];
	size_t n = chunk_path(chunker, i, path);

	json_key(out, "headings");
	buf_putc(out, '[');
	for (size_t k = 0; k < n; k++) {
		if (k > 0)
			buf_putc(out, ',');
		json_string(out, path[k].s, path[k].n);
	}
	buf_putc(out, ']');
}

static void
put_chunk(struct tool *t, const struct doc *d, const struct chunker *chunker,
    size_t i)
{
	const struct chunk *chunk = chunk_get(chunker, i);
	const char *text = d->content.s + chunk->start;
	size_t n = chunk->end - chunk->start;
	struct buf *out = rec_begin(t->out, "chunk"), *context = &t->context;
	char id[DIGEST_UUID_TEXT], hash[DIGEST_HEX];

	buf_reset(context, 1 << 20);
	chunk_context(chunker, i, context);
	ident_chunk(t->ident, text, n, id);
	digest_start(t->digest);
	if (context->len > 0) {
		digest_add(t->digest, context->data, context->len);
		digest_add(t->digest, "\n", 1);
	}
	digest_add(t->digest, text, n);
	digest_finish(t->digest, hash);

	json_member_plain(out, "id", id);
	json_member_plain(out, "document_id", d->id);
	json_member_uint(out, "index", i);
	json_member(out, "text", text, n);
	json_member_uint(out, "start", chunk->start);
	json_member_uint(out, "end", chunk->end);
	json_member_uint(out, "char_start", chunk->char_start);
	json_member_uint(out, "char_end", chunk->char_end);
	json_member_uint(out, "tokens", chunk_tokens(chunker, i, context));
	put_path(out, chunker, i);
	if (context->len > 0)
		json_member(out, "context", context->data, context->len);
	json_member_plain(out, "hash", hash);
	put_text(out, "url", d->url);
	put_text(out, "title", d->title);
	put_text(out, "lease", d->lease);
	if (rec_end(t->out) == -1)
		die_output();
}

static void
put_end(struct tool *t, const struct doc *d, size_t chunks)
{
	struct buf *out = rec_begin(t->out, "end");

	json_member_plain(out, "document_id", d->id);
	put_text(out, "source", d->source);
	put_text(out, "url", d->url);
	put_text(out, "title", d->title);
	json_member_plain(out, "content_hash", d->content_hash);
	json_member_uint(out, "chunks", chunks);
	put_text(out, "lease", d->lease);
	if (rec_end(t->out) == -1)
		die_output();
}

static void
explain(const struct doc *d, const struct chunker *chunker, size_t i)
{
	const struct chunk *chunk = chunk_get(chunker, i);

	cli_warn("%.*s: chunk %zu, bytes %zu to %zu, size %zu: ends before %s",
	    (int)d->url.n, d->url.s ? d->url.s : "", i, chunk->start,
	    chunk->end, chunk->size, chunk_cut_words(chunk->cut));
}

/* Plain text is said to be so; all else is read as Markdown. */
static struct chunker *
chunker_for(struct tool *t, const struct doc *d)
{
	static const char plain[] = "text/plain";

	if (t->options.chunk.plain ||
	    (d->content_type.n >= sizeof(plain) - 1 &&
		memcmp(d->content_type.s, plain, sizeof(plain) - 1) == 0))
		return t->plain;
	return t->markdown;
}

static void
put_count(struct tool *t, const struct doc *d)
{
	struct buf *out = rec_begin(t->out, "count");
	size_t chars = utf8_count(d->content.s, d->content.n), tokens;

	if (t->counter != NULL)
		tokens = token_count(t->counter, d->content.s, d->content.n);
	else
		tokens = token_estimate(d->content.n, chars) / TOKEN_PARTS;
	json_member_plain(out, "document_id", d->id);
	put_text(out, "url", d->url);
	json_member_uint(out, "bytes", d->content.n);
	json_member_uint(out, "chars", chars);
	json_member_uint(
	    out, t->counter ? "tokens" : "tokens_estimated", tokens);
	if (rec_end(t->out) == -1)
		die_output();
}

static void
split_document(struct tool *t, const struct rec *r)
{
	struct doc_defaults named = {.trust_hash = 1};
	char position[32];
	struct chunker *chunker;
	const char *why;
	struct doc d;
	size_t n;

	snprintf(position, sizeof(position), "stdin:%llu",
	    (unsigned long long)r->number);
	named.position = position;
	if (doc_read(&d, r->root, &named, &why) == -1) {
		refuse_document(t, r, "bad_document", why);
		return;
	}
	if (d.content.s == NULL) {
		refuse_document(t, r, "no_content",
		    "the document has no content: 'pl-jobctl documents' "
		    "prints saved documents with theirs");
		return;
	}
	if (t->options.count) {
		put_count(t, &d);
		return;
	}
	chunker = chunker_for(t, &d);
	n = chunk_split(
	    chunker, d.content.s, d.content.n, d.title.s, d.title.n);
	ident_start(t->ident, d.uuid);
	for (size_t i = 0; i < n; i++) {
		put_chunk(t, &d, chunker, i);
		if (t->options.explain)
			explain(&d, chunker, i);
	}
	put_end(t, &d, n);
	cli_note("%s: %zu chunks", d.id, n);
}

static void
flush_output(void *argument)
{
	struct tool *t = argument;

	if (rec_flush(t->out) == -1)
		die_output();
}

static void
handle(struct tool *t, struct rec *r, enum rec_status status)
{
	if (status == REC_REFUSED) {
		refuse(t, r, &r->error);
		return;
	}
	if (r->type != REC_DOCUMENT && r->type != REC_UNTYPED) {
		if (rec_pass(t->out, r->line, r->len) == -1)
			die_output();
		return;
	}
	if (r->repaired > 0)
		cli_warn("line %llu: byte %zu: %zu bad character%s replaced by "
			 "U+FFFD",
		    (unsigned long long)r->number, r->repaired_at, r->repaired,
		    r->repaired == 1 ? "" : "s");
	split_document(t, r);
}

/* The vocabulary in the file; ends the process if there is none. */
static struct token_vocabulary *
read_vocabulary(const char *name)
{
	struct token_vocabulary *v;
	struct buf file = {0};
	const char *why;
	ssize_t n;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		cli_die(CLI_FAILED, "%s: %s", name, strerror(errno));
	while ((n = read(fd, buf_reserve(&file, 1 << 16), 1 << 16)) > 0)
		file.len += (size_t)n;
	if (n == -1)
		cli_die(CLI_FAILED, "%s: %s", name, strerror(errno));
	close(fd);
	v = token_read(file.data, file.len, &why);
	if (v == NULL)
		cli_die(CLI_FAILED, "%s: %s", name, why);
	buf_free(&file);
	return v;
}

int
main(int argc, char **argv)
{
	struct tool t = {0};
	enum rec_status status;
	struct chunk_options plain;
	struct rec r;

	cli_start("pl-chunk", help);
	parse_options(argc, argv, &t.options);

	t.options.rec.idle = flush_output;
	t.options.rec.idle_argument = &t;
	t.in = rec_in_open(STDIN_FILENO, &t.options.rec);
	t.out = rec_out_open(STDOUT_FILENO);
	t.digest = digest_new();
	t.ident = ident_new();
	if (t.options.tokenizer != NULL) {
		t.vocabulary = read_vocabulary(t.options.tokenizer);
		t.options.chunk.vocabulary = t.vocabulary;
		t.counter = token_counter_new(t.vocabulary);
	}
	plain = t.options.chunk;
	plain.plain = 1;
	t.markdown = chunk_new(&t.options.chunk);
	t.plain = chunk_new(&plain);

	while ((status = rec_read(t.in, &r)) == REC_OK || status == REC_REFUSED)
		handle(&t, &r, status);
	if (status == REC_FAILED)
		cli_warn("standard input: %s", strerror(errno));

	if (rec_out_close(t.out) == -1 || close(STDOUT_FILENO) == -1)
		die_output();
	rec_in_close(t.in);
	chunk_free(t.markdown);
	chunk_free(t.plain);
	token_counter_free(t.counter);
	token_vocabulary_free(t.vocabulary);
	ident_free(t.ident);
	digest_free(t.digest);
	buf_free(&t.context);
	if (status == REC_FAILED)
		return CLI_FAILED;
	return t.refused > 0 ? CLI_PARTIAL : CLI_DONE;
}
