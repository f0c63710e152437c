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

#include "bits.h"

enum { MARKS_BLOCK = 64 };

struct marks_block {
	uint64_t starts; /* a bit for each byte, the lowest for the first */
	uint32_t chars;	 /* code points before the block */
};

/* Start from zeros and use it again and again. */
struct marks {
	struct marks_block *blocks;
	size_t cap;
};

/* Find the marks of a text, valid UTF-8 of less than 4 GiB. */
void marks_find(struct marks *m, const char *text, size_t n);
void marks_free(struct marks *m);

/* Code points that begin before offset at <= n. */
static inline uint32_t
marks_chars(const struct marks *m, size_t at)
{
	const struct marks_block *b = &m->blocks[at / MARKS_BLOCK];
	uint64_t before = ((uint64_t)1 << at % MARKS_BLOCK) - 1;

	return b->chars + bits_count(b->starts & before);
}

#endif
