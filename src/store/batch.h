/*
 * batch - one transaction for several documents
 *
 * What became of each is printed after the commit, in the order in which the
 * documents ended, with the lines that came between in their place.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include <stddef.h>

struct error_record;
struct store;
struct store_document;

/* Put a document at the end of the batch; it is the batch's now. */
void store_batch_add(struct store *s, struct store_document *doc);
/* Pass a line on, behind what is in the batch. */
void store_batch_pass(struct store *s, const char *line, size_t n);
/* Write an error record, after closing the batch, and say it. */
void store_batch_error(struct store *s, const struct error_record *e);
/* Store what is in the batch, then print what became of it, in order. */
void store_batch_close(struct store *s);
/* Free its memory. */
void store_batch_free(struct store *s);

#endif
