/*
 * pack - the cheapest way to divide pieces into chunks
 */
#ifndef PACK_H
#define PACK_H

#include <stddef.h>

#include "chunk/ending.h"

struct chunker;

/* Set the cost of a chunk of each size, without the cut. */
void pack_set_costs(struct chunker *c);
/* Find the cheapest way through the pieces [first, end). */
void pack_stretch(struct chunker *c, size_t first, size_t end);
/* Add the chunk of pieces first to last. */
void pack_add_chunk(
    struct chunker *c, size_t first, size_t last, enum chunk_cut cut);
/* Add the chunks of pieces [first, end), after pack_stretch. */
void pack_add_chunks(struct chunker *c, size_t first, size_t end);

#endif
