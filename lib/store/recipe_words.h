/* recipe_words - the recipe of a collection, in a few words for people */
#ifndef RECIPE_WORDS_H
#define RECIPE_WORDS_H

#include <stddef.h>

struct buf;
struct db;

/* Owned; NULL: not known. */
struct recipe_words {
	char *chunk, *embed; /* the parts, as pl-chunk and pl-embed say them */
	char *model;
};

/* Look up a collection. 1; 0 there is none by this name; -1 with db_error. */
int recipe_words_get(
    struct db *db, const char *collection, struct recipe_words *w);
void recipe_words_free(struct recipe_words *w);
/*
 * Append as "pl/1 max=1600c, hash-512-v1": of each part what is not pl's
 * default. Nothing if nothing is known. With at most most bytes, at least 20: a
 * part that is longer is cut, and ends with "...".
 */
void recipe_words_brief(
    const struct recipe_words *w, size_t most, struct buf *b);

#endif
