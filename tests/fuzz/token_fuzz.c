/* token: any file as a vocabulary; any text, against a simple encoder */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/token_vocabulary.h"
#include "base/utf8.h"

enum { WORD_MAX = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Whether the made-up vocabulary has a token, and its rank. */
static int
rank_of(const unsigned char *s, size_t n, unsigned letters)
{
	unsigned a, b, c;

	if (n == 1)
		return s[0];
	if (n == 2) {
		unsigned k = (unsigned)s[0] << 8 | s[1], inverse = 1;

		/* The inverse of 40503 modulo 2^16, by Newton's method. */
		for (int i = 0; i < 5; i++)
			inverse *= 2 - 40503u * inverse;
		return 256 + (int)(k * inverse & 65535);
	}
	if (n != 3)
		return -1;
	a = s[0] - 'a' + 0u;
	b = s[1] - 'a' + 0u;
	c = s[2] - 'a' + 0u;
	if (a >= letters || b >= letters || c >= letters)
		return -1;
	return 256 + 65536 + (int)(a + b * letters + c * letters * letters);
}

static size_t
encode(const unsigned char *s, size_t n, unsigned letters)
{
	size_t cuts[WORD_MAX + 1], parts = n;

	if (rank_of(s, n, letters) != -1)
		return 1;
	for (size_t i = 0; i <= n; i++)
		cuts[i] = i;
	for (;;) {
		size_t best = 0;
		int lowest = -1;

		for (size_t i = 0; i + 2 <= parts; i++) {
			int rank = rank_of(
			    s + cuts[i], cuts[i + 2] - cuts[i], letters);

			if (rank != -1 && (lowest == -1 || rank < lowest)) {
				lowest = rank;
				best = i;
			}
		}
		if (lowest == -1)
			return parts;
		memmove(cuts + best + 1, cuts + best + 2,
		    (parts - best - 1) * sizeof(*cuts));
		parts--;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const unsigned letters[2] = {1, 44};
	static struct token_vocabulary *v[2];
	struct buf text = {0};
	const char *why;
	size_t first;

	token_vocabulary_free(token_read((const char *)data, n, &why));
	utf8_repair(&text, (const char *)data, n, &first);
	for (int k = 0; k < 2; k++) {
		struct token_counter *c;

		if (v[k] == NULL)
			v[k] = make_vocabulary(letters[k]);
		c = token_counter_new(v[k]);
		for (size_t i = 0, end; i < text.len; i = end) {
			end = token_word(c, text.data, text.len, i);
			if (end <= i || end > text.len)
				abort();
			if (end - i <= WORD_MAX &&
			    token_count_word(c, text.data + i, end - i) !=
				encode((unsigned char *)text.data + i, end - i,
				    letters[k]))
				abort();
		}
		token_counter_free(c);
	}
	buf_free(&text);
	return 0;
}
