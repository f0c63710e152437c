/* vector: shortest decimals, base64, reading with its refusals, binary forms */
#include "embed/float_text.h"
#include "embed/vector.h"
#include "embed/vector_binary.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "tap.h"

static uint64_t state = 88172645463325252u;

/* xorshift64: the same numbers in every run. */
static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static float
float_of(uint32_t u)
{
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

static int
same(float a, float b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/* Significant digits of a number as text. */
static int
digits(const char *s)
{
	int n = 0, zeros = 0, started = 0;

	for (; *s != '\0' && *s != 'e'; s++) {
		if (*s < '0' || *s > '9' || (!started && *s == '0'))
			continue;
		started = 1;
		n++;
		zeros = *s == '0' ? zeros + 1 : 0;
	}
	return n - zeros;
}

/* The fewest digits of printf with which both kinds of readers get f. */
static int
fewest(float f)
{
	char text[32];
	int n = 1;

	for (; n < 9; n++) {
		snprintf(text, sizeof(text), "%.*e", n - 1, (double)f);
		if (same(strtof(text, NULL), f) &&
		    same((float)strtod(text, NULL), f))
			break;
	}
	snprintf(text, sizeof(text), "%.*e", n - 1, (double)f);
	return digits(text);
}

/* Both kinds of readers get f back, and no text is longer than necessary. */
static int
check_text(float f)
{
	char text[FLOAT_TEXT_MAX + 1];
	size_t n = float_text(f, text);

	text[n] = '\0';
	if (n < FLOAT_TEXT_MAX && same(strtof(text, NULL), f) &&
	    same((float)strtod(text, NULL), f) && digits(text) <= fewest(f))
		return 1;
	printf("# %a gave %s\n", (double)f, text);
	return 0;
}

static void
test_text(void)
{
	static const struct {
		float f;
		const char *text;
	} cases[] = {{0.0f, "0"}, {-0.0f, "-0.0"}, {1.0f, "1"}, {-1.5f, "-1.5"},
	    {0.1f, "0.1"}, {0.5253082f, "0.5253082"}, {0.00001f, "0.00001"},
	    {0.99999994f, "0.99999994"}, {1e-7f, "1e-7"}, {1e10f, "1e10"},
	    {123456.7f, "123456.7"}, {16777216.0f, "16777216"},
	    {FLT_MAX, "3.4028235e38"}, {FLT_MIN, "1.1754944e-38"},
	    {1e-45f, "1e-45"}, {9007199254740992.0f, "9.007199e15"}};
	int ok = 1, powers = 1;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[FLOAT_TEXT_MAX + 1];

		text[float_text(cases[i].f, text)] = '\0';
		tap(strcmp(text, cases[i].text) == 0, "text %s (%s)",
		    cases[i].text, text);
	}
	for (int e = -149; e < 128; e++)
		powers &= check_text((float)ldexp(1, e)) &
			  check_text((float)-ldexp(1, e));
	tap(powers, "every power of two");
	for (int i = 0; i < 100000 && ok; i++) {
		float f = float_of((uint32_t)(next() >> 32));

		ok = !isfinite(f) || check_text(f);
	}
	tap(ok, "100000 floats of any size are shortest and read back");
	for (int i = 0; i < 100000 && ok; i++)
		ok = check_text(
		    (float)((double)(next() >> 11) * 0x1p-54 - 0.25));
	tap(ok, "100000 fractions are shortest and read back");
	for (int i = 0; i < 100000 && ok; i++)
		ok = check_text((float)((int)i / 1e5));
	tap(ok, "every number of five decimals");
}

/* Read JSON text as a vector; its width, or 0 when refused. */
static size_t
read_text(const char *text, float *out, const char **why)
{
	yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
	yyjson_val *v = yyjson_doc_get_root(doc);
	size_t n = vector_width(v);

	*why = "";
	if (n > 0 && vector_read(v, out, n, why) == -1)
		n = 0;
	yyjson_doc_free(doc);
	return n;
}

static void
test_reading(void)
{
	static const struct {
		const char *json;
		size_t n;
		float first;
	} cases[] = {{"[1]", 1, 1}, {"[1,-0,2.5E-3]", 3, 1},
	    {"[0.1000000014901161193847656]", 1, 0.1f},
	    {"[3.4028235e38]", 1, FLT_MAX}, {"\"AACAPw==\"", 1, 1},
	    {"\"AACAPw\"", 0, 0}, {"\"AACAPwAAAEA=\"", 2, 1}, {"[]", 0, 0},
	    {"\"\"", 0, 0}, {"{}", 0, 0}, {"7", 0, 0}, {"null", 0, 0},
	    {"[null]", 0, 0}, {"[[1]]", 0, 0}, {"[\"1\"]", 0, 0},
	    {"[true]", 0, 0}, {"[0,0]", 0, 0}, {"[0,1e39]", 0, 0},
	    {"[3.4028236e38]", 0, 0}, {"[1,[2,3]]", 0, 0}, {"\"AACAP\"", 0, 0},
	    {"\"AACAPw=\"", 0, 0}, {"\"AACAPx==\"", 0, 0},
	    {"\"AACAP===\"", 0, 0}, {"\"AAC!Pw==\"", 0, 0},
	    {"\"AAAAAA==\"", 0, 0}, {"\"AADAfw==\"", 0, 0},
	    {"\"AACAfw==\"", 0, 0}};
	float out[8];
	const char *why;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = read_text(cases[i].json, out, &why);

		tap(n == cases[i].n && (n == 0 || same(out[0], cases[i].first)),
		    "read %s%s%s", cases[i].json, *why ? ": " : "", why);
	}
}

