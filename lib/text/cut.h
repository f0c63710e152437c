/*
 * cut - where running text may be cut
 *
 * Knows sentences, clauses, line-break opportunities and characters as people
 * see them (grapheme clusters) in all living scripts, and the spans that
 * should stay whole: links, URLs, code spans, HTML tags, math. Time is linear
 * in the text for any input.
 */
#ifndef CUT_H
#define CUT_H

#include <stddef.h>
#include <stdint.h>

#include "text/cut_chars.h"
#include "text/cut_level.h"
#include "text/span.h"

enum {
	CUT_PIECES = 64, /* found at once */
	CUT_SHORT = 64	 /* bytes of those */
};

/* A text and its spans; start from zeros and use it again and again. */
struct cut {
	struct cut_chars chars;
	/* Bit k: at level k a character that begins with this byte matters. */
	uint8_t matters[256];
	struct spans spans;
	size_t at; /* the first span that ends behind the last cut */
	/* The first cuts behind from of the levels from known on. */
	size_t from;
	size_t next[CUT_CLUSTER];
	unsigned known;
};

/* Take n bytes of valid UTF-8, find its spans (none unless markdown). */
void cut_start(struct cut *s, const char *text, size_t n, int markdown);
/*
 * The first place behind from, itself a place or 0, where the text may be cut
 * at that level: where the next piece begins, white space left behind. n if
 * there is none.
 */
size_t cut_next(struct cut *s, size_t from, enum cut_level level);
/*
 * The same for one piece after the other, until there is no room for more,
 * the last is longer than CUT_SHORT, or ends at to or behind it. Returns how
 * many.
 */
size_t cut_pieces(struct cut *s, size_t from, size_t to, enum cut_level level,
    uint32_t ends[static CUT_PIECES]);
void cut_free(struct cut *s);

#endif
