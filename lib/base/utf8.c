#include "base/utf8.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/buf.h"

static int
is_continuation(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/*
 * The length of a sequence that starts with lead, or 0 if none does, and the
 * range of its second byte (Unicode, table 3-7).
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
 * The length of the valid sequence at s. If it is invalid, 0, and *bad is the
 * number of bytes that one U+FFFD replaces (the maximal subpart, Unicode 3.9
 * D93b).
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

#ifdef __SSE2__
enum { BLOCK = 64 };

/* Properties of a block's bytes: a bit for each, the lowest for the first. */
struct block {
	uint64_t high;		      /* not ASCII */
	uint64_t lead2, lead3, lead4; /* begin >= 2, >= 3, >= 4 bytes */
	uint64_t below_90, below_a0;
	uint64_t e0, ed, f0, f4; /* leads that limit the second byte */
	uint64_t never;		 /* C0, C1, F5 to FF: not in UTF-8 */
};

/* A bit for each byte of v, set if it is above least, as signed bytes. */
static inline uint64_t
above(__m128i v, int least)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(
	    _mm_cmpgt_epi8(v, _mm_set1_epi8((char)least)));
}

static inline uint64_t
equal(__m128i v, int byte)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(v, _mm_set1_epi8((char)byte)));
}

static inline struct block
read_block(const char *s)
{
	struct block b = {0};

	for (int i = 0; i < BLOCK; i += 16) {
		__m128i v =
		    _mm_loadu_si128((const __m128i *)(const void *)(s + i));
		uint64_t high = (uint64_t)(unsigned)_mm_movemask_epi8(v);

		b.high |= high << i;
		/* As signed bytes, ASCII is above all others. */
		b.lead2 |= (above(v, 0xBF - 256) & high) << i;
		b.lead3 |= (above(v, 0xDF - 256) & high) << i;
		b.lead4 |= (above(v, 0xEF - 256) & high) << i;
		b.below_90 |= (~above(v, 0x8F - 256) & high) << i;
		b.below_a0 |= (~above(v, 0x9F - 256) & high) << i;
		b.e0 |= equal(v, 0xE0) << i;
		b.ed |= equal(v, 0xED) << i;
		b.f0 |= equal(v, 0xF0) << i;
		b.f4 |= equal(v, 0xF4) << i;
		b.never |= (equal(v, 0xC0) | equal(v, 0xC1) |
			       (above(v, 0xF4 - 256) & high))
			   << i;
	}
	return b;
}

/* Whether a block is valid. A last sequence may go on behind the block. */
static inline int
is_valid(const struct block *b)
{
	uint64_t continued = b->lead2 << 1 | b->lead3 << 2 | b->lead4 << 3;
	uint64_t wrong = continued ^ (b->high & ~b->lead2);

	wrong |= b->never;
	wrong |= b->e0 << 1 & b->below_a0;
	wrong |= b->ed << 1 & ~b->below_a0;
	wrong |= b->f0 << 1 & b->below_90;
	wrong |= b->f4 << 1 & ~b->below_90;
	return wrong == 0;
}

/* The start of a last sequence that may go on behind the block, or BLOCK. */
static inline size_t
whole_sequences(const struct block *b)
{
	for (size_t k = BLOCK - 1; k >= BLOCK - 3; k--)
		if (b->lead2 >> k & 1)
			return k;
	return BLOCK;
}

static inline int
is_ascii(const char *s)
{
	__m128i all = _mm_setzero_si128();

	for (int i = 0; i < BLOCK; i += 16)
		all = _mm_or_si128(all,
		    _mm_loadu_si128((const __m128i *)(const void *)(s + i)));
	return _mm_movemask_epi8(all) == 0;
}

/* The number of bytes at the start of s that are valid blocks. */
static size_t
valid_blocks(const char *s, size_t n)
{
	size_t i = 0;

	while (i + BLOCK <= n) {
		struct block b;

		if (is_ascii(s + i)) {
			i += BLOCK;
			continue;
		}
		b = read_block(s + i);
		if (!is_valid(&b))
			break;
		i += whole_sequences(&b);
	}
	return i;
}
#else
static size_t
valid_blocks(const char *s, size_t n)
{
	uint64_t word;
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		memcpy(&word, s + i, 8);
		if (word & 0x8080808080808080u)
			break;
	}
	return i;
}
#endif

size_t
utf8_valid(const char *s, size_t n)
{
	size_t i = 0, bad;

	while (i < n) {
		size_t length;

		i += valid_blocks(s + i, n - i);
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
/* -1 for each byte of v that continues a sequence, 0 for all others. */
static inline __m128i
find_continuations(__m128i v)
{
	/* As signed bytes, 0x80 to 0xBF are -128 to -65. */
	return _mm_cmplt_epi8(v, _mm_set1_epi8(-64));
}

static inline __m128i
load(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

/* As find_continuations, only in the last k < 16 of 16 bytes before end. */
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

/* The number of bytes of s that continue a sequence; n is at least 16. */
static size_t
count_continuations(const char *s, size_t n)
{
	const char *end = s + n;
	__m128i sums = _mm_setzero_si128();

	do {
		/* A lane counts to 255: 254 rounds and the last bytes. */
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
