#include "embed/vector_binary.h"

#include <string.h>

#include "base/bits.h"
#include "base/buf.h"

enum {
	REAL_HEAD = 20,	 /* ndim, hasnull, element OID, size, bound */
	VECTOR_HEAD = 4, /* int16 dimensions, int16 0 */
	FLOAT4_OID = 700
};

static char *
put_be16(char *p, uint32_t v)
{
	p[0] = (char)(v >> 8);
	p[1] = (char)v;
	return p + 2;
}

static char *
put_be32(char *p, uint32_t v)
{
	return put_be16(put_be16(p, v >> 16), v);
}

static uint32_t
get_be16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t
get_be32(const unsigned char *p)
{
	return get_be16(p) << 16 | get_be16(p + 2);
}

/* binary16 of f, rounded to nearest even; 0x7C00 (infinite) when too large. */
static uint32_t
half_of(float f)
{
	uint32_t u = bits_of_float(f), sign = u >> 16 & 0x8000,
		 a = u & 0x7FFFFFFF;
	uint32_t shift, m, h, rest;

	if (a >= 0x477FF000)
		return sign | 0x7C00;
	if (a < 0x33000000)
		return sign;
	/* Below 2^-14 a half is subnormal: fewer bits are kept. */
	shift = a < 0x38800000 ? 126 - (a >> 23) : 13;
	m = a < 0x38800000 ? (a & 0x7FFFFF) | 0x800000 : a - 0x38000000;
	h = m >> shift;
	rest = m & ((1u << shift) - 1);
	if (rest > 1u << (shift - 1) || (rest == 1u << (shift - 1) && h & 1))
		h++;
	return sign | h;
}

static float
float_of_half(uint32_t h)
{
	uint32_t sign = (h & 0x8000) << 16, a = h & 0x7FFF;

	if (a >= 0x7C00)
		return bits_to_float(sign | 0x7F800000 | (a & 0x3FF) << 13);
	if (a >= 0x400)
		return bits_to_float(sign | ((a << 13) + 0x38000000));
	return bits_to_float(sign | bits_of_float((float)a * 0x1p-24f));
}

size_t
vector_binary_size(enum vector_type type, size_t n)
{
	switch (type) {
	case VECTOR_REAL:
		return REAL_HEAD + n * 8;
	case VECTOR_PGVECTOR:
		return VECTOR_HEAD + n * 4;
	case VECTOR_HALFVEC:
		return VECTOR_HEAD + n * 2;
	}
	return 0;
}

static int
fits_half(const float *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((half_of(v[i]) & 0x7C00) == 0x7C00)
			return 0;
	return 1;
}

int
vector_binary_put(
    struct buf *b, enum vector_type type, const float *v, size_t n)
{
	size_t size = vector_binary_size(type, n);
	char *p;

	if (type == VECTOR_HALFVEC && !fits_half(v, n))
		return -1;
	p = buf_reserve(b, size);
	if (type == VECTOR_REAL) {
		p = put_be32(p, 1);
		p = put_be32(p, 0);
		p = put_be32(p, FLOAT4_OID);
		p = put_be32(p, (uint32_t)n);
		p = put_be32(p, 1);
	} else {
		p = put_be16(p, (uint32_t)n);
		p = put_be16(p, 0);
	}
	for (size_t i = 0; i < n; i++) {
		if (type == VECTOR_REAL)
			p = put_be32(p, 4);
		p = type == VECTOR_HALFVEC ? put_be16(p, half_of(v[i]))
					   : put_be32(p, bits_of_float(v[i]));
	}
	b->len += size;
	b->data[b->len] = '\0';
	return 0;
}

static size_t
real_width(const unsigned char *p, size_t len)
{
	size_t n;

	if (len < REAL_HEAD || get_be32(p) != 1 || get_be32(p + 4) != 0 ||
	    get_be32(p + 8) != FLOAT4_OID)
		return 0;
	n = get_be32(p + 12);
	if (n > VECTOR_MAX || len != vector_binary_size(VECTOR_REAL, n))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (get_be32(p + REAL_HEAD + i * 8) != 4)
			return 0;
	return n;
}

size_t
vector_binary_width(enum vector_type type, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	size_t n;

	if (type == VECTOR_REAL)
		return real_width(p, len);
	if (len < VECTOR_HEAD || get_be16(p + 2) != 0)
		return 0;
	n = get_be16(p);
	return n <= VECTOR_MAX && len == vector_binary_size(type, n) ? n : 0;
}

void
vector_binary_get(
    enum vector_type type, const void *bytes, float *out, size_t n)
{
	const unsigned char *p = bytes;
	size_t i;

	switch (type) {
	case VECTOR_REAL:
		for (i = 0; i < n; i++)
			out[i] =
			    bits_to_float(get_be32(p + REAL_HEAD + i * 8 + 4));
		break;
	case VECTOR_PGVECTOR:
		for (i = 0; i < n; i++)
			out[i] =
			    bits_to_float(get_be32(p + VECTOR_HEAD + i * 4));
		break;
	case VECTOR_HALFVEC:
		for (i = 0; i < n; i++)
			out[i] =
			    float_of_half(get_be16(p + VECTOR_HEAD + i * 2));
		break;
	}
}
