/*
 * What the parts of sha share: sha_x86.c has the versions for the SHA
 * extensions and AVX-512 of x86-64.
 */
#ifndef SHA_PARTS_H
#define SHA_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "base/sha_lanes.h"

/* Of SHA-256 (FIPS 180-4, 4.2.2). */
extern const uint32_t sha_round_constants[64];

#ifdef CPU_X86_64

/* Whether this processor has the SHA extensions. */
int sha_has_extensions(void);
/* By these: hash so many blocks of lane 0, or of lanes 0 and 1. p stays. */
void sha_blocks_of_one(struct sha256_lanes *l, uint32_t blocks);
void sha_blocks_of_two(struct sha256_lanes *l, uint32_t blocks);
void sha_sha1_blocks(uint32_t state[static 5], const uint8_t *p, size_t blocks);
/* By AVX-512: sha256_run for all of n lanes. */
uint32_t sha_wide_run(struct sha256_lanes *l, size_t n);

#endif

#endif
