/*
 * marks - where the lines of a text end and its code points begin
 *
 * All are found at once, block by block. Afterwards the next line end and the
 * number of code points before any place take a few instructions; lines and
 * pieces are so short that a search for each takes longer.
 */
#ifndef MARKS_H
#define MARKS_H

#include <stddef.h>
#include <stdint.h>

enum { MARKS_BLOCK = 64 };

struct marks_block {
	uint64_t starts; /* of code points; the lowest bit is the first byte */
	uint32_t chars;	 /* code points before the block */
};

/* Start from zeros and use it again and again. */
struct marks {
	uint32_t *newlines; /* their offsets */
	size_t lines;
	size_t lines_cap;
	struct marks_block *blocks;
	size_t cap;
	uint32_t chars; /* for marks.c */
};

/* Find the marks of a text, valid UTF-8 of less than 4 GiB. */
void marks_find(struct marks *m, const char *text, size_t n);
void marks_free(struct marks *m);

/* How many bits are set. */
static inline uint32_t
marks_count(uint64_t bits)
{
	bits -= bits >> 1 & 0x5555555555555555u;
	bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
	bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
	return (uint32_t)(bits * 0x0101010101010101u >> 56);
}

/* Code points that begin before offset at <= n. */
static inline uint32_t
marks_chars(const struct marks *m, size_t at)
{
	const struct marks_block *b = &m->blocks[at / MARKS_BLOCK];
	uint64_t before = ((uint64_t)1 << at % MARKS_BLOCK) - 1;

	return b->chars + marks_count(b->starts & before);
}

#endif
