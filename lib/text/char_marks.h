/*
 * marks - where the code points of a text begin
 *
 * All are found at once, as bits. Afterwards the number of code points before
 * any place takes a few instructions; pieces are so short that to count those
 * of each takes longer.
 */
#ifndef MARKS_H
#define MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bits.h"

enum { MARKS_BLOCK = 64 };

/* Start from zeros and use it again and again. */
struct marks {
	uint64_t *starts; /* of a block: the lowest bit is its first byte */
	uint32_t *chars;  /* code points before the block */
	size_t cap;	  /* blocks */
};

/* Find the marks of a text, valid UTF-8 of less than 4 GiB. */
void marks_find(struct marks *m, const char *text, size_t n);
void marks_free(struct marks *m);

/* Code points that begin before offset at <= n. */
static inline uint32_t
marks_chars(const struct marks *m, size_t at)
{
	size_t block = at / MARKS_BLOCK, inside = at % MARKS_BLOCK;
	uint64_t starts = m->starts[block];

	/* In most texts most blocks are all ASCII. */
	if (starts == ~(uint64_t)0)
		return m->chars[block] + (uint32_t)inside;
	return m->chars[block] +
	       bits_count(starts & (((uint64_t)1 << inside) - 1));
}

#endif
