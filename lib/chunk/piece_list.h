/*
 * piece_list - the list of pieces, and how a text is added to it
 *
 * Pieces hold every byte of the text that is not white space or a byte order
 * mark before the text, in order, once. No piece is over the limit, except
 * where the text cannot be cut. Small pieces are merged.
 */
#ifndef PIECE_LIST_H
#define PIECE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "chunk/chunk_type.h"
#include "chunk/measure.h"
#include "chunk/outline.h"
#include "text/cut.h"
#include "text/markdown.h"

enum {
	PIECE_LIST_MERGE_BELOW = 16, /* pieces below limit / 16 are merged */
	PIECE_LIST_CONTEXT_SHARE = 4 /* context is at most limit / 4 */
};

/* For glue: no heading is at the end. */
#define PIECE_LIST_NO_GLUE SIZE_MAX

struct piece {
	uint32_t start, end; /* bytes, white space trimmed */
	uint32_t from, to;   /* in the unit */
	uint32_t heading;
	uint32_t block;
	uint32_t context;  /* size of the context of a chunk from here */
	uint32_t rank;	   /* for anchors: the lowest becomes one */
	uint8_t cut;	   /* enum chunk_cut, before it */
	uint8_t own;	   /* starts with its heading */
	uint8_t continues; /* its block began before it */
	uint8_t loose;	   /* its size is an upper bound, see measure.h */
};

struct pieces {
	int plain;	/* not Markdown */
	uint32_t limit; /* in the unit of at */
	uint32_t least; /* smaller sections never stand alone */
	const char *text;
	struct markdown markdown;
	struct char_marks char_marks; /* of the text */
	struct measure at;	      /* at the end of the measured text */
	struct measure ahead; /* at the end of piece_list_size_ahead's text */
	struct measure_place ahead_from;
	struct outline outline;
	struct cut cut;
	struct piece *list;
	size_t count;
	size_t cap;
	struct markdown_block *blocks; /* blocks that pieces begin in */
	uint32_t *head_sizes;	       /* sizes of heads that are repeated */
	size_t block_count;
	size_t block_cap;
	struct markdown_block before; /* the last block read */
	size_t glue; /* first piece of the headings at the end */
};

/* White space of ASCII. */
static inline int
piece_list_is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* For piece_list_trim_end: if a character that is not ASCII ends the text. */
uint32_t piece_list_trim_wide(
    const struct pieces *p, uint32_t from, uint32_t to);
/* The end of text[from, to) without the white space at its end. */
static inline uint32_t
piece_list_trim_end(const struct pieces *p, uint32_t from, uint32_t to)
{
	while (to > from && piece_list_is_white(p->text[to - 1]))
		to--;
	return to > from && (p->text[to - 1] & 0x80)
		   ? piece_list_trim_wide(p, from, to)
		   : to;
}

/* The start of text[from, to) behind white space of ASCII. */
uint32_t piece_list_skip_white(
    const struct pieces *p, uint32_t from, uint32_t to);
/* The size of text[from, to), which lies ahead. */
uint32_t piece_list_size_ahead(struct pieces *p, uint32_t from, uint32_t to);
/* Move the measure over text[from, to), which may have been measured ahead. */
void piece_list_go_on(struct pieces *p, uint32_t from, uint32_t to);
/* Whether text[from, to), which lies ahead, takes at most room. */
int piece_list_fits(
    struct pieces *p, uint32_t from, uint32_t to, uint32_t room);
/* The room for a part that begins at from. */
uint32_t piece_list_room_at(const struct pieces *p, uint32_t from);

/* Add text[from, to) of block, with cut before it. */
void piece_list_add(struct pieces *p, uint32_t from, uint32_t to,
    uint32_t block, enum chunk_cut cut);
/* Let the last piece take text[from, to) if it surely fits: 1, else 0. */
int piece_list_take(
    struct pieces *p, uint32_t from, uint32_t to, enum chunk_cut cut);
/*
 * As piece_list_take, for n parts: the first begins at from, and part i ends at
 * base + ends[i]. Returns the number of parts taken.
 */
size_t piece_list_take_all(struct pieces *p, uint32_t base, uint32_t from,
    const uint32_t *ends, size_t n, enum chunk_cut cut);
/* Let a piece end at the measure's current place. */
void piece_list_end(const struct pieces *p, struct piece *piece);
/*
 * Finish the pieces from first on: all pieces of the block that starts at
 * start. own: the block is a heading of the outline. The block is kept.
 */
void piece_list_finish(struct pieces *p, size_t first, uint32_t start, int own);

/*
 * A hash of the first bytes of text[from, to). Text behind the first bytes does
 * not change it.
 */
uint64_t piece_list_words(const struct pieces *p, uint32_t from, uint32_t to);
/* The context of a chunk that starts with piece i. */
struct outline_context piece_list_context(const struct pieces *p, size_t i);

#endif
