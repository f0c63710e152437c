/*
 * chunk - a text into chunks, by structure, to a hard limit
 *
 * Whatever the text and the options: content[start, end) is the chunk's text
 * in bytes and [char_start, char_end) in code points; chunks are in order and
 * hold every byte that is not white space or a byte order mark in front;
 * without overlap they are disjoint, and with it none holds another; none is
 * empty; context and text together never exceed the limit. The same text and
 * options give the same chunks, and an edit moves no boundary outside the
 * section it is in, if that section is long enough to stand alone.
 */
#ifndef CHUNK_H
#define CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include "chunk/chunk_type.h"

struct buf;

enum { CHUNK_LEVELS = 6 /* headings in a path */ };

struct chunk_text {
	const char *s;
	size_t n;
};

struct chunker;

struct chunker *chunk_new(const struct chunk_options *options);
void chunk_free(struct chunker *c);
/*
 * Split text, valid UTF-8 of at most MARKDOWN_TEXT_MAX bytes. title (may be
 * NULL) takes part in the context. Both are borrowed until the next call.
 * Returns the number of chunks.
 */
size_t chunk_split(struct chunker *c, const char *text, size_t n,
    const char *title, size_t title_n);
const struct chunk *chunk_get(const struct chunker *c, size_t i);
/* The size that is aimed at. */
size_t chunk_target(const struct chunker *c);
/*
 * The headings that chunk i stands under, outermost first, its own if it
 * starts with one. Returns how many.
 */
size_t chunk_path(const struct chunker *c, size_t i,
    struct chunk_text path[static CHUNK_LEVELS]);
/* A number: chunks of the text that have the same have the same path. */
uint32_t chunk_heading(const struct chunker *c, size_t i);
/*
 * What the size of chunk i would be with the next piece of the text, the least
 * that could be added; 0 if it is the last.
 */
size_t chunk_with_next(const struct chunker *c, size_t i);
/*
 * Append what chunk i needs to be understood and does not hold itself: title
 * and headings on one line; of a table that goes on the header rows, of a
 * fence its first line. May be nothing.
 */
void chunk_context(const struct chunker *c, size_t i, struct buf *out);
/*
 * The tokens of chunk i and its context together, as they are embedded: exact
 * with a vocabulary, else estimated, and roughly so if max is in no tokens;
 * context is what chunk_context gave, context_n bytes.
 */
size_t chunk_tokens(
    const struct chunker *c, size_t i, const char *context, size_t context_n);

#endif
