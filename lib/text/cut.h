/*
 * cut - where running text may be cut
 *
 * Knows sentences, clauses, line-break opportunities and characters as people
 * see them (grapheme clusters) in all living scripts, and the spans that
 * should stay whole: links, autolinks, code spans, HTML tags, math. Time is
 * linear in the text for any input.
 */
#ifndef CUT_H
#define CUT_H

#include <stddef.h>
#include <stdint.h>

#include "text/cut_chars.h"
#include "text/cut_level.h"
#include "text/span.h"

enum {
	CUT_PIECES = 64, /* pieces found at once, at most */
	CUT_SHORT = 64	 /* bytes of a short piece, at most */
};

/* A text and its spans. Begin with zeros; may be used for many texts. */
struct cut {
	struct cut_chars chars;
	/* Bit k: a character that begins with this byte matters at level k. */
	uint8_t matters[256];
	struct spans spans;
	size_t at; /* index of the first span that ends behind the last cut */
	/* next[k] is the first cut behind from at level k, if k >= known. */
	size_t from;
	size_t next[CUT_CLUSTER];
	unsigned known;
};

/* Begin with n bytes of valid UTF-8; if markdown, find their spans. */
void cut_start(struct cut *s, const char *text, size_t n, int markdown);
/*
 * The first offset behind from where the text may be cut at the level: the
 * start of the next piece, behind white space. n if there is none. from is 0 or
 * an offset where the text may be cut.
 */
size_t cut_next(struct cut *s, size_t from, enum cut_level level);
/*
 * As cut_next, for several pieces; ends[k] is the end of piece k. Stops when
 * ends is full, when a piece is longer than CUT_SHORT, or when a piece ends at
 * to or behind it. Returns the number of pieces.
 */
size_t cut_pieces(struct cut *s, size_t from, size_t to, enum cut_level level,
    uint32_t ends[static CUT_PIECES]);
void cut_free(struct cut *s);

#endif
