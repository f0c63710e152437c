#include "base/utf8.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/buf.h"
#include "base/cpu.h"

static int
is_continuation(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/*
 * Bytes that a sequence starting with lead needs (0: it starts none), and
 * the range its second byte must lie in (Unicode, table 3-7).
 */
static size_t
sequence_length(unsigned char lead, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xBF;
	if (lead < 0x80)
		return 1;
	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	if (lead < 0xE0)
		return 2;
	if (lead == 0xE0)
		*low = 0xA0;
	else if (lead == 0xED)
		*high = 0x9F;
	else if (lead == 0xF0)
		*low = 0x90;
	else if (lead == 0xF4)
		*high = 0x8F;
	return lead < 0xF0 ? 3 : 4;
}

/*
 * Length of the valid sequence at s, or 0 with *bad the length of its maximal
 * invalid prefix (what one U+FFFD stands for, Unicode 3.9 D93b).
 */
static size_t
check_sequence(const unsigned char *s, size_t n, size_t *bad)
{
	unsigned char low, high;
	size_t need = sequence_length(s[0], &low, &high);
	size_t i;

	*bad = 1;
	if (need <= 1)
		return need;
	if (n < 2 || s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < need; i++)
		if (i >= n || !is_continuation(s[i])) {
			*bad = i;
			return 0;
		}
	return need;
}

/* Length of the run of ASCII bytes at the start of s, eight at a time. */
static size_t
ascii_run(const char *s, size_t n)
{
	size_t i = 0;
	uint64_t word;

	for (; i + 8 <= n; i += 8) {
		memcpy(&word, s + i, 8);
		if (word & 0x8080808080808080u)
			break;
	}
	while (i < n && (unsigned char)s[i] < 0x80)
		i++;
	return i;
}

/*
 * Whole blocks of s that are valid, in bytes, at least from a place on where
 * a sequence starts. By J. Keiser and D. Lemire, "Validating UTF-8 In Less
 * Than One Instruction Per Byte" (2021): what is wrong with two bytes in a row
 * is a bit that is set in all of three tables, looked up by the halves of
 * the first byte and the high half of the second.
 */
#ifdef CPU_X86_64

enum {
	VECTOR = 32,
	TOO_SHORT = 1,	 /* a lead, then no continuation */
	TOO_LONG = 2,	 /* ASCII, then a continuation */
	OVERLONG_3 = 4,	 /* E0, then 80 to 9F */
	TOO_LARGE = 8,	 /* F4, then 90 to BF; F5 and more, then 90 to BF */
	SURROGATE = 16,	 /* ED, then A0 to BF */
	OVERLONG_2 = 32, /* C0 and C1 */
	OVERLONG_4 = 64, /* F0, then 80 to 8F; or F5 and more, then that */
	TWO_MORE = 128,	 /* two continuations; right after E0 to FF only */
	ANY_LOW = TOO_SHORT | TOO_LONG | TWO_MORE,
	ABOVE_F4 = ANY_LOW | TOO_LARGE | OVERLONG_4,
	ANY_MORE = TOO_LONG | OVERLONG_2 | TWO_MORE
};

static const uint8_t of_first_high[16] = {TOO_LONG, TOO_LONG, TOO_LONG,
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_MORE, TWO_MORE,
    TWO_MORE, TWO_MORE, TOO_SHORT | OVERLONG_2, TOO_SHORT,
    TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | OVERLONG_4};

static const uint8_t of_first_low[16] = {
    ANY_LOW | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, ANY_LOW | OVERLONG_2,
    ANY_LOW, ANY_LOW, ANY_LOW | TOO_LARGE, ABOVE_F4, ABOVE_F4, ABOVE_F4,
    ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4 | SURROGATE,
    ABOVE_F4, ABOVE_F4};

static const uint8_t of_second_high[16] = {TOO_SHORT, TOO_SHORT, TOO_SHORT,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    ANY_MORE | OVERLONG_3 | OVERLONG_4, ANY_MORE | OVERLONG_3 | TOO_LARGE,
    ANY_MORE | SURROGATE | TOO_LARGE, ANY_MORE | SURROGATE | TOO_LARGE,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT};

WITH_AVX2 static inline __m256i
look_up(const uint8_t table[static 16], __m256i index)
{
	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(
				       (const __m128i *)(const void *)table)),
	    index);
}

