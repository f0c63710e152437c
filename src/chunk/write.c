#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "chunk/chunk_id.h"
#include "chunk/chunk_recipe.h"
#include "chunk/ending.h"
#include "options.h"
#include "record/chunk_record.h"
#include "record/document.h"
#include "record/json_write.h"
#include "record/recipe.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"

/* A place in the content: its offset, and its offset in the escaped line. */
struct chunk_place {
	size_t at, raw;
};

struct chunk_writer {
	const struct chunk_tool_options *options;
	struct record_out *out;
	struct chunk_id *ident;
	struct digest *hash;
	struct chunk_place chunk_start, place;
	struct buf last; /* JSON members that end each chunk, written once */
	struct buf path; /* JSON headings of the last chunk */
	uint32_t path_heading;
	struct buf context; /* of the last chunk */
	struct buf recipe;  /* JSON member of each end record */
};

struct chunk_writer *
chunk_writer_new(const struct chunk_tool_options *o, struct record_out *out,
    const struct chunker *chunker)
{
	struct chunk_writer *w = x_calloc(1, sizeof(*w));
	struct buf line = {0};

	w->options = o;
	w->out = out;
	w->ident = chunk_id_new();
	w->hash = digest_new();
	chunk_recipe_put(&line, chunker, o->vocabulary_hash);
	recipe_put_chunk(&w->recipe, line.data);
	buf_free(&line);
	return w;
}

void
chunk_writer_free(struct chunk_writer *w)
{
	if (w == NULL)
		return;
	digest_free(w->hash);
	chunk_id_free(w->ident);
	buf_free(&w->last);
	buf_free(&w->path);
	buf_free(&w->context);
	buf_free(&w->recipe);
	free(w);
}

static void
put_text(struct buf *out, const char *key, struct document_text text)
{
	if (text.s != NULL)
		json_member(out, key, text.s, text.n);
}

/* The headings of chunk i as JSON; often equal to the last chunk's. */
static struct document_text
path_of(struct chunk_writer *w, const struct chunker *chunker, size_t i)
{
	uint32_t heading = chunk_heading(chunker, i);
	struct chunk_text path[CHUNK_LEVELS];
	struct buf *b = &w->path;
	size_t n;

	if (b->len == 0 || heading != w->path_heading) {
		buf_reset(b, 1 << 16);
		n = chunk_path(chunker, i, path);
		buf_putc(b, '[');
		for (size_t k = 0; k < n; k++) {
			if (k > 0)
				buf_putc(b, ',');
			json_string(b, path[k].s, path[k].n);
		}
		buf_putc(b, ']');
		w->path_heading = heading;
	}
	return (struct document_text){b->data, b->len};
}

/* Advance to the place at. Each byte that is escaped has a backslash more. */
static void
go_to(struct chunk_place *place, const struct document *d, size_t at)
{
	size_t n = at - place->at;

	place->raw += n + json_escapes(d->content.s + place->at, n);
	place->at = at;
}

/* The text of a chunk: escaped, from the line, if the line is known. */
static struct document_text
content_of(
    struct chunk_writer *w, const struct document *d, const struct chunk *chunk)
{
	size_t begin;

	if (d->raw_content.s == NULL)
		return (struct document_text){
		    d->content.s + chunk->start, chunk->end - chunk->start};
	/* With overlap a chunk starts in the chunk before it. */
	if (chunk->start < w->place.at)
		w->place = w->chunk_start;
	go_to(&w->place, d, chunk->start);
	w->chunk_start = w->place;
	begin = w->place.raw;
	go_to(&w->place, d, chunk->end);
	return (struct document_text){
	    d->raw_content.s + begin, w->place.raw - begin};
}

/* The hash of what is embedded: the context and a newline, and the text. */
static void
hash_chunk(struct chunk_writer *w, const char *text, size_t n,
    char hex[static DIGEST_HEX])
{
	if (w->context.len > 0) {
		digest_add(w->hash, w->context.data, w->context.len);
		digest_add(w->hash, "\n", 1);
	}
	digest_add(w->hash, text, n);
	digest_end_hex(w->hash, hex);
}

