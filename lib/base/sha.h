/*
 * sha - blocks of SHA-1 and SHA-256
 *
 * FIPS 180-4, by the processor's own instructions where it has them. The
 * instructions of one message wait for each other, so several messages are
 * hashed side by side: two by the SHA extensions take hardly longer than one,
 * and sixteen with AVX-512, a word of each in a vector, as long as ten by
 * these, or as sixteen where its vectors take two turns. Padding is added by
 * the caller.
 */
#ifndef SHA_H
#define SHA_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha_lanes.h"

/* How many lanes are best, of this processor. */
size_t sha256_most(void);
/* Begin a message in a lane, whose p and blocks the caller sets. */
void sha256_start(struct sha256_lanes *l, size_t lane);
/*
 * Hash blocks of the first n lanes, at most sha256_most, each of which has
 * some, or of as many of these as are fast together; p moves behind them.
 * Returns a bit for each lane that has none left, of which there is one at
 * least.
 */
uint32_t sha256_run(struct sha256_lanes *l, size_t n);

void sha1_blocks(uint32_t state[static 5], const uint8_t *p, size_t blocks);

/* Write the padding of a message of n bytes; returns its length, at most
 * SHA_PADDING. */
size_t sha_pad(uint8_t *to, uint64_t n);
/* Write a word as four bytes, the highest first. */
static inline void
sha_put_word(uint8_t *to, uint32_t word)
{
	to[0] = (uint8_t)(word >> 24);
	to[1] = (uint8_t)(word >> 16);
	to[2] = (uint8_t)(word >> 8);
	to[3] = (uint8_t)word;
}

#endif