WITH_AVX2 static inline __m256i
high_half(__m256i v)
{
	return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));
}

/* v, moved up by n bytes; before goes in. */
#define MOVED(v, before, n)                                                    \
	_mm256_alignr_epi8(                                                    \
	    v, _mm256_permute2x128_si256(before, v, 0x21), 16 - (n))

/* Not all zeros if v, with what was before it, is invalid so far. */
WITH_AVX2 static inline __m256i
find_errors(__m256i v, __m256i before)
{
	__m256i first = MOVED(v, before, 1), third, fourth, must, found;

	found = _mm256_and_si256(
	    _mm256_and_si256(look_up(of_first_high, high_half(first)),
		look_up(of_first_low,
		    _mm256_and_si256(first, _mm256_set1_epi8(15)))),
	    look_up(of_second_high, high_half(v)));
	/* Bit 7 where two or three bytes before is E0, or F0, or more. */
	third = _mm256_subs_epu8(
	    MOVED(v, before, 2), _mm256_set1_epi8((char)(0xE0 - 0x80)));
	fourth = _mm256_subs_epu8(
	    MOVED(v, before, 3), _mm256_set1_epi8((char)(0xF0 - 0x80)));
	must = _mm256_and_si256(
	    _mm256_or_si256(third, fourth), _mm256_set1_epi8((char)TWO_MORE));
	return _mm256_xor_si256(found, must);
}

WITH_AVX2 static size_t
count_valid(const char *s, size_t n)
{
	__m256i before = _mm256_setzero_si256();
	int was_ascii = 1;
	size_t i;

	for (i = 0; i + VECTOR <= n; i += VECTOR) {
		__m256i v =
		    _mm256_loadu_si256((const __m256i *)(const void *)(s + i));
		int is_ascii = _mm256_movemask_epi8(v) == 0;

		if (!(was_ascii && is_ascii)) {
			__m256i errors = find_errors(v, before);

			if (!_mm256_testz_si256(errors, errors))
				break;
		}
		before = v;
		was_ascii = is_ascii;
	}
	/* A sequence that is not complete, or was not, begins here. */
	for (size_t k = 1; k <= 3 && k <= i && (s[i - k] & 0x80); k++)
		if ((s[i - k] & 0x40))
			return i - k;
	return i;
}

static size_t
valid_blocks(const char *s, size_t n)
{
	return n >= VECTOR && cpu_has_avx2() ? count_valid(s, n) : 0;
}
#else
static size_t
valid_blocks(const char *s, size_t n)
{
	(void)s, (void)n;
	return 0;
}
#endif

size_t
utf8_valid(const char *s, size_t n)
{
	size_t i = valid_blocks(s, n), bad;

	while (i < n) {
		size_t length;

		i += ascii_run(s + i, n - i);
		if (i == n)
			break;
		length =
		    check_sequence((const unsigned char *)s + i, n - i, &bad);
		if (length == 0)
			return i;
		i += length;
	}
	return n;
}

size_t
utf8_step(const char *s, size_t n, uint32_t *code)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t bad, length = check_sequence(u, n, &bad), i;

	if (length == 0) {
		*code = UTF8_REPLACEMENT;
		return 1;
	}
	*code = length == 1 ? u[0] : u[0] & (0xFFu >> (length + 1));
	for (i = 1; i < length; i++)
		*code = *code << 6 | (u[i] & 0x3F);
	return length;
}

