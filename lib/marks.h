/*
 * marks - where the lines of a text end and its code points begin
 *
 * All are found at once, block by block, as bits. Afterwards the next line end
 * and the number of code points before any place take a few instructions;
 * lines and pieces are so short that a search for each takes longer.
 */
#ifndef MARKS_H
#define MARKS_H

#include <stddef.h>
#include <stdint.h>

enum { MARKS_BLOCK = 64 };

/* The lowest bit is the first byte. */
struct marks_block {
	uint64_t starts; /* of code points */
	uint64_t newlines;
	uint32_t chars; /* code points before the block */
};

/* Start from zeros and use it again and again. */
struct marks {
	struct marks_block *blocks;
	size_t cap;
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

/* The first newline at or behind offset at <= n; n if there is none. */
static inline size_t
marks_newline(const struct marks *m, size_t at)
{
	size_t k = at / MARKS_BLOCK;
	uint64_t bits = m->blocks[k].newlines >> at % MARKS_BLOCK;

	if (bits != 0)
		return at + (size_t)__builtin_ctzll(bits);
	/* There is one at n. */
	while (m->blocks[++k].newlines == 0)
		;
	return k * MARKS_BLOCK + (size_t)__builtin_ctzll(m->blocks[k].newlines);
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
