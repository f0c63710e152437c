/*
 * char_marks - where the code points of a text begin
 *
 * One pass over the text finds them all, as bits. Then a few instructions give
 * the number of code points before any offset. To count the code points of each
 * piece would take longer, because pieces are short.
 */
#ifndef CHAR_MARKS_H
#define CHAR_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bits.h"

enum { CHAR_MARKS_BLOCK = 64 };

/* Begin with zeros; may be used for many texts. */
struct char_marks {
	uint64_t *starts; /* by block: the lowest bit is its first byte */
	uint32_t *chars;  /* code points before the block */
	size_t cap;	  /* blocks */
};

/* Find the marks of a text, valid UTF-8 of less than 4 GiB. */
void char_marks_find(struct char_marks *m, const char *text, size_t n);
void char_marks_free(struct char_marks *m);

/* The number of code points that begin before offset at, which is <= n. */
static inline uint32_t
char_marks_chars(const struct char_marks *m, size_t at)
{
	size_t block = at / CHAR_MARKS_BLOCK, inside = at % CHAR_MARKS_BLOCK;
	uint64_t starts = m->starts[block];

	/* In most texts most blocks are all ASCII. */
	if (starts == ~(uint64_t)0)
		return m->chars[block] + (uint32_t)inside;
	return m->chars[block] +
	       bits_count(starts & (((uint64_t)1 << inside) - 1));
}

#endif
