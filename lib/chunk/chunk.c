/*
 * Pieces are packed section by section. If a section is long enough to stand
 * alone, its start and its end are anchors: a chunk begins at both, so that an
 * edit elsewhere changes no chunk in the section. Between two anchors, dynamic
 * programming finds the cheapest way to divide the pieces: the best way to
 * piece j is the cheapest of (best way to piece i, one chunk from i to j). A
 * chunk is at most the limit, and small pieces are merged, so the time is
 * linear in the text.
 */
#include "chunk/chunk.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "chunk/anchor.h"
#include "chunk/chunker.h"
#include "chunk/overlap.h"
#include "chunk/pack.h"
#include "chunk/piece.h"
#include "chunk/token.h"
#include "chunk/token_estimate.h"

static enum measure_unit
measure_unit(const struct chunk_options *o)
{
	switch (o->unit) {
	case CHUNK_BYTES:
		return MEASURE_BYTES;
	case CHUNK_CHARS:
		return MEASURE_CHARS;
	default:
		return o->vocabulary ? MEASURE_TOKENS : MEASURE_ESTIMATE;
	}
}

struct chunker *
chunk_new(const struct chunk_options *options)
{
	struct chunker *c = x_calloc(1, sizeof(*c));
	enum measure_unit unit = measure_unit(options);

	c->options = *options;
	if (options->target == 0)
		c->options.target = options->max - options->max * 3 / 8;
	if (options->vocabulary != NULL)
		c->counter = token_counter_new(options->vocabulary);
	c->scale = unit == MEASURE_ESTIMATE ? TOKEN_PARTS : 1;
	c->max = (uint32_t)options->max * c->scale;
	c->target = (uint32_t)c->options.target * c->scale;
	pack_set_costs(c);
	c->pieces.plain = options->plain;
	c->pieces.limit = c->max;
	c->pieces.least = c->target;
	c->pieces.at.unit = unit;
	c->pieces.at.counter = c->counter;
	return c;
}

void
chunk_free(struct chunker *c)
{
	if (c == NULL)
		return;
	piece_free(&c->pieces);
	token_counter_free(c->counter);
	free(c->ways);
	free(c->before);
	free(c->chunks);
	free(c);
}

size_t
chunk_split(struct chunker *c, const char *text, size_t n, const char *title,
    size_t title_n)
{
	size_t first = 0, end;

	c->count = 0;
	piece_read(&c->pieces, text, n, title, title_n);
	if (c->pieces.count == 0)
		return 0;
	if (c->pieces.count > c->ways_cap) {
		c->ways_cap = c->pieces.cap;
		c->ways = x_realloc(c->ways, c->ways_cap, sizeof(*c->ways));
		c->before =
		    x_realloc(c->before, c->ways_cap, sizeof(*c->before));
	}
	anchor_set_sections(c);
	for (; first < c->pieces.count; first = end) {
		end = chunker_stretch_end(c, first, CHUNK_SECTION);
		if (!chunker_is_one_chunk(c, first, end))
			anchor_part_section(c, first, end);
	}
	for (first = 0; first < c->pieces.count; first = end) {
		end = chunker_stretch_end(c, first, CHUNK_ANCHOR);
		if (chunker_is_one_chunk(c, first, end)) {
			pack_add_chunk(
			    c, first, end - 1, chunker_cut_at(c, end));
			continue;
		}
		pack_stretch(c, first, end);
		pack_add_chunks(c, first, end);
	}
	/* Last chunk first: overlap_before needs the one before unchanged. */
	for (size_t i = c->count; c->options.overlap > 0 && i-- > 1;)
		overlap_before(c, i);
	return c->count;
}

const struct chunk *
chunk_get(const struct chunker *c, size_t i)
{
	return &c->chunks[i];
}

size_t
chunk_target(const struct chunker *c)
{
	return c->options.target;
}

uint32_t
chunk_heading(const struct chunker *c, size_t i)
{
	return c->pieces.list[c->chunks[i].piece].heading;
}

size_t
chunk_with_next(const struct chunker *c, size_t i)
{
	const struct piece *list = c->pieces.list;

	if (i + 1 == c->count)
		return 0;
	return (list[c->chunks[i + 1].piece].to -
		   list[c->chunks[i].piece].from + c->scale - 1) /
	       c->scale;
}

