/*
 * The instructions of the SHA extensions do two or four rounds each; AVX-512
 * has a word of sixteen messages in a vector. After the first 16 rounds a
 * vector of words is made from those before it.
 */
#include "base/sha_parts.h"

#ifdef CPU_X86_64

#include <cpuid.h>
#include <stdatomic.h>
#include <string.h>

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

int
sha_has_extensions(void)
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
	    (const __m128i *)(const void *)(sha_round_constants + round));
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

WITH_SHA void
sha_blocks_of_one(struct sha256_lanes *l, uint32_t blocks)
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
WITH_SHA void
sha_blocks_of_two(struct sha256_lanes *l, uint32_t blocks)
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
		wide_round(v, i, words[i], sha_round_constants[i]);
	for (int round = 16; round < 64; round += 16)
#pragma GCC unroll 16
		for (int i = 0; i < 16; i++) {
			words[i] = later_word(words, i);
			wide_round(
			    v, i, words[i], sha_round_constants[round + i]);
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

WITH_AVX512 uint32_t
sha_wide_run(struct sha256_lanes *l, size_t n)
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

WITH_SHA void
sha_sha1_blocks(uint32_t state[static 5], const uint8_t *p, size_t blocks)
{
	for (; blocks > 0; blocks--, p += SHA_BLOCK)
		sha1_block(state, p);
}

#endif
