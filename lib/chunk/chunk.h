/*
 * chunk - divide a text into chunks, by structure, with a hard limit
 *
 * For any text and options: content[start, end) is the chunk's text in bytes
 * and [char_start, char_end) in code points; chunks are in order and hold every
 * byte that is not white space or a byte order mark before the text; without
 * overlap chunks are disjoint, and with overlap no chunk holds another; no
 * chunk is empty; context and text together never exceed the limit. The same
 * text and options give the same chunks, and an edit moves no boundary outside
 * its section, if the section is long enough to stand alone.
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
/* The target size. */
size_t chunk_target(const struct chunker *c);
/*
 * The headings above chunk i, outermost first, and its own heading if the chunk
 * starts with one. Returns their number.
 */
size_t chunk_path(const struct chunker *c, size_t i,
    struct chunk_text path[static CHUNK_LEVELS]);
/* A number; chunks of a text with the same number have the same path. */
uint32_t chunk_heading(const struct chunker *c, size_t i);
/*
 * The size of chunk i together with the next piece of the text, the least text
 * that could be added; 0 if the chunk is the last.
 */
size_t chunk_with_next(const struct chunker *c, size_t i);
/*
 * Append the context that a reader of chunk i needs: title and headings on one
 * line; then the header rows of a table, or the first line of a fence, that the
 * chunk continues. The context may be empty.
 */
void chunk_context(const struct chunker *c, size_t i, struct buf *out);
/*
 * The number of tokens of chunk i and its context together, as they are
 * embedded: exact with a vocabulary, else an estimate, which is rough if max is
 * not in tokens and the option estimate is not set. context is the result of
 * chunk_context, of context_n bytes.
 */
size_t chunk_tokens(
    const struct chunker *c, size_t i, const char *context, size_t context_n);

#endif
