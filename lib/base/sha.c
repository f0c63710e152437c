/*
 * The words of a message are big-endian; after the first 16 rounds each word
 * is made from four of those before it.
 *
 * There are versions for one message in plain C, and for eight that compilers
 * make vectors of, if they are of AVX2; by the SHA extensions of x86-64; and
 * by AVX-512.
 */
#include "base/sha.h"

#include <string.h>

#include "base/sha_parts.h"

enum { WORDS = 16, PLAIN_LANES = 8 };

size_t
sha_pad(uint8_t *to, uint64_t n)
{
	size_t zeros = (size_t)(SHA_BLOCK + 55 - n % SHA_BLOCK) % SHA_BLOCK;

	to[0] = 0x80;
	memset(to + 1, 0, zeros);
	sha_put_word(to + 1 + zeros, (uint32_t)(n >> 29));
	sha_put_word(to + 5 + zeros, (uint32_t)(n << 3));
	return 1 + zeros + 8;
}

void
sha256_start(struct sha256_lanes *l, size_t lane)
{
	static const uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	    0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	for (int i = 0; i < 8; i++)
		l->state[i][lane] = state[i];
}

/* A part of a function that has versions, or must not be called often. */
#define PLAIN_PART __attribute__((always_inline)) static inline

/*
 * SHA-256 in plain C, of n messages: word k of each row is message k's. Loops
 * over these are not unrolled, so that compilers make vectors of them.
 */

/* To the right; by 32 - n for n to the left. */
PLAIN_PART uint32_t
rotate(uint32_t v, int n)
{
	return v >> n | v << (32 - n);
}

