#include "tool/nearest.h"

#include <string.h>

enum {
	DISTANCE_MAX = 2,
	SHORT = 4,    /* letters; in a shorter word one may differ */
	WORD_MAX = 32 /* letters; a longer word has no near word */
};

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein distance; row is the last row of the matrix computed so far. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], n = strlen(b);

	if (n > WORD_MAX || strlen(a) > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t replaced = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] =
			    smaller(replaced, smaller(row[j], row[j - 1]) + 1);
		}
	}
	return row[n];
}

void
nearest_consider(struct nearest *n, const char *word)
{
	size_t d = distance(n->typed, word);
	size_t limit = strlen(word) < SHORT ? 1 : DISTANCE_MAX;

	if (d > limit || strlen(word) < 2)
		return;
	if (n->word == NULL || d < n->distance) {
		n->word = word;
		n->distance = d;
	}
}
