#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "chunk/token.h"
#include "chunk/token_estimate.h"
#include "options.h"
#include "record/document.h"
#include "record/error_record.h"
#include "record/json_write.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "write.h"

struct chunk_worker {
	const struct chunk_tool_options *options;
	struct record_out *out;
	struct token_counter *counter;
	struct chunker *markdown;
	struct chunker *plain;
	struct chunk_writer *writer;
	struct buf unpacked; /* memory for document_read_line */
	struct buf position; /* position of the line, as a url */
	size_t refused;
};

struct chunk_worker *
chunk_worker_new(const struct chunk_tool_options *o, struct record_out *out)
{
	struct chunk_worker *w = x_calloc(1, sizeof(*w));
	struct chunk_options plain = o->chunk;

	w->options = o;
	w->out = out;
	if (o->count && o->chunk.vocabulary != NULL)
		w->counter = token_counter_new(o->chunk.vocabulary);
	plain.plain = 1;
	w->markdown = chunk_new(&o->chunk);
	w->plain = chunk_new(&plain);
	w->writer = chunk_writer_new(o, out, w->markdown);
	return w;
}

void
chunk_worker_free(struct chunk_worker *w)
{
	if (w == NULL)
		return;
	chunk_writer_free(w->writer);
	chunk_free(w->markdown);
	chunk_free(w->plain);
	token_counter_free(w->counter);
	buf_free(&w->unpacked);
	buf_free(&w->position);
	free(w);
}

size_t
chunk_worker_refused(const struct chunk_worker *w)
{
	return w->refused;
}

static void
refuse(struct chunk_worker *w, const struct record *r, struct error_record *e)
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
	/* Only for the first line, not for each line of a file. */
	if (e->line == 1 && strcmp(e->code, "bad_json") == 0)
		cli_warn("a JSON record a line is expected: pl-ingest FILE | "
			 "pl-chunk");
	output_check(error_record_put(w->out, e));
	w->refused++;
}

static void
refuse_document(struct chunk_worker *w, const struct record *r,
    const char *code, const char *message)
{
	struct error_record e = ERROR_RECORD_INIT;

	e.class = ERROR_INPUT;
	e.code = code;
	e.message = message;
	e.document_id = record_str(r->root, "id", NULL);
	e.url = record_str(r->root, "url", NULL);
	e.lease = record_str(r->root, "lease", NULL);
	refuse(w, r, &e);
}

/* Plain text, by its content type or an option; Markdown in all other cases. */
static struct chunker *
chunker_for(struct chunk_worker *w, const struct document *d)
{
	static const char plain[] = "text/plain";

	if (w->options->chunk.plain ||
	    (d->content_type.n >= sizeof(plain) - 1 &&
		memcmp(d->content_type.s, plain, sizeof(plain) - 1) == 0))
		return w->plain;
	return w->markdown;
}

static void
put_count(struct chunk_worker *w, const struct document *d)
{
	struct buf *out = record_out_begin(w->out, "count");
	size_t chars = utf8_count(d->content.s, d->content.n), tokens;

	if (w->counter != NULL)
		tokens = token_count(w->counter, d->content.s, d->content.n);
	else
		tokens = (token_estimate_text(d->content.s, d->content.n) +
			     TOKEN_PARTS - 1) /
			 TOKEN_PARTS;
	json_member_plain(out, "document_id", d->id);
	if (d->url.s != NULL)
		json_member(out, "url", d->url.s, d->url.n);
	json_member_uint(out, "bytes", d->content.n);
	json_member_uint(out, "chars", chars);
	json_member_uint(
	    out, w->counter ? "tokens" : "tokens_estimated", tokens);
	output_check(record_out_end(w->out));
}

static void
split_document(struct chunk_worker *w, const struct document *d)
{
	struct chunker *chunker = chunker_for(w, d);
	size_t n = chunk_split(
	    chunker, d->content.s, d->content.n, d->title.s, d->title.n);

	chunk_writer_put(w->writer, d, chunker, n);
	cli_note("%s: %zu chunks", d->id, n);
}

static void
handle_document(struct chunk_worker *w, const struct document *d)
{
	if (w->options->count)
		put_count(w, d);
	else
		split_document(w, d);
}

/* Handle a document that document_read_line could not read. */
static void
handle_parsed(struct chunk_worker *w, const struct record *r,
    const struct document_defaults *defaults)
{
	const char *why;
	struct document d;

	if (document_read(&d, r->root, defaults, &why) == -1)
		refuse_document(w, r, "bad_document", why);
	else if (d.content.s == NULL)
		refuse_document(w, r, "no_content",
		    "the document has no content: 'pl-jobctl documents' "
		    "prints saved documents with theirs");
	else
		handle_document(w, &d);
}

void
chunk_worker_handle(struct chunk_worker *w, struct record_in *parser,
    struct record *r, enum record_status status)
{
	struct document_defaults defaults = {
	    .content_key = w->options->content_key,
	    .trust_hash = 1,
	    .metadata = w->options->metadata};
	struct document d;

	w->position.len = 0;
	buf_puts(&w->position, "stdin:");
	json_uint(&w->position, r->number);
	defaults.position = w->position.data;
	if (status == RECORD_OK &&
	    document_read_line(&d, r->line, r->len, &defaults, &w->unpacked)) {
		handle_document(w, &d);
		return;
	}
	if (status == RECORD_OK)
		status = record_in_parse(parser, r);
	if (status == RECORD_REFUSED) {
		refuse(w, r, &r->error);
		return;
	}
	if (r->type != RECORD_DOCUMENT && r->type != RECORD_UNTYPED) {
		output_check(record_out_pass(w->out, r->line, r->len));
		return;
	}
	if (r->repaired > 0)
		cli_warn("line %llu: byte %zu: %zu bad character%s replaced by "
			 "U+FFFD",
		    (unsigned long long)r->number, r->repaired_at, r->repaired,
		    r->repaired == 1 ? "" : "s");
	handle_parsed(w, r, &defaults);
}
