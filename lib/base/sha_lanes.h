/*
 * sha_lanes - messages that are hashed side by side, a lane each
 */
#ifndef SHA_LANES_H
#define SHA_LANES_H

#include <stdint.h>

enum {
	SHA_BLOCK = 64,
	SHA_PADDING = SHA_BLOCK + 8, /* at most */
	SHA_LANES = 16		     /* at most */
};

/* Messages in work: the hashes so far, and the blocks that come next. */
struct sha256_lanes {
	uint32_t state[8][SHA_LANES];
	const uint8_t *p[SHA_LANES];
	uint32_t blocks[SHA_LANES];
};

#endif
