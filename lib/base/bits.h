/*
 * bits - load words of memory, and count their bits
 *
 * Uses only those builtins of GCC that are fast on every processor. A compiler
 * that may use an instruction to count bits recognizes the code of bits_count.
 */
#ifndef BITS_H
#define BITS_H

#include <stdint.h>
#include <string.h>

/* The number of bits that are set. */
static inline uint32_t
bits_count(uint64_t bits)
{
	bits -= bits >> 1 & 0x5555555555555555u;
	bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
	bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
	return (uint32_t)(bits * 0x0101010101010101u >> 56);
}

/* The eight bytes at p, lowest first; p needs no alignment. */
static inline uint64_t
bits_load(const void *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		   ? word
		   : __builtin_bswap64(word);
}

/* The bits of a float32, and the float32 of bits. */
static inline uint32_t
bits_of_float(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	return u;
}

static inline float
bits_to_float(uint32_t u)
{
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

#endif
