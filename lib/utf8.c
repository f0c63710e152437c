#include "utf8.h"

#include <string.h>

#include "buf.h"

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

size_t
utf8_valid(const char *s, size_t n)
{
	size_t i = 0, bad;

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

size_t
utf8_count(const char *s, size_t n)
{
	const uint64_t ones = 0x0101010101010101u;
	size_t count = n, i = 0;

	/*
	 * Eight bytes at a time: a byte continues a sequence if its top bits
	 * are 1 and 0. Such bytes are summed in eight lanes, which overflow
	 * after 255 words.
	 */
	while (i + 8 <= n) {
		uint64_t lanes = 0, word;
		size_t stop = n - i > 255 * 8 ? i + 255 * 8 : n;

		for (; i + 8 <= stop; i += 8) {
			memcpy(&word, s + i, 8);
			lanes += word >> 7 & ~word >> 6 & ones;
		}
		/* Sum pairs of lanes, then all of them in the top 16 bits. */
		lanes = (lanes & 0x00FF00FF00FF00FFu) +
			(lanes >> 8 & 0x00FF00FF00FF00FFu);
		count -= lanes * 0x0001000100010001u >> 48;
	}
	for (; i < n; i++)
		count -= is_continuation((unsigned char)s[i]);
	return count;
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