static void
test_round_trips(void)
{
	static float v[VECTOR_MAX], w[VECTOR_MAX];
	struct buf b = {0};
	const char *why;

	for (size_t n = 1; n < 40; n++) {
		int ok;

		for (size_t i = 0; i < n; i++)
			v[i] = (float)((double)(next() >> 11) * 0x1p-53 - 0.5);
		buf_reset(&b, 0);
		vector_put_json(&b, v, n);
		ok =
		    read_text(b.data, w, &why) == n && memcmp(v, w, n * 4) == 0;
		buf_reset(&b, 0);
		buf_putc(&b, '"');
		vector_put_base64(&b, v, n);
		buf_putc(&b, '"');
		ok &= b.len == (n * 4 + 2) / 3 * 4 + 2 &&
		      read_text(b.data, w, &why) == n &&
		      memcmp(v, w, n * 4) == 0;
		for (int type = VECTOR_REAL; type <= VECTOR_HALFVEC; type++) {
			buf_reset(&b, 0);
			ok &= vector_binary_put(&b, type, v, n) == 0 &&
			      b.len == vector_binary_size(type, n) &&
			      vector_binary_width(type, b.data, b.len) == n &&
			      vector_binary_width(type, b.data, b.len - 1) == 0;
			vector_binary_get(type, b.data, w, n);
			for (size_t i = 0; i < n; i++)
				ok &= type == VECTOR_HALFVEC
					  ? fabsf(v[i] - w[i]) <= 0.00025f
					  : same(v[i], w[i]);
		}
		tap(ok, "%zu dimensions there and back in every form", n);
	}
	for (size_t i = 0; i < VECTOR_MAX; i++)
		v[i] = -1.1754944e-38f;
	buf_reset(&b, 0);
	vector_put_json(&b, v, VECTOR_MAX);
	tap(read_text(b.data, w, &why) == VECTOR_MAX, "the longest vector");
	b.len--;
	buf_puts(&b, ",1]");
	tap(read_text(b.data, w, &why) == 0, "one more is refused");
	buf_free(&b);
}

