#include "record/json_write.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	ESCAPE_MAX = 6,	 /* \u001f */
	DIGITS_MAX = 20, /* of a number */
	SPARE = 16	 /* bytes that may be overwritten behind a text */
};

static int
is_special(unsigned char c)
{
	return c < 32 || c == '"' || c == '\\';
}

/*
 * Copy a block of BLOCK bytes from s to to. Returns the offset of the first
 * that must be escaped (below 32, a quote or a backslash), or BLOCK; the caller
 * overwrites the bytes behind it.
 */
#ifdef __SSE2__
enum { BLOCK = 16 };

/* Set the bytes of v that must be escaped to 255, all others to 0. */
static __m128i
find_special(__m128i v)
{
	__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(31)), v);
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return _mm_or_si128(low, _mm_or_si128(quote, slash));
}

static size_t
copy_block(char *to, const char *s)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
	int special = _mm_movemask_epi8(find_special(v));

	_mm_storeu_si128((__m128i *)(void *)to, v);
	return special ? (size_t)__builtin_ctz((unsigned)special) : BLOCK;
}

/* Count the special bytes in the first *done bytes of s, a multiple of 16. */
static size_t
count_blocks(const char *s, size_t n, size_t *done)
{
	size_t count = 0, i = 0;

	/* Each lane is one byte, so it counts at most 255 rounds. */
	while (i + BLOCK <= n) {
		__m128i lanes = _mm_setzero_si128(), sums;
		size_t stop = n - i > 255 * BLOCK ? i + 255 * BLOCK : n;

		for (; i + BLOCK <= stop; i += BLOCK)
			lanes = _mm_sub_epi8(lanes,
			    find_special(_mm_loadu_si128(
				(const __m128i *)(const void *)(s + i))));
		sums = _mm_sad_epu8(lanes, _mm_setzero_si128());
		count += (size_t)_mm_cvtsi128_si32(sums) +
			 (size_t)_mm_extract_epi16(sums, 4);
	}
	*done = i;
	return count;
}
#else
enum { BLOCK = 8 };

static size_t
copy_block(char *to, const char *s)
{
	size_t i = 0;

	memcpy(to, s, BLOCK);
	while (i < BLOCK && !is_special((unsigned char)s[i]))
		i++;
	return i;
}

static size_t
count_blocks(const char *s, size_t n, size_t *done)
{
	(void)s, (void)n;
	*done = 0;
	return 0;
}
#endif

size_t
json_escapes(const char *s, size_t n)
{
	size_t i, count;

	count = count_blocks(s, n, &i);
	for (; i < n; i++)
		count += (size_t)is_special((unsigned char)s[i]);
	return count;
}

/* Write the escape for c at to; returns its length. */
static size_t
put_escape(char *to, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char letters[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";

	to[0] = '\\';
	to[1] = (char)(c < 32 ? letters[c] : c);
	if (to[1] != 'u' || c >= 32)
		return 2;
	memcpy(to + 2, "00", 2);
	to[4] = digits[c >> 4];
	to[5] = digits[c & 15];
	return ESCAPE_MAX;
}

/*
 * Write the n bytes of s, escaped. May overwrite up to a block behind them.
 * Returns their end.
 */
static char *
put_text(char *to, const char *s, size_t n)
{
	size_t i = 0;

	while (i + BLOCK <= n) {
		size_t plain = copy_block(to, s + i);

		i += plain;
		to += plain;
		if (plain == BLOCK)
			continue;
		/* Special bytes often follow each other. */
		do
			to += put_escape(to, (unsigned char)s[i++]);
		while (i < n && is_special((unsigned char)s[i]));
	}
	for (; i < n; i++) {
		if (is_special((unsigned char)s[i]))
			to += put_escape(to, (unsigned char)s[i]);
		else
			*to++ = s[i];
	}
	return to;
}

void
json_string(struct buf *b, const char *s, size_t n)
{
	char *to = buf_reserve(b, n * ESCAPE_MAX + 2 + SPARE), *begin = to;

	*to++ = '"';
	to = put_text(to, s, n);
	*to++ = '"';
	*to = '\0';
	b->len += (size_t)(to - begin);
}

void
json_member(struct buf *b, const char *key, const char *s, size_t n)
{
	json_key(b, key);
	json_string(b, s, n);
}

/* How many digits v has. */
static size_t
count_digits(uint64_t v)
{
	static const uint64_t powers[DIGITS_MAX] = {0, 10, 100, 1000, 10000,
	    100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
	    100000000000, 1000000000000, 10000000000000, 100000000000000,
	    1000000000000000, 10000000000000000, 100000000000000000,
	    1000000000000000000, 10000000000000000000u};
	unsigned bits = 64 - (unsigned)__builtin_clzll(v | 1);
	unsigned n = bits * 1233 >> 12; /* from log 2; may be one too small */

	return n + (v >= powers[n]);
}

void
json_uint(struct buf *b, uint64_t v)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	char *to = buf_reserve(b, DIGITS_MAX);
	size_t n = count_digits(v), i = n;

	b->len += n;
	to[n] = '\0';
	for (; v >= 100; v /= 100)
		memcpy(to + (i -= 2), pairs + v % 100 * 2, 2);
	if (v >= 10)
		memcpy(to, pairs + v * 2, 2);
	else
		to[0] = (char)('0' + v);
}
