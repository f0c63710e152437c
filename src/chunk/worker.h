/*
 * worker - handle one record of pl-chunk's input
 *
 * A document becomes its chunks and an end record, or a count record. A fault
 * becomes an error record. Any other record passes unchanged. A worker belongs
 * to one thread.
 */
#ifndef CHUNK_WORKER_H
#define CHUNK_WORKER_H

#include <stddef.h>

#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"

struct chunk_tool_options;
struct chunk_worker;

/* Borrows the options, their vocabulary, and out. */
struct chunk_worker *chunk_worker_new(
    const struct chunk_tool_options *o, struct record_out *out);
void chunk_worker_free(struct chunk_worker *w);
/*
 * Handle one line of record_in_line, which returned status, and write the
 * records that result. parser is used to parse the line if necessary. Ends the
 * process if the output fails.
 */
void chunk_worker_handle(struct chunk_worker *w, struct record_in *parser,
    struct record *r, enum record_status status);
/* How many records were refused. */
size_t chunk_worker_refused(const struct chunk_worker *w);

#endif
