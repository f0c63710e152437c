#include "embed/vector.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/encode.h"

enum {
	REAL_HEAD = 20,	 /* ndim, hasnull, element OID, size, bound */
	VECTOR_HEAD = 4, /* int16 dimensions, int16 0 */
	FLOAT4_OID = 700,
	DIGITS = 9 /* always enough for a float32 */
};

static uint32_t
bits_of(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	return u;
}

static float
float_of(uint32_t u)
{
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

/* Numbers as text. */

/* Every power of ten that a double holds exactly. */
static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
    1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
    1e22};
enum { POWER_MAX = 22 };

/*
 * Whether the decimal m * 10^-k reads back as f. Its double is rounded once:
 * m and the power are exact. A fraction whose double is half-way between two
 * floats is refused: the decimal itself lies on one side, so a reader that
 * goes through double and one that does not may part.
 */
static int
reads_back(uint64_t m, int k, float f)
{
	double x = k >= 0 ? (double)m / powers[k] : (double)m * powers[-k];
	uint64_t u;

	memcpy(&u, &x, sizeof(u));
	return (float)x == f && (k <= 0 || (u & 0x1FFFFFFF) != 0x10000000);
}

/* floor(log10(d)) for a normal float d > 0 within the powers. */
static int
exponent_of(double d)
{
	uint64_t u;
	int e;

	memcpy(&u, &d, sizeof(u));
	/* log10(2) * 2^18 = 78913; the guess is right or one too small. */
	e = (int)((((int64_t)(u >> 52) - 1023) * 78913) >> 18);
	if (e + 1 >= 0 ? d >= powers[e + 1] : d * powers[-e - 1] >= 1)
		e++;
	return e;
}

/*
 * The shortest m with m * 10^-k standing for d, a float, by trying 8 digits
 * first: most floats need 8 or 9. Any 6 digits survive a float32, so no
 * shorter form can hide below 6.
 */
static uint64_t
shortest(double d, int exponent, int *k)
{
	const float f = (float)d;
	/* At a power of two the gap below is half the gap above. */
	const int uneven = (bits_of(f) & 0x7FFFFF) == 0;
	uint64_t best = 0;

	for (int n = 8; n >= 6 && n <= DIGITS;) {
		int scale = n - 1 - exponent;
		uint64_t m = (uint64_t)((scale >= 0 ? d * powers[scale]
						    : d / powers[-scale]) +
					0.5);

		if (uneven && !reads_back(m, scale, f))
			m++;
		if (n == DIGITS || reads_back(m, scale, f)) {
			best = m;
			*k = scale;
			if (n-- == DIGITS)
				break;
		} else if (best != 0) {
			break;
		} else {
			n = DIGITS;
		}
	}
	return best;
}

