/*
 * The words of a message are big-endian; after the first 16 rounds each word
 * is made from four of those before it.
 *
 * There are versions for one message in plain C, and for eight that compilers
 * make vectors of, if they are of AVX2; by the SHA extensions of x86-64; and
 * by AVX-512.
 */
#include "sha.h"

#include <string.h>

#include "cpu.h"

enum { WORDS = 16, PLAIN_LANES = 8 };

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

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
			plain_round(v, i, words[i], round_constants[i], n);
		for (int round = WORDS; round < 64; round += WORDS)
#pragma GCC unroll 16
			for (int i = 0; i < WORDS; i++) {
				plain_later_word(words, i, n);
				plain_round(v, i, words[i],
				    round_constants[round + i], n);
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

#ifdef CPU_X86_64

#include <cpuid.h>
#include <stdatomic.h>

#define WITH_SHA __attribute__((target("sha,sse4.1")))
#define PART WITH_SHA __attribute__((always_inline)) static inline

static int
ask_processor(void)
{
#ifdef CPU_NO_SHA
	return 0;
#else
	unsigned a, b, c, d;

	return CPU_MOST >= 2 && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
	       (b >> 29 & 1) && __builtin_cpu_supports("sse4.1");
#endif
}

static int
has_sha(void)
{
	/* A virtual machine may take long to answer; ask it once. */
	static atomic_int answer = -1;

	if (answer == -1)
		answer = ask_processor();
	return answer;
}

/* Four words of a message, which are big-endian. */
PART __m128i
load_words(const uint8_t *p)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(
	    _mm_loadu_si128((const __m128i *)(const void *)p), swap);
}

/* Eight messages by vectors of eight words. */
WITH_AVX2 static void
plain_blocks_with_avx2(struct sha256_lanes *l, size_t used, uint32_t blocks)
{
	plain_blocks(l, used, blocks, PLAIN_LANES);
}

/*
 * SHA-256 by the SHA extensions, which want the state as two vectors, ABEF and
 * CDGH, and do two rounds each; four words of the message are in a vector.
 */

struct vectors {
	__m128i abef, cdgh;
	__m128i words[4];
};

/* Words first to first + 3 of the lane's state, the first on top. */
PART __m128i
load_words_of_state(const struct sha256_lanes *l, size_t lane, int first)
{
	return _mm_set_epi32((int)l->state[first][lane],
	    (int)l->state[first + 1][lane], (int)l->state[first + 2][lane],
	    (int)l->state[first + 3][lane]);
}

PART void
load_state(struct vectors *v, const struct sha256_lanes *l, size_t lane)
{
	__m128i abcd = load_words_of_state(l, lane, 0);
	__m128i efgh = load_words_of_state(l, lane, 4);

	v->abef = _mm_unpackhi_epi64(efgh, abcd);
	v->cdgh = _mm_unpacklo_epi64(efgh, abcd);
}

PART void
store_state(struct sha256_lanes *l, size_t lane, const struct vectors *v)
{
	uint32_t feba[4], hgdc[4];

	_mm_storeu_si128((__m128i *)(void *)feba, v->abef);
	_mm_storeu_si128((__m128i *)(void *)hgdc, v->cdgh);
	for (int i = 0; i < 2; i++) {
		l->state[i][lane] = feba[3 - i];
		l->state[i + 2][lane] = hgdc[3 - i];
		l->state[i + 4][lane] = feba[1 - i];
		l->state[i + 6][lane] = hgdc[1 - i];
	}
}

/* Four rounds with words[i]. */
PART void
four_rounds(struct vectors *v, int i, __m128i constants)
{
	__m128i w = _mm_add_epi32(v->words[i], constants);

	v->cdgh = _mm_sha256rnds2_epu32(v->cdgh, v->abef, w);
	v->abef =
	    _mm_sha256rnds2_epu32(v->abef, v->cdgh, _mm_shuffle_epi32(w, 0x0E));
}

/* Replace words[i] by those of 16 rounds later. */
PART void
next_words(struct vectors *v, int i)
{
	__m128i *w = v->words, last = w[(i + 3) % 4];
	__m128i w7 = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
	__m128i sum =
	    _mm_add_epi32(_mm_sha256msg1_epu32(w[i], w[(i + 1) % 4]), w7);

	w[i] = _mm_sha256msg2_epu32(sum, last);
}

PART __m128i
constants_of(int round)
{
	return _mm_load_si128(
	    (const __m128i *)(const void *)(round_constants + round));
}

/* Rounds of one vector of words, and the words of 16 rounds later. */
PART void
step(struct vectors *v, int round, int i)
{
	four_rounds(v, i, constants_of(round + 4 * i));
	next_words(v, i);
}

