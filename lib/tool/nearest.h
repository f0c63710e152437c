/*
 * nearest - find the known word that a mistyped word probably meant
 *
 * Words are compared by the number of letters to insert, delete or replace
 * (Levenshtein distance).
 */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

/* The best candidate so far. Begin with {.typed = ...}. */
struct nearest {
	const char *typed;
	const char *word; /* NULL: none is near */
	size_t distance;
};

/* Consider one more known word, which is borrowed. */
void nearest_consider(struct nearest *n, const char *word);

#endif
