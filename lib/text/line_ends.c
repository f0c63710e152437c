/*
 * The newlines of a window are first found as bits; then each bit becomes an
 * offset.
 */
#include "text/line_ends.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bits.h"

enum { BLOCKS = LINE_ENDS_WINDOW / LINE_ENDS_BLOCK };

void
line_ends_start(struct line_ends *l, const char *text, size_t n)
{
	l->text = text;
	l->n = n;
	l->at = l->next = l->count = 0;
}

/* Find the newlines of blocks: a bit for each byte, lowest first. */
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

/* Store the offset of the lowest bit, if any, and clear this bit. */
static inline void
put_lowest(uint32_t **to, uint32_t base, uint64_t *bits)
{
	const uint64_t highest = (uint64_t)1 << (LINE_ENDS_BLOCK - 1);

	*(*to)++ = base + (uint32_t)__builtin_ctzll(*bits | highest);
	*bits &= *bits - 1;
}

/* Store the newlines of the block at base. Returns where the next ones go. */
static inline uint32_t *
put_newlines(uint32_t *to, uint32_t base, uint64_t bits)
{
	uint32_t *next = to + bits_count(bits);

	/*
	 * The number of newlines cannot be predicted, but is seldom above four.
	 * So there is a branch only for every four. Offsets stored behind the
	 * last newline are overwritten.
	 */
	do {
		put_lowest(&to, base, &bits);
		put_lowest(&to, base, &bits);
		put_lowest(&to, base, &bits);
		put_lowest(&to, base, &bits);
	} while (bits != 0);
	return next;
}

static inline void
put_window(struct line_ends *l, const uint64_t *bits, size_t blocks)
{
	uint32_t *to = l->ends;

	for (size_t k = 0; k < blocks; k++)
		to = put_newlines(
		    to, (uint32_t)(l->at + k * LINE_ENDS_BLOCK), bits[k]);
	l->next = 0;
	l->count = (size_t)(to - l->ends);
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
	find_bits(bits, l->text + l->at, whole);
	if (left % LINE_ENDS_BLOCK > 0) {
		memcpy(last, l->text + l->at + whole * LINE_ENDS_BLOCK,
		    left % LINE_ENDS_BLOCK);
		find_bits(bits + blocks++, last, 1);
	}
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