static void
test_binary(void)
{
	static const float v[] = {1, -2};
	static const unsigned char real[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2,
	    0xBC, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0x3F, 0x80, 0, 0, 0, 0, 0,
	    4, 0xC0, 0, 0, 0};
	static const unsigned char vector[] = {
	    0, 2, 0, 0, 0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0};
	static const unsigned char half[] = {0, 2, 0, 0, 0x3C, 0, 0xC0, 0};
	static const struct {
		float f;
		unsigned bits;
	} halves[] = {{65504, 0x7BFF}, {65519, 0x7BFF}, {0x1p-14f, 0x0400},
	    {0x1p-24f, 0x0001}, {0x1p-25f, 0x0000}, {0x1.8p-25f, 0x0001},
	    {0x1.ff8p-15f, 0x03FF}, {0x1.ffap-15f, 0x03FF},
	    {0x1.ffcp-15f, 0x0400}, {0x1.ffep-15f, 0x0400},
	    {1.00048828125f, 0x3C00}, {1.001953125f, 0x3C02}, {-0.0f, 0x8000}};
	static const float large = 65520;
	struct buf b = {0};
	unsigned char wrong[sizeof(real)];

	vector_binary_put(&b, VECTOR_REAL, v, 2);
	tap(b.len == sizeof(real) && memcmp(b.data, real, b.len) == 0,
	    "real[] as array_send writes it");
	buf_reset(&b, 0);
	vector_binary_put(&b, VECTOR_PGVECTOR, v, 2);
	tap(b.len == sizeof(vector) && memcmp(b.data, vector, b.len) == 0,
	    "vector as vector_send writes it");
	buf_reset(&b, 0);
	vector_binary_put(&b, VECTOR_HALFVEC, v, 2);
	tap(b.len == sizeof(half) && memcmp(b.data, half, b.len) == 0,
	    "halfvec as halfvec_send writes it");
	for (size_t i = 0; i < sizeof(halves) / sizeof(*halves); i++) {
		const unsigned char *p;

		buf_reset(&b, 0);
		vector_binary_put(&b, VECTOR_HALFVEC, &halves[i].f, 1);
		p = (const unsigned char *)b.data;
		tap((unsigned)(p[4] << 8 | p[5]) == halves[i].bits,
		    "half of %a", (double)halves[i].f);
	}
	buf_reset(&b, 0);
	tap(vector_binary_put(&b, VECTOR_HALFVEC, &large, 1) == -1 &&
		b.len == 0,
	    "a number beyond halfvec is refused");
	for (size_t i = 0; i < sizeof(wrong); i++) {
		memcpy(wrong, real, sizeof(real));
		wrong[i] ^= 0x40;
		/* The lower bound and the numbers may be anything. */
		if ((i < 16 || (i >= 20 && (i - 20) % 8 < 4)) &&
		    vector_binary_width(VECTOR_REAL, wrong, sizeof(wrong)) != 0)
			break;
		if (i + 1 == sizeof(wrong))
			tap(1, "a damaged real[] is refused");
	}
	tap(vector_binary_width(VECTOR_PGVECTOR, "\0\1\0\1....", 8) == 0,
	    "a vector with a second field is refused");
	buf_free(&b);
}

static void
test_arithmetic(void)
{
	float a[19], b[19], zero[3] = {0};
	double sum = 0;

	for (size_t i = 0; i < 19; i++) {
		a[i] = (float)i;
		b[i] = (float)(i * 2) - 19;
		sum += (double)a[i] * (double)b[i];
	}
	tap(fabs((double)vector_dot(a, b, 19) - sum) < 1e-3, "dot of 19");
	tap(vector_normalise(a, 19) == 0 && fabs(vector_norm(a, 19) - 1) < 1e-6,
	    "normalise");
	tap(vector_normalise(zero, 3) == -1, "a zero vector has no direction");
}

int
main(void)
{
	test_text();
	test_reading();
	test_round_trips();
	test_binary();
	test_arithmetic();
	return tap_done();
}