size_t
chunk_path(const struct chunker *c, size_t i,
    struct chunk_text path[static CHUNK_LEVELS])
{
	struct outline_text found[OUTLINE_DEPTH];
	size_t n = outline_path(&c->pieces.outline, chunk_heading(c, i), found);

	for (size_t k = 0; k < n; k++)
		path[k] = (struct chunk_text){found[k].s, found[k].n};
	return n;
}

/* The number of tokens of a context, context_n bytes, and its chunk. */
static size_t
context_tokens(const struct chunker *c, const struct chunk *chunk,
    const char *context, size_t context_n)
{
	const char *text = c->pieces.text + chunk->start;
	size_t n = chunk->end - chunk->start, tokens;
	struct buf whole = {0};

	/*
	 * Context and text are counted apart, because the line end between them
	 * ends a word; but words of o200k_base go on with a slash. A loose size
	 * is not exact.
	 */
	if (c->pieces.at.unit == MEASURE_TOKENS && !chunk->loose &&
	    (context_n == 0 || *text != '/')) {
		if (context_n == 0)
			return chunk->size;
		buf_add(&whole, context, context_n);
		buf_putc(&whole, '\n');
		tokens = chunk->size +
			 token_count(c->counter, whole.data, whole.len);
	} else {
		buf_add(&whole, context, context_n);
		if (context_n > 0)
			buf_putc(&whole, '\n');
		buf_add(&whole, text, n);
		tokens = token_count(c->counter, whole.data, whole.len);
	}
	buf_free(&whole);
	return tokens;
}

/* The estimate for a context of n bytes and its line end. */
static size_t
estimate_context(const char *context, size_t n)
{
	return n == 0 ? 0
		      : (size_t)token_estimate_text(context, n) +
			    token_estimate_go(context[n - 1], "\n", 1);
}

/* As context_tokens, or, without a vocabulary, estimated in TOKEN_PARTS. */
static size_t
whole_size(const struct chunker *c, const struct chunk *chunk,
    const char *context, size_t n)
{
	if (c->counter != NULL)
		return context_tokens(c, chunk, context, n);
	/* The text was measured as if a line end were before it. */
	return (size_t)chunk->parts + estimate_context(context, n);
}

void
chunk_context(const struct chunker *c, size_t i, struct buf *out)
{
	const struct chunk *chunk = &c->chunks[i];
	struct outline_context context =
	    piece_list_context(&c->pieces, chunk->piece);
	uint32_t room = (uint32_t)chunk->room;
	size_t begin = out->len;

	outline_context(&c->pieces.outline, &context, room, out);
	if (c->options.unit != CHUNK_TOKENS)
		return;
	/* Headings were counted apart; joined, they may have more tokens. */
	while (out->len > begin && room > 0 &&
	       whole_size(c, chunk, out->data + begin, out->len - begin) >
		   c->max) {
		room = room < 4 * c->scale ? 0 : room - 4 * c->scale;
		out->len = begin;
		outline_context(&c->pieces.outline, &context, room, out);
	}
}

/* The estimated tokens of chunk i and its context, in TOKEN_PARTS. */
static size_t
estimate(
    const struct chunker *c, size_t i, const char *context, size_t context_n)
{
	const struct chunk *chunk = &c->chunks[i];
	size_t n = chunk->end - chunk->start;

	if (c->options.unit == CHUNK_TOKENS)
		return whole_size(c, chunk, context, context_n);
	if (c->options.estimate)
		return token_estimate_text(c->pieces.text + chunk->start, n) +
		       estimate_context(context, context_n);
	return token_estimate(
	    n + context_n, chunk->char_end - chunk->char_start +
			       utf8_count(context, context_n));
}

size_t
chunk_tokens(
    const struct chunker *c, size_t i, const char *context, size_t context_n)
{
	if (c->counter != NULL)
		return context_tokens(c, &c->chunks[i], context, context_n);
	return (estimate(c, i, context, context_n) + TOKEN_PARTS - 1) /
	       TOKEN_PARTS;
}
