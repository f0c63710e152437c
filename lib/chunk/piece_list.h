/*
 * piece_list - the list of pieces, and how a text is added to it
 *
 * Pieces hold every byte of the text that is not white space or a byte order
 * mark in front, in order, once; none is over the limit but where the text
 * cannot be cut. Small pieces are merged.
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
	PIECE_LIST_MERGE_BELOW = 16, /* pieces under 1/16 are merged */
	PIECE_LIST_CONTEXT_SHARE = 4 /* context takes at most 1/4 */
};

/* No heading is at the end. */
#define PIECE_LIST_NO_GLUE SIZE_MAX

struct piece {
	uint32_t start, end; /* bytes, white space trimmed */
	uint32_t from, to;   /* in the unit */
	uint32_t heading;
	uint32_t block;
	uint32_t context;  /* its size, of a chunk that begins here */
	uint32_t rank;	   /* for anchors: the lower, the more likely one */
	uint8_t cut;	   /* enum chunk_cut, in front of it */
	uint8_t own;	   /* starts with its heading */
	uint8_t continues; /* a block that began before */
	uint8_t loose;	   /* its size is a bound, see measure.h */
};

struct pieces {
	int plain;	/* not Markdown */
	uint32_t limit; /* in the unit of at */
	uint32_t least; /* smaller sections never stand alone */
	const char *text;
	struct markdown markdown;
	struct char_marks char_marks; /* of the text */
	struct measure at;	      /* as far as pieces were measured */
	struct measure ahead; /* behind what piece_list_size_ahead went over */
	struct measure_place ahead_from;
	struct outline outline;
	struct cut cut;
	struct piece *list;
	size_t count;
	size_t cap;
	struct markdown_block *blocks; /* that a piece begins in */
	uint32_t *head_sizes;	       /* of heads that are repeated */
	size_t block_count;
	size_t block_cap;
	struct markdown_block before; /* the last one read */
	size_t glue;		      /* first of the headings at the end */
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
/* The end of what is not white space in text[from, to). */
static inline uint32_t
piece_list_trim_end(const struct pieces *p, uint32_t from, uint32_t to)
{
	while (to > from && piece_list_is_white(p->text[to - 1]))
		to--;
	return to > from && (p->text[to - 1] & 0x80)
		   ? piece_list_trim_wide(p, from, to)
		   : to;
}

/* The start of what is not white space of ASCII in text[from, to). */
uint32_t piece_list_skip_white(
    const struct pieces *p, uint32_t from, uint32_t to);
/* The size of text[from, to), which lies ahead. */
uint32_t piece_list_size_ahead(struct pieces *p, uint32_t from, uint32_t to);
/* Move the measure to to, over text[from, to), which it may have measured. */
void piece_list_go_on(struct pieces *p, uint32_t from, uint32_t to);
/* Whether text[from, to), which lies ahead, takes at most room. */
int piece_list_fits(
    struct pieces *p, uint32_t from, uint32_t to, uint32_t room);
/* How much a part at from may take. */
uint32_t piece_list_room_at(const struct pieces *p, uint32_t from);

/* Add text[from, to) of block, cut in front as given. */
void piece_list_add(struct pieces *p, uint32_t from, uint32_t to,
    uint32_t block, enum chunk_cut cut);
/* Let the last piece take text[from, to) if that surely fits: 1, or 0. */
int piece_list_take(
    struct pieces *p, uint32_t from, uint32_t to, enum chunk_cut cut);
/*
 * The same for parts that end at base + ends[i], the first of them at from.
 * Returns how many it took.
 */
size_t piece_list_take_all(struct pieces *p, uint32_t base, uint32_t from,
    const uint32_t *ends, size_t n, enum chunk_cut cut);
/* Let a piece end where the measure is. */
void piece_list_end(const struct pieces *p, struct piece *piece);
/*
 * Finish the pieces from first on, all of the block that starts at start; own
 * if they begin with its heading. The block is kept.
 */
void piece_list_finish(struct pieces *p, size_t first, uint32_t start, int own);

/*
 * A number made of how text[from, to) begins; what is added behind that does
 * not change it.
 */
uint64_t piece_list_words(const struct pieces *p, uint32_t from, uint32_t to);
/* The context of a chunk that starts with piece i. */
struct outline_context piece_list_context(const struct pieces *p, size_t i);

#endif
