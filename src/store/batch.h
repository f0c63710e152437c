/*
 * batch - one transaction for several documents
 *
 * The outcome of each document is printed after the commit, in the order of
 * their end records. Lines that came between them keep their place.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include <stddef.h>

struct error_record;
struct store;
struct store_document;

/* Put a document at the end of the batch, which then owns it. */
void store_batch_add(struct store *s, struct store_document *doc);
/* Pass a line on, behind the items of the batch. */
void store_batch_pass(struct store *s, const char *line, size_t n);
/* Close the batch, then write an error record and its message. */
void store_batch_error(struct store *s, const struct error_record *e);
/* Store the documents of the batch, then print the items in order. */
void store_batch_close(struct store *s);
/* Free its memory. */
void store_batch_free(struct store *s);

#endif
