#include "marks.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "cpu.h"
#include "xalloc.h"

/* Into versions of a function for different processors. */
#define PART __attribute__((always_inline)) static inline

/* What is in a block, a bit for each byte. */
struct bits {
	uint64_t newlines, starts;
};

#ifdef __SSE2__
PART struct bits
find_bits(const char *s)
{
	const __m128i newline = _mm_set1_epi8('\n');
	/* As signed bytes those that continue, 0x80 to 0xBF, are below -64. */
	const __m128i least = _mm_set1_epi8(-65);
	struct bits b = {0, 0};

	for (int i = 0; i < MARKS_BLOCK; i += 16) {
		__m128i v =
		    _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		int newlines = _mm_movemask_epi8(_mm_cmpeq_epi8(v, newline));
		int starts = _mm_movemask_epi8(_mm_cmpgt_epi8(v, least));

		b.newlines |= (uint64_t)(unsigned)newlines << i;
		b.starts |= (uint64_t)(unsigned)starts << i;
	}
	return b;
}
#else
PART struct bits
find_bits(const char *s)
{
	struct bits b = {0, 0};

	for (int i = 0; i < MARKS_BLOCK; i++) {
		b.newlines |= (uint64_t)(s[i] == '\n') << i;
		b.starts |= (uint64_t)((s[i] & 0xC0) != 0x80) << i;
	}
	return b;
}
#endif

/* Make room for the newlines of the next block, and what is put behind. */
static void
reserve_lines(struct marks *m)
{
	if (m->lines + 2 * MARKS_BLOCK <= m->lines_cap)
		return;
	m->lines_cap = m->lines_cap * 2 + 16 * MARKS_BLOCK;
	m->newlines =
	    x_realloc(m->newlines, m->lines_cap, sizeof(*m->newlines));
}

/* Put the offset of the lowest of bits, if any, and go on to the next. */
PART void
put_lowest(uint32_t **to, uint32_t base, uint64_t *bits)
{
	const uint64_t highest = (uint64_t)1 << (MARKS_BLOCK - 1);

	*(*to)++ = base + (uint32_t)__builtin_ctzll(*bits | highest);
	*bits &= *bits - 1;
}

/* Add the newlines of a block at base. */
PART void
add_newlines(struct marks *m, uint32_t base, uint64_t bits)
{
	uint32_t *to;

	reserve_lines(m);
	to = m->newlines + m->lines;
	m->lines += marks_count(bits);
	/*
	 * How many there are cannot be foretold, but seldom more than four: no
	 * branch on it. What is put behind the last is put over.
	 */
	do {
		put_lowest(&to, base, &bits);
		put_lowest(&to, base, &bits);
		put_lowest(&to, base, &bits);
		put_lowest(&to, base, &bits);
	} while (bits != 0);
}

PART void
find(struct marks *m, const char *text, size_t n)
{
	size_t whole = n / MARKS_BLOCK, rest = n % MARKS_BLOCK;
	char last[MARKS_BLOCK] = {0};
	uint32_t chars = 0;

	if (whole >= m->cap) {
		m->cap = whole + whole / 2 + 16;
		m->blocks = x_realloc(m->blocks, m->cap, sizeof(*m->blocks));
	}
	if (rest > 0)
		memcpy(last, text + n - rest, rest);
	m->lines = 0;
	for (size_t i = 0; i <= whole; i++) {
		struct bits b =
		    find_bits(i < whole ? text + i * MARKS_BLOCK : last);

		m->blocks[i] = (struct marks_block){b.starts, chars};
		chars += marks_count(b.starts);
		add_newlines(m, (uint32_t)(i * MARKS_BLOCK), b.newlines);
	}
}

#ifdef CPU_X86_64
/* The same, with bits counted and found by one instruction. */
WITH_AVX2 static void
find_with_avx2(struct marks *m, const char *text, size_t n)
{
	find(m, text, n);
}
#endif

void
marks_find(struct marks *m, const char *text, size_t n)
{
#ifdef CPU_X86_64
	if (cpu_has_avx2()) {
		find_with_avx2(m, text, n);
		return;
	}
#endif
	find(m, text, n);
}

void
marks_free(struct marks *m)
{
	free(m->newlines);
	free(m->blocks);
	*m = (struct marks){0};
}
