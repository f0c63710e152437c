/*
 * The weights are a least-squares fit of relative errors to the counts of
 * cl100k_base, the vocabulary of embedding models, on three quarters of the
 * chunks that pl-chunk makes of the corpus of tests/bench/chunk. A pair of
 * bytes says more than a byte: a letter behind a space begins a word, a digit
 * behind a digit is less than half a token, a line end behind a line end costs
 * nothing.
 */
#include "chunk/token_estimate.h"

#include <pthread.h>
#include <string.h>

/*
 * The classes of bytes. Bytes behind the first byte of a character: 0 for 80 to
 * 9F, 12 for A0 to BF. ASCII: 1 vowels, 2 consonants, 3 capitals, 4 digits, 5
 * the space, 6 the line end, 7 tabs and controls, 8 marks that are often
 * repeated, as
 * - and #, 9 stops, 10 slashes, 11 other symbols. First bytes, by the kind of
 * most of their characters: 13 Latin, 14 Cyrillic and Greek, 15 Hebrew and
 * Armenian, 16 Arabic, 17 Indic and all from U+0800 to U+1FFF, 18 punctuation,
 * arrows and boxes, 19 kana, 20 Han, 21 Hangul, 22 private use, 23 emoji.
 */
enum {
	CLASSES = 24,
	ROW = 32 /* at least CLASSES, and a power of 2 for shifts */
};

/* clang-format off */
static const uint8_t classes[256] = {
	 7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  6,  7,  7,  7,  7,  7,
	 7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
	 5,  9,  9,  8, 11, 11, 11,  9, 11, 11,  8, 11,  9,  8,  9, 10,
	 4,  4,  4,  4,  4,  4,  4,  4,  4,  4,  9,  9, 11,  8, 11,  9,
	11,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3,
	 3,  3,  3,  3,  3,  3,  3,  3,  3,  3,  3, 11, 10, 11, 11,  8,
	11,  1,  2,  2,  2,  1,  2,  2,  2,  1,  2,  2,  2,  2,  2,  1,
	 2,  2,  2,  2,  2,  1,  2,  2,  2,  2,  2, 11, 11, 11,  8, 11,
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
	12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
	13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 14, 14,
	14, 14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16, 16,
	17, 17, 18, 19, 20, 20, 20, 20, 20, 20, 21, 21, 21, 21, 22, 22,
	23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23,
};

/* [a][b]: a byte of class b behind a byte of class a, in TOKEN_PARTS. */
static const uint16_t weights[CLASSES][ROW] = {
	{69, 14, 218, 31, 37, 0, 305, 38, 49, 0, 40, 127,
	 99, 48, 0, 75, 22, 0, 0, 38, 0, 122, 17, 175},
	{38, 0, 9, 93, 251, 8, 330, 55, 160, 167, 102, 147,
	 38, 89, 36, 38, 38, 38, 39, 38, 38, 38, 38, 38},
	{38, 21, 25, 59, 259, 14, 314, 89, 165, 237, 34, 140,
	 38, 68, 38, 38, 38, 48, 59, 38, 38, 38, 44, 38},
	{38, 106, 59, 24, 280, 0, 226, 14, 76, 339, 91, 275,
	 38, 120, 38, 38, 38, 38, 59, 38, 38, 38, 38, 38},
	{38, 219, 231, 181, 88, 226, 316, 53, 284, 288, 262, 40,
	 38, 39, 37, 38, 38, 38, 68, 38, 38, 38, 38, 38},
	{38, 190, 194, 169, 385, 6, 119, 37, 313, 405, 183, 251,
	 38, 68, 0, 156, 529, 596, 334, 167, 139, 82, 37, 122},
	{38, 66, 94, 104, 102, 158, 0, 173, 223, 147, 41, 181,
	 38, 35, 0, 44, 57, 14, 283, 37, 35, 22, 38, 40},
	{38, 70, 62, 108, 38, 32, 41, 152, 68, 45, 39, 85,
	 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{38, 43, 176, 118, 216, 33, 306, 61, 1, 246, 98, 93,
	 38, 40, 44, 38, 38, 38, 53, 38, 38, 38, 38, 38},
	{38, 0, 52, 0, 188, 0, 0, 55, 0, 45, 144, 109,
	 38, 42, 0, 38, 42, 38, 43, 40, 44, 42, 47, 37},
	{38, 219, 244, 186, 135, 0, 60, 38, 374, 37, 163, 119,
	 38, 46, 38, 41, 38, 38, 41, 38, 43, 38, 38, 38},
	{38, 246, 300, 335, 329, 23, 44, 13, 302, 73, 94, 68,
	 38, 64, 179, 40, 42, 39, 88, 39, 54, 40, 47, 45},
	{166, 94, 123, 43, 76, 179, 499, 38, 44, 0, 40, 162,
	 0, 38, 0, 264, 0, 332, 107, 26, 26, 27, 90, 173},
	{230, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 87, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{0, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 178, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{120, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 347, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{163, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 0, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{261, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 0, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{0, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 37, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{156, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{30, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 109, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{63, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 120, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 90, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
	{402, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38,
	 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38},
};
/* clang-format on */

/*
 * The weight of a byte behind another, for all pairs: to look up both classes
 * would take twice as long. The index is the number that the two bytes make in
 * memory.
 */
static uint16_t pairs[1 << 16];

static void
set_pairs(void)
{
	for (unsigned before = 0; before < 256; before++)
		for (unsigned c = 0; c < 256; c++) {
			const uint8_t bytes[2] = {(uint8_t)before, (uint8_t)c};
			uint16_t pair;

			memcpy(&pair, bytes, sizeof(pair));
			pairs[pair] = weights[classes[before]][classes[c]];
		}
}

/* The weight of the second of two bytes. */
static inline uint32_t
weight_at(const char *bytes)
{
	uint16_t pair;

	memcpy(&pair, bytes, sizeof(pair));
	return pairs[pair];
}

static uint32_t
weigh_first(char before, const char *text)
{
	return weights[classes[(unsigned char)before]]
		      [classes[(unsigned char)*text]];
}

uint32_t
token_estimate_text(const char *text, size_t n)
{
	return token_estimate_go('\n', text, n);
}

uint32_t
token_estimate_go(char before, const char *text, size_t n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint32_t sum;

	if (n == 0)
		return 0;
	sum = weigh_first(before, text);
	if (n == 1)
		return sum;
	pthread_once(&once, set_pairs);
	/* Four bytes at a time take two thirds of the time. */
	for (; n > 4; n -= 4, text += 4)
		sum += weight_at(text) + weight_at(text + 1) +
		       weight_at(text + 2) + weight_at(text + 3);
	for (; n > 1; n--, text++)
		sum += weight_at(text);
	return sum;
}
