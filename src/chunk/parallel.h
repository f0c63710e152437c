/*
 * parallel - pl-chunk's work in several threads
 *
 * The output equals the output of one thread, byte for byte.
 */
#ifndef CHUNK_PARALLEL_H
#define CHUNK_PARALLEL_H

#include <stddef.h>

#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"

struct chunk_tool_options;

/*
 * Read the records of standard input, and let o->workers threads handle them.
 * Returns the status that ended the input. Adds the number of refused records
 * to *refused.
 */
enum record_status chunk_parallel_run(const struct chunk_tool_options *o,
    struct record_out *out, size_t *refused);

#endif
