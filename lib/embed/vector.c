#include "embed/vector.h"

#include <math.h>
#include <string.h>
#include <yyjson.h>

#include "base/bits.h"
#include "base/buf.h"
#include "base/encode.h"
#include "embed/float_text.h"

void
vector_put_json(struct buf *b, const float *v, size_t n)
{
	char *start = buf_reserve(b, n * FLOAT_TEXT_MAX + 2), *p = start;

	*p++ = '[';
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*p++ = ',';
		p += float_text(v[i], p);
	}
	*p++ = ']';
	*p = '\0';
	b->len += (size_t)(p - start);
}

/* Base64. */

void
vector_put_base64(struct buf *b, const float *v, size_t n)
{
	/* A multiple of three bytes, so that only the last part is padded. */
	enum { PART = 48 };

	for (size_t at = 0; at < n; at += PART) {
		size_t part = n - at < PART ? n - at : PART;
		unsigned char bytes[PART * 4];

		for (size_t i = 0; i < part; i++) {
			uint32_t bits = bits_of_float(v[at + i]);

			bytes[4 * i] = (unsigned char)bits;
			bytes[4 * i + 1] = (unsigned char)(bits >> 8);
			bytes[4 * i + 2] = (unsigned char)(bits >> 16);
			bytes[4 * i + 3] = (unsigned char)(bits >> 24);
		}
		encode_base64(b, bytes, 4 * part);
	}
}

/* Read base64 at s, of 4 * n bytes by vector_width. */
static int
read_base64(const char *s, size_t len, float *out, size_t n)
{
	const unsigned char *bytes = (const unsigned char *)out;

	if (encode_base64_read(s, len, out) == -1)
		return -1;
	/* On a little-endian machine the compiler drops this loop. */
	for (size_t i = 0; i < n; i++, bytes += 4)
		out[i] = bits_to_float((uint32_t)bytes[3] << 24 |
				       (uint32_t)bytes[2] << 16 |
				       (uint32_t)bytes[1] << 8 | bytes[0]);
	return 0;
}

/* Reading. */

size_t
vector_width(struct yyjson_val *v)
{
	size_t n = 0;

	if (yyjson_is_arr(v)) {
		n = yyjson_arr_size(v);
	} else if (yyjson_is_str(v)) {
		/* A truncated string would lack its padding. */
		size_t bytes =
		    encode_base64_size(yyjson_get_str(v), yyjson_get_len(v));

		n = bytes % 4 == 0 ? bytes / 4 : 0;
	}
	return n <= VECTOR_MAX ? n : 0;
}

int
vector_check(const float *v, size_t n, const char **why)
{
	uint32_t any = 0, wild = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t u = bits_of_float(v[i]) & 0x7FFFFFFF;

		any |= u;
		wild |= u >= 0x7F800000;
	}
	if (wild)
		*why = "a value is not a finite float32";
	else if (any == 0)
		*why = "all values are zero";
	else
		return 0;
	return -1;
}

int
vector_read(struct yyjson_val *v, float *out, size_t n, const char **why)
{
	size_t i = 0;
	yyjson_val *item = yyjson_arr_get_first(v);

	if (n == 0 || n != vector_width(v)) {
		*why = "not an array of numbers, nor base64 of float32";
		return -1;
	}
	if (yyjson_is_str(v)) {
		if (read_base64(yyjson_get_str(v), yyjson_get_len(v), out, n) ==
		    -1) {
			*why = "not base64";
			return -1;
		}
		return vector_check(out, n, why);
	}
	for (; i < n; i++, item++) {
		double x;

		/* Each number takes one slot; a container is refused. */
		if (!yyjson_is_num(item)) {
			*why = "a value is not a number";
			return -1;
		}
		x = yyjson_get_num(item);
		/* Beyond float32 the cast is undefined; half-way is inf. */
		out[i] = fabs(x) < 0x1.FFFFFFp127 ? (float)x : INFINITY;
	}
	return vector_check(out, n, why);
}

/* Arithmetic. */

float
vector_dot(const float *a, const float *b, size_t n)
{
	/* Eight sums, so that the compiler may use wide registers. */
	float sum[8] = {0}, rest = 0;
	size_t i, j;

	for (i = 0; i + 8 <= n; i += 8)
		for (j = 0; j < 8; j++)
			sum[j] += a[i + j] * b[i + j];
	for (; i < n; i++)
		rest += a[i] * b[i];
	return ((sum[0] + sum[4]) + (sum[1] + sum[5])) +
	       ((sum[2] + sum[6]) + (sum[3] + sum[7])) + rest;
}

double
vector_norm(const float *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)v[i] * (double)v[i];
	return sqrt(sum);
}

int
vector_normalise(float *v, size_t n)
{
	double norm = vector_norm(v, n);

	if (!(norm > 0) || norm > DBL_MAX)
		return -1;
	for (size_t i = 0; i < n; i++)
		v[i] = (float)((double)v[i] / norm);
	return 0;
}
