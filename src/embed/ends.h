/*
 * ends - end records that tell what made the vectors of their document
 *
 * It remembers which documents have got a vector until their end records come.
 * The end record of a document without a vector stays as it is.
 */
#ifndef EMBED_ENDS_H
#define EMBED_ENDS_H

#include <stddef.h>

struct buf;
struct embed_ends;
struct embed_recipe;
struct record;

/* Ends the process with CLI_USAGE if the settings of queries are too long. */
struct embed_ends *embed_ends_new(const struct embed_recipe *recipe);
void embed_ends_free(struct embed_ends *e);
/* Note that the document with an id of n bytes has got a vector. */
void embed_ends_note(struct embed_ends *e, const char *id, size_t n);
/* Whether embed_ends_note was called for the document; it is then forgotten. */
int embed_ends_take(struct embed_ends *e, const char *id, size_t n);
/* Append the end record as it is for a document with a vector. */
void embed_ends_put(
    const struct embed_ends *e, struct buf *b, const struct record *r);

#endif
