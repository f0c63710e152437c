/*
 * chunker - the state that the modules of chunk share, and the list of chunks
 *
 * Sizes here are in the unit of the pieces. If tokens are estimated, this unit
 * is finer than the unit of the options.
 */
#ifndef CHUNKER_H
#define CHUNKER_H

#include <stddef.h>
#include <stdint.h>

#include "chunk/chunk_type.h"
#include "chunk/piece_list.h"

struct token_counter;

enum {
	CHUNKER_STEPS = 256,   /* steps of size up to the limit */
	CHUNKER_RANK_BITS = 24 /* low bits of a rank, by words */
};

/* For packing: the best way to a piece. Small, as it is read often. */
struct way {
	uint64_t cost; /* of chunks before and the cut; later a chunk's end */
	uint32_t from; /* start of the piece */
	uint32_t room; /* for a chunk that starts there */
};

struct chunker {
	struct chunk_options options;
	struct pieces pieces;
	struct token_counter *counter;
	uint32_t scale; /* size here of one unit of the options */
	uint32_t max;
	uint32_t target;
	uint64_t
	    steps_factor; /* size * steps_factor >> 32 is a number of steps */
	uint32_t costs[CHUNKER_STEPS + 1]; /* of a chunk, by its steps */
	struct way *ways;		   /* to each piece */
	uint32_t *before; /* start of the best chunk that ends with a piece */
	size_t ways_cap;
	struct chunk *chunks;
	size_t count;
	size_t cap;
};

/* The end of the pieces from first on, up to a cut that is worst or better. */
size_t chunker_stretch_end(
    const struct chunker *c, size_t first, enum chunk_cut worst);
/* Whether all of the pieces [first, end) make one chunk, whatever the costs. */
int chunker_is_one_chunk(const struct chunker *c, size_t first, size_t end);
/* The kind of cut in front of piece i, or at the end. */
enum chunk_cut chunker_cut_at(const struct chunker *c, size_t i);
/* The size of text[start, end) by itself. */
uint32_t chunker_size_between(
    const struct chunker *c, size_t start, size_t end);
/* Set the sizes of a chunk, and its room for context. */
void chunker_set_size(
    const struct chunker *c, struct chunk *chunk, uint32_t size);
/* Add the chunk of pieces first to last. loose: size is an upper bound. */
void chunker_add(struct chunker *c, size_t first, size_t last,
    enum chunk_cut cut, uint32_t size, int loose);

#endif
