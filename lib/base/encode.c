#include "base/encode.h"

#include <stdint.h>

#include "base/buf.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* The value of a digit with VALID set; 0 for every other character. */
enum { VALID = 0x40, VALUE = 0x3F };
/* clang-format off */
static const unsigned char values[256] = {
    ['A'] = 64, ['B'] = 65, ['C'] = 66, ['D'] = 67, ['E'] = 68, ['F'] = 69,
    ['G'] = 70, ['H'] = 71, ['I'] = 72, ['J'] = 73, ['K'] = 74, ['L'] = 75,
    ['M'] = 76, ['N'] = 77, ['O'] = 78, ['P'] = 79, ['Q'] = 80, ['R'] = 81,
    ['S'] = 82, ['T'] = 83, ['U'] = 84, ['V'] = 85, ['W'] = 86, ['X'] = 87,
    ['Y'] = 88, ['Z'] = 89, ['a'] = 90, ['b'] = 91, ['c'] = 92, ['d'] = 93,
    ['e'] = 94, ['f'] = 95, ['g'] = 96, ['h'] = 97, ['i'] = 98, ['j'] = 99,
    ['k'] = 100, ['l'] = 101, ['m'] = 102, ['n'] = 103, ['o'] = 104, ['p'] = 105,
    ['q'] = 106, ['r'] = 107, ['s'] = 108, ['t'] = 109, ['u'] = 110, ['v'] = 111,
    ['w'] = 112, ['x'] = 113, ['y'] = 114, ['z'] = 115, ['0'] = 116, ['1'] = 117,
    ['2'] = 118, ['3'] = 119, ['4'] = 120, ['5'] = 121, ['6'] = 122, ['7'] = 123,
    ['8'] = 124, ['9'] = 125, ['+'] = 126, ['/'] = 127,
};
/* clang-format on */

void
encode_base64(struct buf *out, const void *p, size_t n)
{
	const unsigned char *s = p;
	char *to = buf_reserve(out, (n + 2) / 3 * 4);

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)s[i + 1] << 8;
		if (i + 2 < n)
			v |= s[i + 2];
		*to++ = alphabet[v >> 18];
		*to++ = alphabet[v >> 12 & 63];
		*to++ = i + 1 < n ? alphabet[v >> 6 & 63] : '=';
		*to++ = i + 2 < n ? alphabet[v & 63] : '=';
	}
	*to = '\0';
	out->len = (size_t)(to - out->data);
}

/* The number of characters without padding, which has 2 characters at most. */
static size_t
unpadded(const char *s, size_t n)
{
	for (int i = 0; i < 2 && n > 0 && s[n - 1] == '='; i++)
		n--;
	return n;
}

size_t
encode_base64_size(const char *s, size_t n)
{
	size_t digits = unpadded(s, n);

	return n % 4 == 0 && digits % 4 != 1 ? digits * 6 / 8 : SIZE_MAX;
}

/*
 * The n digits at s, at most four, as the high bits of 24; *valid loses the bit
 * VALID if one of them is not a digit.
 */
static uint32_t
four_digits(const char *s, size_t n, unsigned *valid)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		unsigned v = i < n ? values[(unsigned char)s[i]] : VALID;

		*valid &= v;
		bits = bits << 6 | (v & VALUE);
	}
	return bits;
}

int
encode_base64_read(const char *s, size_t n, void *out)
{
	unsigned char *to = out;
	size_t digits = unpadded(s, n), i = 0;
	unsigned valid = VALID;
	uint32_t bits = 0;

	if (encode_base64_size(s, n) == SIZE_MAX)
		return -1;
	for (; i + 4 <= digits; i += 4) {
		bits = four_digits(s + i, 4, &valid);
		*to++ = (unsigned char)(bits >> 16);
		*to++ = (unsigned char)(bits >> 8);
		*to++ = (unsigned char)bits;
	}
	if (i < digits) {
		bits = four_digits(s + i, digits - i, &valid);
		for (size_t left = (digits - i) * 6 / 8; left > 0; left--) {
			*to++ = (unsigned char)(bits >> 16);
			bits = bits << 8 & 0xFFFFFF;
		}
		/* Bits left over must be zeros; else the end is missing. */
		if (bits != 0)
			return -1;
	}
	return valid & VALID ? 0 : -1;
}
