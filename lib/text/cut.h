/*
 * split - where running text may be cut
 *
 * Knows sentences, clauses, line-break opportunities and characters as people
 * see them (grapheme clusters) in all living scripts, and the spans that
 * should stay whole: links, URLs, code spans, HTML tags, math. Time is linear
 * in the text for any input.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "text/span.h"

struct script_table;

/* Kinds of cuts, best first. Each includes those before it. */
enum split_level {
	SPLIT_SENTENCE, /* or an item of a list */
	SPLIT_STOP,	/* what may be a sentence, or in the middle of one */
	SPLIT_CLAUSE,
	SPLIT_WORD,    /* where a line may break */
	SPLIT_INSIDE,  /* the same, inside links, code spans and so on too */
	SPLIT_CLUSTER, /* between two characters as people see them */
	SPLIT_CODE,    /* between two code points */
	SPLIT_LEVELS
};

enum {
	SPLIT_PIECES = 64, /* found at once */
	SPLIT_SHORT = 64   /* bytes of those */
};

/* A text and its spans; start from zeros and use it again and again. */
struct split {
	struct script_table *script;
	/* Bit k: at level k a character that begins with this byte matters. */
	uint8_t matters[256];
	const char *text;
	size_t n;
	struct spans spans;
	size_t at; /* the first span that ends behind the last cut */
	/* The first cuts behind from of the levels from known on. */
	size_t from;
	size_t next[SPLIT_CLUSTER];
	unsigned known;
};

/* Take n bytes of valid UTF-8, find its spans (none unless markdown). */
void split_start(struct split *s, const char *text, size_t n, int markdown);
/*
 * The first place behind from, itself a place or 0, where the text may be cut
 * at that level: where the next piece begins, white space left behind. n if
 * there is none.
 */
size_t split_next(struct split *s, size_t from, enum split_level level);
/*
 * The same for one piece after the other, until there is no room for more,
 * the last is longer than SPLIT_SHORT, or ends at to or behind it. Returns how
 * many.
 */
size_t split_pieces(struct split *s, size_t from, size_t to,
    enum split_level level, uint32_t ends[static SPLIT_PIECES]);
void split_free(struct split *s);

#endif
