#include "embed/float_text.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

enum { DIGITS = 9 /* enough for every float32 */ };

/* Every power of ten that a double holds exactly. */
static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
    1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
    1e22};

/*
 * Whether a reader gets f from the decimal m * 10^-k. Its double is rounded
 * once: m and the power are exact. A double half-way between two floats is
 * refused: the decimal itself is nearer to one of them, so a reader that parses
 * through double and one that does not may differ.
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
 * The shortest m whose m * 10^-k means d, a float. It tries 8 digits first, as
 * most floats need 8 or 9. A float32 preserves any 6 digits, so the search ends
 * at 6.
 */
static uint64_t
shortest(double d, int exponent, int *k)
{
	const float f = (float)d;
	/* At a power of two the gap below is half the gap above. */
	const int uneven = (bits_of_float(f) & 0x7FFFFF) == 0;
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

/* As shortest, for floats beyond the exact powers: tiny, huge, subnormal. */
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
 * The common case of a short fraction, d below 1: the five decimals of
 * provider_hash, without trailing zeros. 0 if d is another number.
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
float_text(float f, char out[static FLOAT_TEXT_MAX])
{
	double d = fabs((double)f);
	size_t sign = signbit(f) != 0, n;
	uint64_t m;
	int k = 0;

	out[0] = '-';
	if (d == 0) {
		/* Some readers take "-0" for the integer 0. */
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