PART void
sixteen_rounds(struct vectors *v, int round)
{
	step(v, round, 0);
	step(v, round, 1);
	step(v, round, 2);
	step(v, round, 3);
}

PART void
last_step(struct vectors *v, int i)
{
	four_rounds(v, i, constants_of(48 + 4 * i));
}

PART void
load_block(struct vectors *v, const uint8_t *p)
{
	v->words[0] = load_words(p);
	v->words[1] = load_words(p + 16);
	v->words[2] = load_words(p + 32);
	v->words[3] = load_words(p + 48);
}

PART void
add_state(struct vectors *v, const struct vectors *before)
{
	v->abef = _mm_add_epi32(v->abef, before->abef);
	v->cdgh = _mm_add_epi32(v->cdgh, before->cdgh);
}

WITH_SHA static void
blocks_of_one(struct sha256_lanes *l, uint32_t blocks)
{
	const uint8_t *p = l->p[0];
	struct vectors v, before;

	load_state(&v, l, 0);
	for (; blocks > 0; blocks--, p += SHA_BLOCK) {
		before = v;
		load_block(&v, p);
		sixteen_rounds(&v, 0);
		sixteen_rounds(&v, 16);
		sixteen_rounds(&v, 32);
		last_step(&v, 0);
		last_step(&v, 1);
		last_step(&v, 2);
		last_step(&v, 3);
		add_state(&v, &before);
	}
	store_state(l, 0, &v);
}

PART void
step_both(struct vectors *v, struct vectors *w, int round, int i)
{
	__m128i constants = constants_of(round + 4 * i);

	four_rounds(v, i, constants);
	four_rounds(w, i, constants);
	next_words(v, i);
	next_words(w, i);
}

PART void
sixteen_rounds_of_both(struct vectors *v, struct vectors *w, int round)
{
	step_both(v, w, round, 0);
	step_both(v, w, round, 1);
	step_both(v, w, round, 2);
	step_both(v, w, round, 3);
}

PART void
last_step_both(struct vectors *v, struct vectors *w, int i)
{
	__m128i constants = constants_of(48 + 4 * i);

	four_rounds(v, i, constants);
	four_rounds(w, i, constants);
}

/* The instructions of one message wait for each other; of two less so. */
WITH_SHA static void
blocks_of_two(struct sha256_lanes *l, uint32_t blocks)
{
	const uint8_t *p = l->p[0], *q = l->p[1];
	struct vectors v, w, before_v, before_w;

	load_state(&v, l, 0);
	load_state(&w, l, 1);
	for (; blocks > 0; blocks--, p += SHA_BLOCK, q += SHA_BLOCK) {
		before_v = v;
		before_w = w;
		load_block(&v, p);
		load_block(&w, q);
		sixteen_rounds_of_both(&v, &w, 0);
		sixteen_rounds_of_both(&v, &w, 16);
		sixteen_rounds_of_both(&v, &w, 32);
		last_step_both(&v, &w, 0);
		last_step_both(&v, &w, 1);
		last_step_both(&v, &w, 2);
		last_step_both(&v, &w, 3);
		add_state(&v, &before_v);
		add_state(&w, &before_w);
	}
	store_state(l, 0, &v);
	store_state(l, 1, &w);
}

/* SHA-256 of sixteen messages by AVX-512. */

#define WIDE_PART WITH_AVX512 __attribute__((always_inline)) static inline

/* Interleave four rows: to[k] holds column 4i + k of each, side by side. */
WIDE_PART void
interleave(__m512i to[static 4], const __m512i rows[static 4])
{
	__m512i a = _mm512_unpacklo_epi32(rows[0], rows[1]);
	__m512i b = _mm512_unpackhi_epi32(rows[0], rows[1]);
	__m512i c = _mm512_unpacklo_epi32(rows[2], rows[3]);
	__m512i d = _mm512_unpackhi_epi32(rows[2], rows[3]);

	to[0] = _mm512_unpacklo_epi64(a, c);
	to[1] = _mm512_unpackhi_epi64(a, c);
	to[2] = _mm512_unpacklo_epi64(b, d);
	to[3] = _mm512_unpackhi_epi64(b, d);
}

