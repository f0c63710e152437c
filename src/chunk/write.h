/* pl-chunk's records: the chunks of a document, and what closes them */
#ifndef WRITE_H
#define WRITE_H

#include <stddef.h>

struct chunker;
struct document;
struct options;
struct record_out;

struct writer;

/* Borrows both; hashes are put into out later, before it is written. */
struct writer *writer_new(const struct options *o, struct record_out *out);
void writer_free(struct writer *w);
/*
 * Write the n chunks that chunker made of d, and the end record. Ends the
 * process if the output fails.
 */
void writer_put(struct writer *w, const struct document *d,
    const struct chunker *chunker, size_t n);

#endif
