/*
 * piece - the pieces that chunks are made of
 *
 * A text becomes a row of pieces, each at most the limit, with the kind of cut
 * in front of each. Blocks that fit are one piece or a part of one; larger
 * ones are cut at their own best places. Pieces hold every byte of the text
 * that is not white space or a byte order mark in front, in order, once.
 */
#ifndef PIECE_H
#define PIECE_H

#include <stddef.h>
#include <stdint.h>

#include "chunk/ending.h"
#include "chunk/measure.h"
#include "chunk/outline.h"
#include "text/cut.h"
#include "text/markdown.h"

enum { PIECE_LIMIT_LEAST = 4 /* one code point must always fit */ };

struct piece {
	uint32_t start, end; /* bytes, white space trimmed */
	uint32_t from, to;   /* in the unit */
	uint32_t heading;
	uint32_t block;
	uint32_t context;  /* size of that of a chunk from here */
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
	struct measure at;
	struct measure ahead; /* behind what size_ahead went over */
	struct measure_place ahead_from;
	struct outline outline;
	struct cut cut;
	struct piece *list;
	size_t count;
	size_t cap;
	struct markdown_block *blocks; /* that a piece begins in */
	uint32_t *head_sizes;	       /* of those with pieces that go on */
	size_t block_count;
	size_t block_cap;
	struct markdown_block before; /* the last one read */
	size_t glue;		      /* first of the headings at the end */
};

/*
 * Fill p, in which plain, limit, least, at.unit and at.counter are set, with
 * the pieces of a text, which is borrowed.
 */
void piece_read(struct pieces *p, const char *text, size_t n, const char *title,
    size_t title_n);
void piece_free(struct pieces *p);
/*
 * A number made of how text[from, to) begins; what is added behind that does
 * not change it.
 */
uint64_t piece_words(const struct pieces *p, uint32_t from, uint32_t to);
/* The context of a chunk that starts with piece i. */
struct outline_context piece_context(const struct pieces *p, size_t i);

#endif