void
utf8_put(struct buf *b, uint32_t c)
{
	unsigned char u[4];
	size_t n;

	if ((c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
		c = UTF8_REPLACEMENT;
	if (c < 0x80) {
		u[0] = (unsigned char)c;
		n = 1;
	} else if (c < 0x800) {
		u[0] = (unsigned char)(0xC0 | c >> 6);
		n = 2;
	} else if (c < 0x10000) {
		u[0] = (unsigned char)(0xE0 | c >> 12);
		n = 3;
	} else {
		u[0] = (unsigned char)(0xF0 | c >> 18);
		n = 4;
	}
	for (size_t i = 1; i < n; i++)
		u[i] = (unsigned char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3F));
	buf_add(b, u, n);
}

#ifdef __SSE2__
/* Sets the bytes of v that continue a sequence to -1, all others to 0. */
static inline __m128i
find_continuations(__m128i v)
{
	/* As signed bytes 0x80 to 0xBF are -128 to -65. */
	return _mm_cmplt_epi8(v, _mm_set1_epi8(-64));
}

static inline __m128i
load(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

/* The same in the last k < 16 bytes before end; 16 bytes are there. */
static inline __m128i
find_last(const char *end, size_t k)
{
	static const signed char mask[32] = {[16] = -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1,
	    -1};

	return _mm_and_si128(
	    find_continuations(load(end - 16)), load(mask + k));
}

/* How many bytes of s continue a sequence; there are 16 at least. */
static size_t
count_continuations(const char *s, size_t n)
{
	const char *end = s + n;
	__m128i sums = _mm_setzero_si128();

	do {
		/* Bytes of -1 are summed in 16 lanes for 254 rounds at most. */
		size_t rounds = (size_t)(end - s) / 16;
		__m128i lanes = _mm_setzero_si128();

		for (rounds = rounds < 254 ? rounds : 254; rounds > 0;
		     rounds--) {
			lanes =
			    _mm_sub_epi8(lanes, find_continuations(load(s)));
			s += 16;
		}
		if (end - s < 16) {
			lanes = _mm_sub_epi8(
			    lanes, find_last(end, (size_t)(end - s)));
			s = end;
		}
		sums = _mm_add_epi64(
		    sums, _mm_sad_epu8(lanes, _mm_setzero_si128()));
	} while (s < end);
	return (size_t)_mm_cvtsi128_si32(sums) +
	       (size_t)_mm_cvtsi128_si32(_mm_srli_si128(sums, 8));
}
#else
static size_t
count_continuations(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (size_t)is_continuation((unsigned char)s[i]);
	return count;
}
#endif

size_t
utf8_count_long(const char *s, size_t n)
{
	return n - count_continuations(s, n);
}

size_t
utf8_space_before(const char *s, size_t n)
{
	const unsigned char *end = (const unsigned char *)s + n;
	unsigned last = end[-1], middle = n >= 2 ? end[-2] : 0;

	/* U+0085, U+00A0 */
	if (middle == 0xC2)
		return last == 0x85 || last == 0xA0 ? 2 : 0;
	switch (n >= 3 ? end[-3] : 0) {
	case 0xE1: /* U+1680 */
		return middle == 0x9A && last == 0x80 ? 3 : 0;
	case 0xE2: /* U+2000 to U+200A, U+2028, U+2029, U+202F; U+205F */
		if (middle == 0x80)
			return last <= 0x8A || last == 0xA8 || last == 0xA9 ||
				       last == 0xAF
				   ? 3
				   : 0;
		return middle == 0x81 && last == 0x9F ? 3 : 0;
	case 0xE3: /* U+3000 */
		return middle == 0x80 && last == 0x80 ? 3 : 0;
	default:
		return 0;
	}
}

size_t
utf8_floor(const char *s, size_t len, size_t n)
{
	if (n >= len)
		return len;
	while (n > 0 && is_continuation((unsigned char)s[n]))
		n--;
	return n;
}

size_t
utf8_repair(struct buf *b, const char *s, size_t n, size_t *first)
{
	size_t i = 0, count = 0;

	while (i < n) {
		size_t good = utf8_valid(s + i, n - i), bad = 1;
		const char *nul = memchr(s + i, '\0', good);

		if (nul != NULL)
			good = (size_t)(nul - (s + i));
		buf_add(b, s + i, good);
		i += good;
		if (i == n)
			break;
		if (count++ == 0)
			*first = i;
		check_sequence((const unsigned char *)s + i, n - i, &bad);
		utf8_put(b, UTF8_REPLACEMENT);
		i += bad;
	}
	return count;
}