/* The same for what the exact powers do not reach: tiny, huge, subnormal. */
static uint64_t
shortest_by_printf(float f, int *k)
{
	char text[32];
	uint64_t m = 0;
	int n;

	for (n = 1; n <= DIGITS; n++) {
		snprintf(text, sizeof(text), "%.*e", n - 1, (double)f);
		if (strtof(text, NULL) == f && (float)strtod(text, NULL) == f)
			break;
	}
	/* The second character is the locale's decimal point. */
	for (const char *p = text; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			m = m * 10 + (uint64_t)(*p - '0');
	*k = n - 1 - (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	return m;
}

static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

/* Digits of m, at least width of them with leading zeros. */
static size_t
put_digits(char *out, uint64_t m, size_t width)
{
	char text[20];
	size_t at = sizeof(text), n;

	while (m >= 100) {
		at -= 2;
		memcpy(text + at, pairs + m % 100 * 2, 2);
		m /= 100;
	}
	if (m >= 10) {
		at -= 2;
		memcpy(text + at, pairs + m * 2, 2);
	} else if (m > 0) {
		text[--at] = (char)('0' + m);
	}
	while (sizeof(text) - at < width)
		text[--at] = '0';
	n = sizeof(text) - at;
	memcpy(out, text + at, n);
	return n;
}

/* m * 10^-k as text, m > 0: plain where that is short, else d.ddde-7. */
static size_t
format(char *out, uint64_t m, int k)
{
	char digits[20];
	size_t n, length = 0;
	int exponent;

	while (k > 0 && m % 10 == 0) {
		m /= 10;
		k--;
	}
	n = put_digits(digits, m, 1);
	exponent = (int)n - 1 - k;
	if (k == 0 && n <= DIGITS) {
		memcpy(out, digits, n);
		return n;
	}
	if (k > 0 && exponent >= 0) {
		memcpy(out, digits, n - (size_t)k);
		out[n - (size_t)k] = '.';
		memcpy(out + n - k + 1, digits + n - k, (size_t)k);
		return n + 1;
	}
	if (k > 0 && exponent >= -5) {
		out[length++] = '0';
		out[length++] = '.';
		for (int i = -1; i > exponent; i--)
			out[length++] = '0';
		memcpy(out + length, digits, n);
		return length + n;
	}
	while (n > 1 && digits[n - 1] == '0')
		n--;
	out[length++] = digits[0];
	if (n > 1)
		out[length++] = '.';
	memcpy(out + length, digits + 1, n - 1);
	length += n - 1;
	out[length++] = 'e';
	if (exponent < 0)
		out[length++] = '-';
	return length + put_digits(out + length, (uint64_t)abs(exponent), 1);
}

/*
 * The common case of a short fraction, d below 1: five decimals, which is what
 * provider_hash gives, with their trailing zeros dropped. 0 when d is not one.
 */
static size_t
format_fraction(char *out, double d)
{
	uint32_t m = (uint32_t)(d * 1e5 + 0.5);
	size_t n = 5;

	if (m == 0 || !reads_back(m, 5, (float)d))
		return 0;
	for (; m % 10 == 0; m /= 10)
		n--;
	out[0] = '0';
	out[1] = '.';
	for (size_t i = n; i > 0; i--, m /= 10)
		out[1 + i] = (char)('0' + m % 10);
	return n + 2;
}

size_t
vector_float_text(float f, char out[static VECTOR_FLOAT_TEXT])
{
	double d = fabs((double)f);
	size_t sign = signbit(f) != 0, n;
	uint64_t m;
	int k = 0;

	out[0] = '-';
	if (d == 0) {
		/* "-0" would be read as the integer 0 by some. */
		memcpy(out + sign, "0.0", 3);
		return sign ? 4 : 1;
	}
	if (d < 1 && (n = format_fraction(out + sign, d)) > 0)
		return sign + n;
	if (d >= 1e-13 && d < 1e22)
		m = shortest(d, exponent_of(d), &k);
	else
		m = shortest_by_printf((float)d, &k);
	for (; k < 0 && m < 100000000; k++)
		m *= 10;
	return sign + format(out + sign, m, k);
}

void
vector_put_json(struct buf *b, const float *v, size_t n)
{
	char *start = buf_reserve(b, n * VECTOR_FLOAT_TEXT + 2), *p = start;

	*p++ = '[';
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*p++ = ',';
		p += vector_float_text(v[i], p);
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
			uint32_t bits = bits_of(v[at + i]);

			bytes[4 * i] = (unsigned char)bits;
			bytes[4 * i + 1] = (unsigned char)(bits >> 8);
			bytes[4 * i + 2] = (unsigned char)(bits >> 16);
			bytes[4 * i + 3] = (unsigned char)(bits >> 24);
		}
		encode_base64(b, bytes, 4 * part);
	}
}

/* The base64 at s, of 4 * n bytes, as vector_width has found. */
static int
read_base64(const char *s, size_t len, float *out, size_t n)
{
	const unsigned char *bytes = (const unsigned char *)out;

	if (encode_base64_read(s, len, out) == -1)
		return -1;
	/* Of a little-endian machine the compiler makes nothing of this. */
	for (size_t i = 0; i < n; i++, bytes += 4)
		out[i] = float_of((uint32_t)bytes[3] << 24 |
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
		/* A string cut short would lack its padding. */
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
		uint32_t u = bits_of(v[i]) & 0x7FFFFFFF;

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

		/* Numbers take one slot each; a container is refused here. */
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

/* Postgres' binary forms. */

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
	uint32_t u = bits_of(f), sign = u >> 16 & 0x8000, a = u & 0x7FFFFFFF;
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
		return float_of(sign | 0x7F800000 | (a & 0x3FF) << 13);
	if (a >= 0x400)
		return float_of(sign | ((a << 13) + 0x38000000));
	return float_of(sign | bits_of((float)a * 0x1p-24f));
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
vector_put_binary(
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
					   : put_be32(p, bits_of(v[i]));
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
vector_get_binary(
    enum vector_type type, const void *bytes, float *out, size_t n)
{
	const unsigned char *p = bytes;
	size_t i;

	switch (type) {
	case VECTOR_REAL:
		for (i = 0; i < n; i++)
			out[i] = float_of(get_be32(p + REAL_HEAD + i * 8 + 4));
		break;
	case VECTOR_PGVECTOR:
		for (i = 0; i < n; i++)
			out[i] = float_of(get_be32(p + VECTOR_HEAD + i * 4));
		break;
	case VECTOR_HALFVEC:
		for (i = 0; i < n; i++)
			out[i] =
			    float_of_half(get_be16(p + VECTOR_HEAD + i * 2));
		break;
	}
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
