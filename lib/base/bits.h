/*
 * bits - words of memory, and how many bits are set in them
 *
 * Of GCC's builtins only what is fast on every processor; a compiler that
 * counts bits by one instruction knows this count by its form.
 */
#ifndef BITS_H
#define BITS_H

#include <stdint.h>
#include <string.h>

/* How many are set. */
static inline uint32_t
bits_count(uint64_t bits)
{
	bits -= bits >> 1 & 0x5555555555555555u;
	bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
	bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
	return (uint32_t)(bits * 0x0101010101010101u >> 56);
}

/* The eight bytes at p, lowest first, of any alignment. */
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