static void
put_chunk(struct chunk_writer *w, const struct document *d,
    const struct chunker *chunker, size_t i)
{
	const struct chunk *chunk = chunk_get(chunker, i);
	const char *text = d->content.s + chunk->start;
	size_t n = chunk->end - chunk->start;
	char id[DIGEST_UUID_TEXT], hash[DIGEST_HEX];
	uint8_t uuid[DIGEST_UUID];

	w->context.len = 0;
	chunk_context(chunker, i, &w->context);
	hash_chunk(w, text, n, hash);
	chunk_id_make(w->ident, hash, DIGEST_HEX - 1, uuid);
	digest_uuid_text(uuid, id);
	chunk_record_write(record_out_begin(w->out, "chunk"),
	    &(struct chunk_record_parts){.id = id,
		.document_id = d->id,
		.hash = hash,
		.index = i,
		.start = chunk->start,
		.end = chunk->end,
		.char_start = chunk->char_start,
		.char_end = chunk->char_end,
		.overlap = chunk->overlap,
		.tokens =
		    chunk_tokens(chunker, i, w->context.data, w->context.len),
		.text = content_of(w, d, chunk),
		.text_is_escaped = d->raw_content.s != NULL,
		.context = {w->context.data, w->context.len},
		.headings = path_of(w, chunker, i),
		.more = {w->last.data, w->last.len}});
	output_check(record_out_end(w->out));
}

static void
put_end(struct chunk_writer *w, const struct document *d, size_t chunks)
{
	struct buf *out = record_out_begin(w->out, "end");

	json_member_plain(out, "document_id", d->id);
	put_text(out, "source", d->source);
	put_text(out, "url", d->url);
	put_text(out, "title", d->title);
	json_member_plain(out, "content_hash", d->content_hash);
	json_member_uint(out, "chunks", chunks);
	put_text(out, "lease", d->lease);
	buf_add(out, w->recipe.data, w->recipe.len);
	output_check(record_out_end(w->out));
}

/* The size of the last chunk's context, with the line end behind it. */
static size_t
context_size(
    const struct chunk_writer *w, const struct chunker *chunker, size_t i)
{
	size_t size = chunk_get(chunker, i)->size, n = w->context.len, whole;

	if (n == 0)
		return 0;
	if (w->options->chunk.unit == CHUNK_TOKENS) {
		/* Apart, parts of a word may have more than together. */
		whole = chunk_tokens(chunker, i, w->context.data, n);
		return whole > size ? whole - size : 0;
	}
	return w->options->chunk.unit == CHUNK_BYTES
		   ? n + 1
		   : utf8_count(w->context.data, n) + 1;
}

/*
 * Report why chunk i ends at its place: its size, and the size with the next
 * piece.
 */
static void
explain(const struct chunk_writer *w, const struct document *d,
    const struct chunker *chunker, size_t i)
{
	static const char units[] = {
	    [CHUNK_BYTES] = 'b', [CHUNK_CHARS] = 'c', [CHUNK_TOKENS] = 't'};
	const struct chunk *chunk = chunk_get(chunker, i);
	char unit = units[w->options->chunk.unit], next[64] = "";
	size_t with_next = chunk_with_next(chunker, i);

	if (with_next > 0)
		snprintf(next, sizeof(next), "; with the next piece %zu%c",
		    with_next, unit);
	cli_warn("%.*s: chunk %zu: bytes %zu to %zu, %zu%c + %zu%c of context, "
		 "limit %zu%c, target %zu%c: ends %s %s%s",
	    (int)d->url.n, d->url.s ? d->url.s : "", i, chunk->start,
	    chunk->end, chunk->size, unit, context_size(w, chunker, i), unit,
	    w->options->chunk.max, unit, chunk_target(chunker), unit,
	    with_next > 0 ? "before" : "at", ending_words(chunk->cut), next);
}

/*
 * Write the document's metadata, if there is any, as a member for each chunk.
 */
static void
put_metadata(struct buf *out, const struct document *d)
{
	yyjson_mut_doc *doc;
	yyjson_mut_val *v;
	char *text;
	size_t n;

	if (d->object == NULL) {
		/* An empty object is left out, as below. */
		if (d->raw_metadata.n > 2) {
			json_key(out, "metadata");
			buf_add(out, d->raw_metadata.s, d->raw_metadata.n);
		}
		return;
	}
	doc = yyjson_mut_doc_new(NULL);
	v = document_metadata(d, doc);
	text =
	    yyjson_mut_obj_size(v) > 0 ? yyjson_mut_val_write(v, 0, &n) : NULL;
	if (text != NULL) {
		json_key(out, "metadata");
		buf_add(out, text, n);
	}
	free(text);
	yyjson_mut_doc_free(doc);
}

void
chunk_writer_put(struct chunk_writer *w, const struct document *d,
    const struct chunker *chunker, size_t n)
{
	chunk_id_start(w->ident, d->uuid);
	w->place = (struct chunk_place){0};
	w->path.len = 0;
	buf_reset(&w->last, 1 << 16);
	put_text(&w->last, "url", d->url);
	put_text(&w->last, "title", d->title);
	put_text(&w->last, "lease", d->lease);
	if (w->options->metadata)
		put_metadata(&w->last, d);
	for (size_t i = 0; i < n; i++) {
		put_chunk(w, d, chunker, i);
		if (w->options->explain)
			explain(w, d, chunker, i);
	}
	put_end(w, d, n);
}
