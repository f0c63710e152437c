/* write - write the chunks of a document, and its end record */
#ifndef WRITE_H
#define WRITE_H

#include <stddef.h>

struct chunker;
struct document;
struct chunk_tool_options;
struct record_out;

struct chunk_writer;

/*
 * Borrows options and output. End records get the recipe of the chunker, which
 * must have the settings of all chunkers of chunk_writer_put.
 */
struct chunk_writer *chunk_writer_new(const struct chunk_tool_options *o,
    struct record_out *out, const struct chunker *chunker);
void chunk_writer_free(struct chunk_writer *w);
/*
 * Write the n chunks that chunker made of d, and the end record. Ends the
 * process if the output fails.
 */
void chunk_writer_put(struct chunk_writer *w, const struct document *d,
    const struct chunker *chunker, size_t n);

#endif