static uint32_t
load_word(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* Word i of 16 rounds later. */
PLAIN_PART void
plain_later_word(uint32_t words[static WORDS][PLAIN_LANES], int i, size_t n)
{
	const uint32_t *after = words[(i + 1) % WORDS];
	const uint32_t *middle = words[(i + 9) % WORDS];
	const uint32_t *last = words[(i + 14) % WORDS];

#pragma GCC unroll 1
	for (size_t k = 0; k < n; k++) {
		uint32_t a = after[k], z = last[k];

		words[i][k] += middle[k] +
			       (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
			       (rotate(z, 17) ^ rotate(z, 19) ^ z >> 10);
	}
}

/*
 * Round i of sixteen; a to h are where they would be had they been moved on
 * after each round before.
 */
PLAIN_PART void
plain_round(uint32_t v[static 8][PLAIN_LANES], int i,
    const uint32_t word[static PLAIN_LANES], uint32_t constant, size_t n)
{
	const uint32_t *a = v[(16 - i) % 8], *b = v[(17 - i) % 8];
	const uint32_t *c = v[(18 - i) % 8], *e = v[(20 - i) % 8];
	const uint32_t *f = v[(21 - i) % 8], *g = v[(22 - i) % 8];
	uint32_t *d = v[(19 - i) % 8], *h = v[(23 - i) % 8];

#pragma GCC unroll 1
	for (size_t k = 0; k < n; k++) {
		uint32_t sum = h[k] + word[k] + constant;

		sum += g[k] ^ (e[k] & (f[k] ^ g[k]));
		sum += rotate(e[k], 6) ^ rotate(e[k], 11) ^ rotate(e[k], 25);
		d[k] += sum;
		sum += (a[k] & b[k]) | (c[k] & (a[k] | b[k]));
		h[k] = sum +
		       (rotate(a[k], 2) ^ rotate(a[k], 13) ^ rotate(a[k], 22));
	}
}

/* Hash so many blocks of the first used lanes, at most n, n at once. */
PLAIN_PART void
plain_blocks(struct sha256_lanes *l, size_t used, uint32_t blocks, size_t n)
{
	uint32_t v[8][PLAIN_LANES], words[WORDS][PLAIN_LANES];

	for (uint32_t block = 0; block < blocks; block++) {
		for (size_t k = 0; k < n; k++) {
			/* Lanes not asked for go along with the first. */
			size_t lane = k < used ? k : 0;
			const uint8_t *p =
			    l->p[lane] + (size_t)block * SHA_BLOCK;

			for (int i = 0; i < 8; i++)
				v[i][k] = l->state[i][lane];
			for (int i = 0; i < WORDS; i++)
				words[i][k] = load_word(p + 4 * i);
		}
#pragma GCC unroll 16
		for (int i = 0; i < WORDS; i++)
			plain_round(v, i, words[i], sha_round_constants[i], n);
		for (int round = WORDS; round < 64; round += WORDS)
#pragma GCC unroll 16
			for (int i = 0; i < WORDS; i++) {
				plain_later_word(words, i, n);
				plain_round(v, i, words[i],
				    sha_round_constants[round + i], n);
			}
		for (size_t k = 0; k < used; k++)
			for (int i = 0; i < 8; i++)
				l->state[i][k] += v[i][k];
	}
}

static void
plain_blocks_of_one(struct sha256_lanes *l, uint32_t blocks)
{
	plain_blocks(l, 1, blocks, 1);
}

#ifdef CPU_X86_64
/* Eight messages by vectors of eight words. */
WITH_AVX2 static void
plain_blocks_with_avx2(struct sha256_lanes *l, size_t used, uint32_t blocks)
{
	plain_blocks(l, used, blocks, PLAIN_LANES);
}
#endif

/* SHA-1 in plain C. */
static void
plain_sha1_block(uint32_t state[static 5], const uint8_t *p)
{
	static const uint32_t constants[4] = {
	    0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3],
		 e = state[4], words[80];

	for (int i = 0; i < WORDS; i++)
		words[i] = load_word(p + 4 * i);
	for (int i = WORDS; i < 80; i++)
		words[i] = rotate(
		    words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16],
		    31);
	for (int i = 0; i < 80; i++) {
		uint32_t f, sum;

		f = i / 20 == 0	  ? d ^ (b & (c ^ d))
		    : i / 20 == 2 ? (b & c) | (d & (b | c))
				  : b ^ c ^ d;
		sum = rotate(a, 27) + f + e + words[i] + constants[i / 20];
		e = d;
		d = c;
		c = rotate(b, 2);
		b = a;
		a = sum;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

void
sha1_blocks(uint32_t state[static 5], const uint8_t *p, size_t blocks)
{
#ifdef CPU_X86_64
	if (sha_has_extensions()) {
		sha_sha1_blocks(state, p, blocks);
		return;
	}
#endif
	for (; blocks > 0; blocks--, p += SHA_BLOCK)
		plain_sha1_block(state, p);
}

size_t
sha256_most(void)
{
#ifdef CPU_X86_64
	if (cpu_has_avx512() && !(sha_has_extensions() && cpu_halves_avx512()))
		return SHA_LANES;
	if (sha_has_extensions())
		return 2;
	if (cpu_has_avx2())
		return PLAIN_LANES;
#endif
	return 1;
}

/* How many of n lanes go on together here, by the fastest way for so many. */
static size_t
lanes_together(size_t n)
{
#ifdef CPU_X86_64
	if (sha_has_extensions() && n <= PLAIN_LANES)
		return n < 2 ? n : 2;
	return cpu_has_avx2() ? n : 1;
#else
	(void)n;
	return 1;
#endif
}

/* Hash so many blocks of the first n lanes, which go on together. */
static void
run_blocks(struct sha256_lanes *l, size_t n, uint32_t blocks)
{
#ifdef CPU_X86_64
	if (sha_has_extensions() && n == 2)
		sha_blocks_of_two(l, blocks);
	else if (sha_has_extensions() && n == 1)
		sha_blocks_of_one(l, blocks);
	else if (n > 1)
		plain_blocks_with_avx2(l, n, blocks);
	else
#else
	(void)n;
#endif
		plain_blocks_of_one(l, blocks);
}

uint32_t
sha256_run(struct sha256_lanes *l, size_t n)
{
	uint32_t blocks = l->blocks[0], ended = 0;

	n = lanes_together(n);
#ifdef CPU_X86_64
	/* Only processors with AVX-512 are asked for so many. */
	if (n > PLAIN_LANES)
		return sha_wide_run(l, n);
#endif
	for (size_t i = 1; i < n; i++)
		blocks = l->blocks[i] < blocks ? l->blocks[i] : blocks;
	run_blocks(l, n, blocks);
	for (size_t i = 0; i < n; i++) {
		l->p[i] += (size_t)blocks * SHA_BLOCK;
		l->blocks[i] -= blocks;
		ended |= (uint32_t)(l->blocks[i] == 0) << i;
	}
	return ended;
}
