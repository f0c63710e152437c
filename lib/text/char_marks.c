#include "text/char_marks.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/alloc.h"

#ifdef __SSE2__
static void
find_starts(uint64_t *starts, const char *s, size_t blocks)
{
	/* As signed bytes, continuations (0x80 to 0xBF) are below -64. */
	const __m128i least = _mm_set1_epi8(-65);

	for (size_t k = 0; k < blocks; k++) {
		starts[k] = 0;
		for (int i = 0; i < CHAR_MARKS_BLOCK; i += 16, s += 16) {
			__m128i v =
			    _mm_loadu_si128((const __m128i *)(const void *)s);
			int found = _mm_movemask_epi8(_mm_cmpgt_epi8(v, least));

			starts[k] |= (uint64_t)(unsigned)found << i;
		}
	}
}
#else
static void
find_starts(uint64_t *starts, const char *s, size_t blocks)
{
	for (size_t k = 0; k < blocks; k++) {
		starts[k] = 0;
		for (int i = 0; i < CHAR_MARKS_BLOCK; i++, s++)
			starts[k] |= (uint64_t)((*s & 0xC0) != 0x80) << i;
	}
}
#endif

/* Count the code points before each block. */
static void
count(struct char_marks *m, size_t blocks)
{
	uint32_t chars = 0;

	for (size_t k = 0; k < blocks; k++) {
		m->chars[k] = chars;
		chars += bits_count(m->starts[k]);
	}
}

void
char_marks_find(struct char_marks *m, const char *text, size_t n)
{
	size_t whole = n / CHAR_MARKS_BLOCK, rest = n % CHAR_MARKS_BLOCK;
	char last[CHAR_MARKS_BLOCK] = {0};

	if (whole >= m->cap) {
		m->cap = whole + whole / 2 + 16;
		m->starts = x_realloc(m->starts, m->cap, sizeof(*m->starts));
		m->chars = x_realloc(m->chars, m->cap, sizeof(*m->chars));
	}
	if (rest > 0)
		memcpy(last, text + n - rest, rest);
	find_starts(m->starts, text, whole);
	find_starts(m->starts + whole, last, 1);
	count(m, whole + 1);
}

void
char_marks_free(struct char_marks *m)
{
	free(m->starts);
	free(m->chars);
	*m = (struct char_marks){0};
}
