/* pl-chunk's parts: options, the work on one record, several workers */
#ifndef CHUNK_TOOL_H
#define CHUNK_TOOL_H

#include <stddef.h>

#include "chunk/chunk.h"
#include "record/record_in.h"
#include "record/record_out.h"

struct token_vocabulary;

struct options {
	struct chunk_options chunk;
	struct record_in_options rec;
	int explain;
	int count;
	int metadata; /* of the document goes with its chunks */
	const char *content_key;
	const char *tokenizer;
	unsigned workers;
};

/* What one thread needs to turn documents into chunks. */
struct worker;

/* Borrows the options, with their vocabulary, and out. */
struct worker *worker_new(const struct options *o, struct record_out *out);
void worker_free(struct worker *w);
/*
 * Do what is to be done with a line of record_in_line and write what comes of
 * it; parser parses it if need be. Ends the process if the output fails.
 */
void worker_handle(struct worker *w, struct record_in *parser, struct record *r,
    enum record_status status);
/* How many records were refused. */
size_t worker_refused(const struct worker *w);

/*
 * Read records and let o->workers threads handle them, in order. Returns the
 * status that ended the input; adds to *refused.
 */
enum record_status handle_in_parallel(
    const struct options *o, struct record_out *out, size_t *refused);

#endif