/* Word i of every row becomes row i. */
WIDE_PART void
transpose(__m512i rows[static SHA_LANES])
{
	__m512i mixed[SHA_LANES];

	for (int i = 0; i < SHA_LANES; i += 4)
		interleave(mixed + i, rows + i);
	for (int i = 0; i < 4; i++) {
		/* Quarters 0 and 2, or 1 and 3, of two of them each. */
		__m512i a = _mm512_shuffle_i32x4(mixed[i], mixed[i + 4], 0x88);
		__m512i b = _mm512_shuffle_i32x4(mixed[i], mixed[i + 4], 0xDD);
		__m512i c =
		    _mm512_shuffle_i32x4(mixed[i + 8], mixed[i + 12], 0x88);
		__m512i d =
		    _mm512_shuffle_i32x4(mixed[i + 8], mixed[i + 12], 0xDD);

		rows[i] = _mm512_shuffle_i32x4(a, c, 0x88);
		rows[i + 4] = _mm512_shuffle_i32x4(b, d, 0x88);
		rows[i + 8] = _mm512_shuffle_i32x4(a, c, 0xDD);
		rows[i + 12] = _mm512_shuffle_i32x4(b, d, 0xDD);
	}
}

WIDE_PART __m512i
xor3(__m512i a, __m512i b, __m512i c)
{
	return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

WIDE_PART __m512i
choose(__m512i e, __m512i f, __m512i g)
{
	return _mm512_ternarylogic_epi32(e, f, g, 0xCA);
}

WIDE_PART __m512i
majority(__m512i a, __m512i b, __m512i c)
{
	return _mm512_ternarylogic_epi32(a, b, c, 0xE8);
}

#define ROTATED3(v, a, b, c)                                                   \
	xor3(_mm512_ror_epi32(v, a), _mm512_ror_epi32(v, b),                   \
	    _mm512_ror_epi32(v, c))
#define ROTATED2_SHIFTED(v, a, b, c)                                           \
	xor3(_mm512_ror_epi32(v, a), _mm512_ror_epi32(v, b),                   \
	    _mm512_srli_epi32(v, c))

/* Word i of 16 rounds later. */
WIDE_PART __m512i
later_word(const __m512i words[static 16], int i)
{
	__m512i after = words[(i + 1) % 16], last = words[(i + 14) % 16];
	__m512i sum = _mm512_add_epi32(words[i], words[(i + 9) % 16]);

	sum = _mm512_add_epi32(sum, ROTATED2_SHIFTED(after, 7, 18, 3));
	return _mm512_add_epi32(sum, ROTATED2_SHIFTED(last, 17, 19, 10));
}

/*
 * Round i of sixteen; a to h are where they would be had they been moved on
 * after each round before. What does not wait for the round before is summed
 * up first: the rounds wait for each other's e more than for the processor.
 */
WIDE_PART void
wide_round(__m512i v[static 8], int i, __m512i word, uint32_t constant)
{
	__m512i a = v[(16 - i) % 8], b = v[(17 - i) % 8], c = v[(18 - i) % 8];
	__m512i e = v[(20 - i) % 8], f = v[(21 - i) % 8], g = v[(22 - i) % 8];
	__m512i *d = &v[(19 - i) % 8], *h = &v[(23 - i) % 8];
	__m512i known = _mm512_add_epi32(
	    *h, _mm512_add_epi32(word, _mm512_set1_epi32((int)constant)));
	__m512i chosen = choose(e, f, g), mixed = ROTATED3(e, 6, 11, 25);
	__m512i sum = _mm512_add_epi32(_mm512_add_epi32(known, chosen), mixed);
	__m512i most =
	    _mm512_add_epi32(majority(a, b, c), ROTATED3(a, 2, 13, 22));

	*d = _mm512_add_epi32(
	    _mm512_add_epi32(_mm512_add_epi32(*d, known), chosen), mixed);
	*h = _mm512_add_epi32(sum, most);
}

WIDE_PART void
wide_block(__m512i state[static 8], __m512i words[static 16])
{
	__m512i v[8];

	memcpy(v, state, sizeof(v));
#pragma GCC unroll 16
	for (int i = 0; i < 16; i++)
		wide_round(v, i, words[i], round_constants[i]);
	for (int round = 16; round < 64; round += 16)
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			words[i] = later_word(words, i);
			wide_round(v, i, words[i], round_constants[round + i]);
		}
	for (int i = 0; i < 8; i++)
		state[i] = _mm512_add_epi32(state[i], v[i]);
}

/* Hash so many blocks of the first used lanes. */
WITH_AVX512 static void
wide_blocks(struct sha256_lanes *l, size_t used, uint32_t blocks)
{
	const __m512i swap =
	    _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
	__m512i state[8], words[SHA_LANES];
	const uint8_t *p[SHA_LANES];

	for (int i = 0; i < 8; i++)
		state[i] = _mm512_loadu_si512(l->state[i]);
	/* Lanes not asked for go along with the first. */
	for (size_t i = 0; i < SHA_LANES; i++)
		p[i] = l->p[i < used ? i : 0];
	for (size_t at = 0; blocks > 0; blocks--, at += SHA_BLOCK) {
		for (size_t i = 0; i < SHA_LANES; i++)
			words[i] = _mm512_shuffle_epi8(
			    _mm512_loadu_si512(p[i] + at), swap);
		transpose(words);
		wide_block(state, words);
	}
	for (int i = 0; i < 8; i++)
		_mm512_storeu_si512(l->state[i], state[i]);
}

