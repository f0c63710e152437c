/* Finding the bits has versions for different processors. */
#include "marks.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "cpu.h"
#include "xalloc.h"

#ifdef __SSE2__
static void
find_bits(struct marks_block *b, const char *s, size_t blocks)
{
	const __m128i newline = _mm_set1_epi8('\n');
	/* As signed bytes those that continue, 0x80 to 0xBF, are below -64. */
	const __m128i least = _mm_set1_epi8(-65);

	for (size_t k = 0; k < blocks; k++) {
		b[k].newlines = b[k].starts = 0;
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
find_bits(struct marks_block *b, const char *s, size_t blocks)
{
	for (size_t k = 0; k < blocks; k++) {
		b[k].newlines = b[k].starts = 0;
		for (int i = 0; i < MARKS_BLOCK; i++, s++) {
			b[k].newlines |= (uint64_t)(*s == '\n') << i;
			b[k].starts |= (uint64_t)((*s & 0xC0) != 0x80) << i;
		}
	}
}
#endif

#ifdef CPU_X86_64
WITH_AVX512 static void
find_bits_with_avx512(struct marks_block *b, const char *s, size_t blocks)
{
	const __m512i newline = _mm512_set1_epi8('\n');
	const __m512i least = _mm512_set1_epi8(-65);

	for (size_t k = 0; k < blocks; k++, s += MARKS_BLOCK) {
		__m512i v = _mm512_loadu_si512(s);

		b[k].newlines = _mm512_cmpeq_epi8_mask(v, newline);
		b[k].starts = _mm512_cmpgt_epi8_mask(v, least);
	}
}

#endif

static void
add_blocks(struct marks_block *b, const char *s, size_t blocks)
{
#ifdef CPU_X86_64
	if (cpu_has_avx512()) {
		find_bits_with_avx512(b, s, blocks);
		return;
	}
#endif
	find_bits(b, s, blocks);
}

void
marks_find(struct marks *m, const char *text, size_t n)
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
	/* The end of the text ends its last line. */
	last[rest] = '\n';
	add_blocks(m->blocks, text, whole);
	add_blocks(m->blocks + whole, last, 1);
	for (size_t k = 0; k <= whole; k++) {
		m->blocks[k].chars = chars;
		chars += marks_count(m->blocks[k].starts);
	}
}

void
marks_free(struct marks *m)
{
	free(m->blocks);
	*m = (struct marks){0};
}
