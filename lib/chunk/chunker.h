/*
 * chunker - what the parts of chunk share: its state, and the list of chunks
 *
 * Sizes here are in the unit of the pieces, which is finer than that of the
 * options where tokens are estimated.
 */
#ifndef CHUNKER_H
#define CHUNKER_H

#include <stddef.h>
#include <stdint.h>

#include "chunk/chunk_type.h"
#include "chunk/piece_list.h"

struct token_counter;

enum {
	CHUNKER_STEPS = 256,   /* sizes that are told apart */
	CHUNKER_RANK_BITS = 24 /* of a rank by words, below the kind of cut */
};

/* For packing: the best way to a piece. It is read again and again. */
struct way {
	uint64_t cost; /* all chunks before, and the cut; later where to go */
	uint32_t from; /* of the piece */
	uint32_t room; /* for a chunk from there */
};

struct chunker {
	struct chunk_options options;
	struct pieces pieces;
	struct token_counter *counter;
	uint32_t scale; /* of sizes here: units of the options */
	uint32_t max;
	uint32_t target;
	uint64_t
	    steps_factor; /* size * this >> 32 is in CHUNKER_STEPS of max */
	uint32_t costs[CHUNKER_STEPS + 1]; /* of a chunk so many steps long */
	struct way *ways;		   /* to each piece */
	uint32_t *before; /* best start of a chunk that ends with it */
	size_t ways_cap;
	struct chunk *chunks;
	size_t count;
	size_t cap;
};

/* The end of the pieces from first on that are packed by themselves. */
size_t chunker_stretch_end(
    const struct chunker *c, size_t first, enum chunk_cut worst);
/* Whether all of the pieces [first, end) make one chunk, whatever the costs. */
int chunker_is_one_chunk(const struct chunker *c, size_t first, size_t end);
/* The kind of cut in front of piece i, or at the end. */
enum chunk_cut chunker_cut_at(const struct chunker *c, size_t i);
/* The size of text[start, end) by itself. */
uint32_t chunker_size_between(
    const struct chunker *c, size_t start, size_t end);
/* Set the size of a chunk, and what follows from it. */
void chunker_set_size(
    const struct chunker *c, struct chunk *chunk, uint32_t size);
/* Add the chunk of pieces first to last; loose if its size is a bound. */
void chunker_add(struct chunker *c, size_t first, size_t last,
    enum chunk_cut cut, uint32_t size, int loose);

#endif