/* sha256_run for many lanes. */
WITH_AVX512 static uint32_t
wide_run(struct sha256_lanes *l, size_t n)
{
	const __mmask16 used = (__mmask16)((1u << n) - 1);
	__m512i left = _mm512_loadu_si512(l->blocks);
	uint32_t blocks = _mm512_mask_reduce_min_epu32(used, left);

	wide_blocks(l, n, blocks);
	for (size_t i = 0; i < n; i++)
		l->p[i] += (size_t)blocks * SHA_BLOCK;
	left = _mm512_sub_epi32(left, _mm512_set1_epi32((int)blocks));
	_mm512_storeu_si512(l->blocks, left);
	return _mm512_mask_testn_epi32_mask(used, left, left);
}

/* SHA-1. */

struct sha1_vectors {
	__m128i abcd;
	__m128i before; /* abcd four rounds ago, of which e is made */
	__m128i words[4];
};

/* The function of the rounds must be a constant. */
PART __m128i
sha1_rounds(__m128i abcd, __m128i e, int function)
{
	switch (function) {
	case 0:
		return _mm_sha1rnds4_epu32(abcd, e, 0);
	case 1:
		return _mm_sha1rnds4_epu32(abcd, e, 1);
	case 2:
		return _mm_sha1rnds4_epu32(abcd, e, 2);
	default:
		return _mm_sha1rnds4_epu32(abcd, e, 3);
	}
}

PART void
twenty_rounds(struct sha1_vectors *v, int function)
{
	__m128i *w = v->words, e, next;

	for (int i = 0; i < 5; i++) {
		e = _mm_sha1nexte_epu32(v->before, w[0]);
		v->before = v->abcd;
		v->abcd = sha1_rounds(v->abcd, e, function);
		next = _mm_xor_si128(_mm_sha1msg1_epu32(w[0], w[1]), w[2]);
		next = _mm_sha1msg2_epu32(next, w[3]);
		w[0] = w[1];
		w[1] = w[2];
		w[2] = w[3];
		w[3] = next;
	}
}

PART void
sha1_block(uint32_t state[static 5], const uint8_t *p)
{
	struct sha1_vectors v;
	__m128i dcba = _mm_loadu_si128((const __m128i *)(const void *)state);
	__m128i abcd = _mm_shuffle_epi32(dcba, 0x1B), e;

	v.abcd = abcd;
	/* Such that e, rotated by 30 as in every later round, is as given. */
	v.before =
	    _mm_set_epi32((int)(state[4] << 2 | state[4] >> 30), 0, 0, 0);
	for (size_t i = 0; i < 4; i++) /* unlike SHA-256, the first on top */
		v.words[i] = _mm_shuffle_epi32(load_words(p + 16 * i), 0x1B);
	twenty_rounds(&v, 0);
	twenty_rounds(&v, 1);
	twenty_rounds(&v, 2);
	twenty_rounds(&v, 3);
	e = _mm_sha1nexte_epu32(
	    v.before, _mm_set_epi32((int)state[4], 0, 0, 0));
	abcd = _mm_add_epi32(abcd, v.abcd);
	_mm_storeu_si128(
	    (__m128i *)(void *)state, _mm_shuffle_epi32(abcd, 0x1B));
	state[4] = (uint32_t)_mm_extract_epi32(e, 3);
}

WITH_SHA static void
sha1_blocks_with_sha(uint32_t state[static 5], const uint8_t *p, size_t blocks)
{
	for (; blocks > 0; blocks--, p += SHA_BLOCK)
		sha1_block(state, p);
}

#endif

void
sha1_blocks(uint32_t state[static 5], const uint8_t *p, size_t blocks)
{
#ifdef CPU_X86_64
	if (has_sha()) {
		sha1_blocks_with_sha(state, p, blocks);
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
	if (cpu_has_avx512())
		return SHA_LANES;
	if (has_sha())
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
	if (has_sha() && n <= PLAIN_LANES)
		return n < 2 ? n : 2;
	if (cpu_has_avx2())
		return n;
#endif
	return 1;
}

/* Hash so many blocks of the first n lanes, which go on together. */
static void
run_blocks(struct sha256_lanes *l, size_t n, uint32_t blocks)
{
#ifdef CPU_X86_64
	if (has_sha() && n == 2)
		blocks_of_two(l, blocks);
	else if (has_sha() && n == 1)
		blocks_of_one(l, blocks);
	else if (n > 1)
		plain_blocks_with_avx2(l, n, blocks);
	else
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
		return wide_run(l, n);
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
