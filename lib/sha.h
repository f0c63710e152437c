/*
 * sha - blocks of SHA-1 and SHA-256 by the processor's own instructions
 *
 * FIPS 180-4 on x86-64 with the SHA extensions. What a message is, and what
 * is done without them, is digest's concern. The instructions of one message
 * wait for each other; two at once take hardly longer than one.
 */
#ifndef SHA_H
#define SHA_H

#include <stddef.h>
#include <stdint.h>

enum { SHA_BLOCK = 64 };

/* A message in work: the hash so far, and the blocks that come next. */
struct sha256_lane {
	uint32_t state[8];
	const uint8_t *p;
};

/* Whether this processor has them; the others may be called only then. */
int sha_available(void);
void sha1_blocks(uint32_t state[static 5], const uint8_t *p, size_t blocks);
/* Hash so many blocks and move p behind them. */
void sha256_blocks(struct sha256_lane *lane, size_t blocks);
void sha256_blocks_of_two(
    struct sha256_lane *a, struct sha256_lane *b, size_t blocks);

#endif
