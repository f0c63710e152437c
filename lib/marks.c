/*
 * First a few blocks are turned into bits, then the bits are counted and
 * told apart. Each step has versions for different processors.
 */
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

enum { BATCH = 32 }; /* blocks */

/* What is in a block, a bit for each byte. */
struct bits {
	uint64_t newlines, starts;
};

#ifdef __SSE2__
static void
find_bits(struct bits *b, const char *s, size_t blocks)
{
	const __m128i newline = _mm_set1_epi8('\n');
	/* As signed bytes those that continue, 0x80 to 0xBF, are below -64. */
	const __m128i least = _mm_set1_epi8(-65);

	for (size_t k = 0; k < blocks; k++) {
		b[k] = (struct bits){0, 0};
		for (int i = 0; i < MARKS_BLOCK; i += 16, s += 16) {
			__m128i v =
			    _mm_loadu_si128((const __m128i *)(const void *)s);
			int newlines =
			    _mm_movemask_epi8(_mm_cmpeq_epi8(v, newline));
			int starts =
			    _mm_movemask_epi8(_mm_cmpgt_epi8(v, least));

			b[k].newlines |= (uint64_t)(unsigned)newlines << i;
			b[k].starts |= (uint64_t)(unsigned)starts << i;
		}
	}
}
#else
static void
find_bits(struct bits *b, const char *s, size_t blocks)
{
	for (size_t k = 0; k < blocks; k++) {
		b[k] = (struct bits){0, 0};
		for (int i = 0; i < MARKS_BLOCK; i++, s++) {
			b[k].newlines |= (uint64_t)(*s == '\n') << i;
			b[k].starts |= (uint64_t)((*s & 0xC0) != 0x80) << i;
		}
	}
}
#endif

/* Put the offset of the lowest of bits, if any, and go on to the next. */
PART void
put_lowest(uint32_t **to, uint32_t base, uint64_t *bits)
{
	const uint64_t highest = (uint64_t)1 << (MARKS_BLOCK - 1);

	*(*to)++ = base + (uint32_t)__builtin_ctzll(*bits | highest);
	*bits &= *bits - 1;
}

/* Put the newlines of a block at base; returns where the next go. */
PART uint32_t *
put_newlines(uint32_t *to, uint32_t base, uint64_t bits)
{
	uint32_t *next = to + marks_count(bits);

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
	return next;
}

/* Add blocks, of which the first is number first of the text. */
PART void
add_blocks(struct marks *m, size_t first, const struct bits *b, size_t blocks)
{
	uint32_t *to = m->newlines + m->lines, chars = m->chars;

	for (size_t k = 0; k < blocks; k++) {
		uint32_t base = (uint32_t)((first + k) * MARKS_BLOCK);

		m->blocks[first + k] = (struct marks_block){b[k].starts, chars};
		chars += marks_count(b[k].starts);
		to = put_newlines(to, base, b[k].newlines);
	}
	m->lines = (size_t)(to - m->newlines);
	m->chars = chars;
}

#ifdef CPU_X86_64
WITH_AVX512 static void
find_bits_with_avx512(struct bits *b, const char *s, size_t blocks)
{
	const __m512i newline = _mm512_set1_epi8('\n');
	const __m512i least = _mm512_set1_epi8(-65);

	for (size_t k = 0; k < blocks; k++, s += MARKS_BLOCK) {
		__m512i v = _mm512_loadu_si512(s);

		b[k].newlines = _mm512_cmpeq_epi8_mask(v, newline);
		b[k].starts = _mm512_cmpgt_epi8_mask(v, least);
	}
}

/* Bits are counted and found by one instruction. */
WITH_AVX2 static void
add_blocks_with_avx2(
    struct marks *m, size_t first, const struct bits *b, size_t blocks)
{
	add_blocks(m, first, b, blocks);
}
#endif

static void
add_text(struct marks *m, size_t first, const char *s, size_t blocks)
{
	struct bits b[BATCH];

#ifdef CPU_X86_64
	if (cpu_has_avx2()) {
		if (cpu_has_avx512())
			find_bits_with_avx512(b, s, blocks);
		else
			find_bits(b, s, blocks);
		add_blocks_with_avx2(m, first, b, blocks);
		return;
	}
#endif
	find_bits(b, s, blocks);
	add_blocks(m, first, b, blocks);
}

/* Make room for the newlines of a batch, and what is put behind the last. */
static void
reserve_lines(struct marks *m)
{
	if (m->lines + (BATCH + 1) * MARKS_BLOCK <= m->lines_cap)
		return;
	m->lines_cap = m->lines_cap * 2 + (BATCH + 1) * MARKS_BLOCK;
	m->newlines =
	    x_realloc(m->newlines, m->lines_cap, sizeof(*m->newlines));
}

void
marks_find(struct marks *m, const char *text, size_t n)
{
	size_t whole = n / MARKS_BLOCK, rest = n % MARKS_BLOCK;
	char last[MARKS_BLOCK] = {0};

	if (whole >= m->cap) {
		m->cap = whole + whole / 2 + 16;
		m->blocks = x_realloc(m->blocks, m->cap, sizeof(*m->blocks));
	}
	m->lines = m->chars = 0;
	for (size_t i = 0, blocks; i < whole; i += blocks) {
		blocks = whole - i < BATCH ? whole - i : BATCH;
		reserve_lines(m);
		add_text(m, i, text + i * MARKS_BLOCK, blocks);
	}
	if (rest > 0)
		memcpy(last, text + n - rest, rest);
	reserve_lines(m);
	add_text(m, whole, last, 1);
}

void
marks_free(struct marks *m)
{
	free(m->newlines);
	free(m->blocks);
	*m = (struct marks){0};
}
