/*
 * The blocks of a window are turned into bits, then the bits are told apart.
 * Both steps have versions for different processors.
 */
#include "text/line_ends.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bits.h"
#include "base/cpu.h"

/* Into versions of a function for different processors. */
#define PART __attribute__((always_inline)) static inline

enum { BLOCKS = LINE_ENDS_WINDOW / LINE_ENDS_BLOCK };

void
line_ends_start(struct line_ends *l, const char *text, size_t n)
{
	l->text = text;
	l->n = n;
	l->at = l->next = l->count = 0;
}

/* The newlines of blocks, a bit for each byte, the lowest for the first. */
#ifdef __SSE2__
static void
find_bits(uint64_t *bits, const char *s, size_t blocks)
{
	const __m128i newline = _mm_set1_epi8('\n');

	for (size_t k = 0; k < blocks; k++) {
		bits[k] = 0;
		for (int i = 0; i < LINE_ENDS_BLOCK; i += 16, s += 16) {
			__m128i v =
			    _mm_loadu_si128((const __m128i *)(const void *)s);
			int found =
			    _mm_movemask_epi8(_mm_cmpeq_epi8(v, newline));

			bits[k] |= (uint64_t)(unsigned)found << i;
		}
	}
}
#else
static void
find_bits(uint64_t *bits, const char *s, size_t blocks)
{
	for (size_t k = 0; k < blocks; k++) {
		bits[k] = 0;
		for (int i = 0; i < LINE_ENDS_BLOCK; i++, s++)
			bits[k] |= (uint64_t)(*s == '\n') << i;
	}
}
#endif

/* Put the offset of the lowest of bits, if any, and go on to the next. */
PART void
put_lowest(uint32_t **to, uint32_t base, uint64_t *bits)
{
	const uint64_t highest = (uint64_t)1 << (LINE_ENDS_BLOCK - 1);

	*(*to)++ = base + (uint32_t)__builtin_ctzll(*bits | highest);
	*bits &= *bits - 1;
}

/* Put the newlines of a block at base; returns where the next go. */
PART uint32_t *
put_newlines(uint32_t *to, uint32_t base, uint64_t bits)
{
	uint32_t *next = to + bits_count(bits);

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

PART void
put_window(struct line_ends *l, const uint64_t *bits, size_t blocks)
{
	uint32_t *to = l->ends;

	for (size_t k = 0; k < blocks; k++)
		to = put_newlines(
		    to, (uint32_t)(l->at + k * LINE_ENDS_BLOCK), bits[k]);
	l->next = 0;
	l->count = (size_t)(to - l->ends);
}

#ifdef CPU_X86_64
WITH_AVX512 static void
find_bits_with_avx512(uint64_t *bits, const char *s, size_t blocks)
{
	const __m512i newline = _mm512_set1_epi8('\n');

	for (size_t k = 0; k < blocks; k++, s += LINE_ENDS_BLOCK)
		bits[k] =
		    _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(s), newline);
}

/* Bits are counted and found by one instruction. */
WITH_AVX2 static void
put_window_with_avx2(struct line_ends *l, const uint64_t *bits, size_t blocks)
{
	put_window(l, bits, blocks);
}
#endif

static void
find(uint64_t *bits, const char *s, size_t blocks)
{
#ifdef CPU_X86_64
	if (cpu_has_avx512()) {
		find_bits_with_avx512(bits, s, blocks);
		return;
	}
#endif
	find_bits(bits, s, blocks);
}

void
line_ends_go_on(struct line_ends *l)
{
	size_t left = l->n - l->at, whole, blocks;
	char last[LINE_ENDS_BLOCK] = {0};
	uint64_t bits[BLOCKS];

	if (left > LINE_ENDS_WINDOW)
		left = LINE_ENDS_WINDOW;
	whole = blocks = left / LINE_ENDS_BLOCK;
	find(bits, l->text + l->at, whole);
	if (left % LINE_ENDS_BLOCK > 0) {
		memcpy(last, l->text + l->at + whole * LINE_ENDS_BLOCK,
		    left % LINE_ENDS_BLOCK);
		find(bits + blocks++, last, 1);
	}
#ifdef CPU_X86_64
	if (cpu_has_avx2())
		put_window_with_avx2(l, bits, blocks);
	else
#endif
		put_window(l, bits, blocks);
	l->at += left;
}

void
line_ends_skip(struct line_ends *l, size_t to)
{
	if (to >= l->at) {
		l->at = to;
		l->next = l->count;
		return;
	}
	while (l->next < l->count && l->ends[l->next] < to)
		l->next++;
}
