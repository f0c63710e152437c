#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "chunk/chunk_id.h"
#include "chunk/ending.h"
#include "options.h"
#include "record/chunk_record.h"
#include "record/document.h"
#include "record/json_write.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"

/* A place in the content, as it is and as it stands in the line. */
struct chunk_place {
	size_t at, raw;
};

struct chunk_writer {
	const struct chunk_tool_options *options;
	struct record_out *out;
	struct chunk_id *ident;
	/* Hashes that have still to be put in the output. */
	struct digest_lanes *hashes;
	struct buf *records; /* the output, once there was a chunk */
	struct chunk_place chunk_start, place;
	struct buf last; /* the last members of every chunk, written */
	struct buf path; /* the headings of the last chunk, written */
	uint32_t path_heading;
	/* Of the chunks of the document: contexts end with a newline. */
	struct buf contexts;
	struct digest_text *texts;
	size_t cap;
};

/* The hash of a text that was put in the output at that offset. */
static void
set_hash(void *argument, size_t offset, const char hex[static DIGEST_HEX])
{
	struct chunk_writer *w = argument;

	memcpy(w->records->data + offset, hex, DIGEST_HEX - 1);
}

static void
settle_hashes(void *argument)
{
	struct chunk_writer *w = argument;

	digest_lanes_finish(w->hashes);
}

struct chunk_writer *
chunk_writer_new(const struct chunk_tool_options *o, struct record_out *out)
{
	struct chunk_writer *w = x_calloc(1, sizeof(*w));

	w->options = o;
	w->out = out;
	w->ident = chunk_id_new();
	w->hashes = digest_lanes_new(set_hash, w);
	record_out_settle(out, settle_hashes, w);
	return w;
}

void
chunk_writer_free(struct chunk_writer *w)
{
	if (w == NULL)
		return;
	digest_lanes_finish(w->hashes);
	record_out_settle(w->out, NULL, NULL);
	digest_lanes_free(w->hashes);
	chunk_id_free(w->ident);
	buf_free(&w->last);
	buf_free(&w->path);
	buf_free(&w->contexts);
	free(w->texts);
	free(w);
}

static void
put_text(struct buf *out, const char *key, struct document_text text)
{
	if (text.s != NULL)
		json_member(out, key, text.s, text.n);
}

/* The headings of chunk i as JSON; often they are those of the one before. */
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

/* Set contexts and texts of the n chunks of d. */
static void
collect_texts(struct chunk_writer *w, const struct document *d,
    const struct chunker *chunker, size_t n)
{
	if (n > w->cap) {
		w->cap = n > 2 * w->cap ? n : 2 * w->cap;
		w->texts = x_realloc(w->texts, w->cap, sizeof(*w->texts));
	}
	buf_reset(&w->contexts, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		const struct chunk *chunk = chunk_get(chunker, i);
		size_t begin = w->contexts.len;

		chunk_context(chunker, i, &w->contexts);
		if (w->contexts.len > begin)
			buf_putc(&w->contexts, '\n');
		w->texts[i] =
		    (struct digest_text){.head_n = w->contexts.len - begin,
			.body = d->content.s + chunk->start,
			.body_n = chunk->end - chunk->start};
	}
	for (size_t i = 0, at = 0; i < n; i++) {
		if (w->texts[i].head_n == 0)
			continue;
		w->texts[i].head = w->contexts.data + at;
		at += w->texts[i].head_n;
	}
}

/* Go on to the place at. Each byte that is escaped has a backslash more. */
static void
go_to(struct chunk_place *place, const struct document *d, size_t at)
{
	size_t n = at - place->at;

	place->raw += n + json_escapes(d->content.s + place->at, n);
	place->at = at;
}

/*
 * The text of a chunk; escaped, as it stands in the line, if that is known.
 */
static struct document_text
content_of(
    struct chunk_writer *w, const struct document *d, const struct chunk *chunk)
{
	size_t begin;

	if (d->raw_content.s == NULL)
		return (struct document_text){
		    d->content.s + chunk->start, chunk->end - chunk->start};
	/* With overlap it starts in the chunk before. */
	if (chunk->start < w->place.at)
		w->place = w->chunk_start;
	go_to(&w->place, d, chunk->start);
	w->chunk_start = w->place;
	begin = w->place.raw;
	go_to(&w->place, d, chunk->end);
	return (struct document_text){
	    d->raw_content.s + begin, w->place.raw - begin};
}

static void
put_chunk(struct chunk_writer *w, const struct document *d,
    const struct chunker *chunker, size_t i,
    const char id[static DIGEST_UUID_TEXT])
{
	const struct chunk *chunk = chunk_get(chunker, i);
	const struct digest_text *text = &w->texts[i];
	const char *context = text->head;
	size_t context_n = text->head_n > 0 ? text->head_n - 1 : 0;
	struct chunk_record_parts parts = {.id = id,
	    .document_id = d->id,
	    .index = i,
	    .start = chunk->start,
	    .end = chunk->end,
	    .char_start = chunk->char_start,
	    .char_end = chunk->char_end,
	    .overlap = chunk->overlap,
	    .tokens = chunk_tokens(chunker, i, context, context_n),
	    .text = content_of(w, d, chunk),
	    .text_is_escaped = d->raw_content.s != NULL,
	    .context = {context, context_n},
	    .headings = path_of(w, chunker, i),
	    .more = {w->last.data, w->last.len}};

	/*
	 * The text is hashed later, side by side with others, before the
	 * record leaves the output.
	 */
	w->records = record_out_begin(w->out, "chunk");
	digest_lanes_add(
	    w->hashes, text, chunk_record_write(w->records, &parts));
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
	output_check(record_out_end(w->out));
}

/* The size of a context, with the line end behind it. */
static size_t
context_size(
    const struct chunk_writer *w, const struct chunker *chunker, size_t i)
{
	const struct digest_text *text = &w->texts[i];
	size_t size = chunk_get(chunker, i)->size, whole;

	if (text->head_n == 0)
		return 0;
	if (w->options->chunk.unit == CHUNK_TOKENS) {
		/* Apart, parts of a word may have more than together. */
		whole = chunk_tokens(chunker, i, text->head, text->head_n - 1);
		return whole > size ? whole - size : 0;
	}
	return w->options->chunk.unit == CHUNK_BYTES
		   ? text->head_n
		   : utf8_count(text->head, text->head_n);
}

/*
 * Say why chunk i ends where it does: what it holds, and what it would with
 * the next piece.
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

/* Write the document's metadata, if there is any, for every chunk. */
static void
put_metadata(struct buf *out, const struct document *d)
{
	yyjson_mut_doc *doc;
	yyjson_mut_val *v;
	char *text;
	size_t n;

	if (d->object == NULL) {
		/* An empty object is none, as below. */
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
	char ids[CHUNK_ID_BATCH][DIGEST_UUID_TEXT];

	collect_texts(w, d, chunker, n);
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
		if (i % CHUNK_ID_BATCH == 0)
			chunk_id_make_all(w->ident, w->texts + i,
			    n - i < CHUNK_ID_BATCH ? n - i : CHUNK_ID_BATCH,
			    ids);
		put_chunk(w, d, chunker, i, ids[i % CHUNK_ID_BATCH]);
		if (w->options->explain)
			explain(w, d, chunker, i);
	}
	digest_lanes_keep(w->hashes);
	put_end(w, d, n);
}
