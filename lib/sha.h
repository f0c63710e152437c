/*
 * sha - blocks of SHA-1 and SHA-256 by the processor's own instructions
 *
 * FIPS 180-4 on x86-64 with the SHA extensions. What is done without them is
 * digest's concern. The instructions of one message wait for each other; two
 * at once take hardly longer than one. With AVX-512 sixteen at once, a word
 * of each in a vector, take as long as ten by those instructions.
 */
#ifndef SHA_H
#define SHA_H

#include <stddef.h>
#include <stdint.h>

enum {
	SHA_BLOCK = 64,
	SHA_PADDING = SHA_BLOCK + 8, /* at most */
	SHA_LANES = 16
};

/* Messages in work: the hashes so far, and the blocks that come next. */
struct sha256_lanes {
	uint32_t state[8][SHA_LANES];
	const uint8_t *p[SHA_LANES];
};

/* Whether this processor has them; the others may be called only then. */
int sha_available(void);
void sha1_blocks(uint32_t state[static 5], const uint8_t *p, size_t blocks);

/* Whether sha256_blocks_of_all may be called, too. */
int sha_wide_available(void);
/* Begin a message in a lane, whose p the caller sets. */
void sha256_start(struct sha256_lanes *l, size_t lane);
/* Hash so many blocks of one, two, or the first n lanes; p moves behind. */
void sha256_blocks(struct sha256_lanes *l, size_t lane, size_t blocks);
void sha256_blocks_of_two(
    struct sha256_lanes *l, size_t a, size_t b, size_t blocks);
void sha256_blocks_of_all(struct sha256_lanes *l, size_t n, size_t blocks);

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
