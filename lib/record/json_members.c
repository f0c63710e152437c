#include "record/json_members.h"

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/buf.h"
#include "base/utf8.h"
#include "record/record.h"

enum {
	BLOCK = 64,
	DEPTH_MAX = 64 /* containers in a member; more is unusual */
};

void
json_members_start(
    struct json_members *s, const char *line, size_t n, struct buf *unpacked)
{
	*s = (struct json_members){line, line + n, unpacked, 0};
	unpacked->len = 0;
	/* An unpacked string with its NUL is no longer than with its quotes. */
	buf_reserve(unpacked, n + 2 * BLOCK);
}

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_space(struct json_members *s)
{
	while (s->at < s->end && is_space(*s->at))
		s->at++;
}

/* Skip white space and c. Whether c was there. */
static int
take(struct json_members *s, char c)
{
	skip_space(s);
	if (s->at == s->end || *s->at != c)
		return 0;
	s->at++;
	return 1;
}

/* Strings. */

/*
 * Copy a block. Returns a bit for each byte that needs attention: a quote, a
 * backslash, a control character.
 */
#ifdef __SSE2__
static uint64_t
copy_block(char *to, const char *from)
{
	const __m128i highest = _mm_set1_epi8(31);
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
	uint64_t bits = 0;

	for (int i = 0; i < BLOCK; i += 16) {
		__m128i v =
		    _mm_loadu_si128((const __m128i *)(const void *)(from + i));
		__m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, highest), v);
		__m128i special =
		    _mm_or_si128(low, _mm_or_si128(_mm_cmpeq_epi8(v, quote),
					  _mm_cmpeq_epi8(v, slash)));

		_mm_storeu_si128((__m128i *)(void *)(to + i), v);
		bits |= (uint64_t)(unsigned)_mm_movemask_epi8(special) << i;
	}
	return bits;
}
#else
static uint64_t
copy_block(char *to, const char *from)
{
	uint64_t bits = 0;

	memcpy(to, from, BLOCK);
	for (int i = 0; i < BLOCK; i++) {
		unsigned char c = (unsigned char)from[i];

		bits |= (uint64_t)(c < 32 || c == '"' || c == '\\') << i;
	}
	return bits;
}
#endif

/* The characters that escapes of one letter mean. */
static const char letters[128] = {['"'] = '"',
    ['\\'] = '\\',
    ['/'] = '/',
    ['b'] = '\b',
    ['f'] = '\f',
    ['n'] = '\n',
    ['r'] = '\r',
    ['t'] = '\t'};

static char
letter_escape(char c)
{
	return c & 0x80 ? '\0' : letters[(unsigned char)c];
}

static int
hex4(const char *s, const char *end, uint32_t *v)
{
	*v = 0;
	for (int i = 0; i < 4; i++) {
		char c = end - s > i ? s[i] : ' ';

		if (c >= '0' && c <= '9')
			*v = *v << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*v = *v << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return 0;
	}
	return 1;
}

/*
 * Append the character that the escape at p means. Returns the escape's length,
 * or 0 if it is not an escape, or one that may not be in a record.
 */
static size_t
unpack_escape(struct buf *out, const char *p, const char *end, int *same)
{
	uint32_t code, low;
	char c = end - p > 1 ? p[1] : ' ';

	if (c != 'u') {
		*same &= c != '/';
		buf_putc(out, letter_escape(c));
		return letter_escape(c) != '\0' ? 2 : 0;
	}
	*same = 0;
	if (!hex4(p + 2, end, &code) || code == 0)
		return 0;
	if (code < 0xD800 || code > 0xDFFF) {
		utf8_put(out, code);
		return 6;
	}
	if (code > 0xDBFF || end - p < 12 || p[6] != '\\' || p[7] != 'u' ||
	    !hex4(p + 8, end, &low) || low < 0xDC00 || low > 0xDFFF)
		return 0;
	utf8_put(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
	return 12;
}

/*
 * Unpack the whole blocks at p as long as they hold only text and escapes of
 * one letter. Returns where it stopped: at the last blocks, at the end of the
 * string, or at a byte that needs attention.
 */
static const char *
unpack_blocks(struct buf *out, const char *p, const char *end, int *same)
{
	char *to;

	for (;;) {
		uint64_t bits;
		unsigned done = 0;

		if (end - p <= 2 * BLOCK)
			return p;
		to = out->data + out->len;
		bits = copy_block(to, p);

		while (bits != 0) {
			unsigned i = (unsigned)__builtin_ctzll(bits);
			char c = p[i] == '\\' ? letter_escape(p[i + 1]) : '\0';

			to += i - done;
			if (c == '\0') {
				out->len = (size_t)(to - out->data);
				return p + i;
			}
			*same &= c != '/';
			*to++ = c;
			done = i + 2;
			memcpy(to, p + done, BLOCK);
			bits &= ~((uint64_t)3 << i);
		}
		to += done < BLOCK ? BLOCK - done : 0;
		p += done < BLOCK ? BLOCK : done;
		out->len = (size_t)(to - out->data);
	}
}

/* Unpack the string at s->at, whose quote was taken; 0, or -1. */
static int
take_string(struct json_members *s, struct json_members_member *m)
{
	struct buf *out = s->unpacked;
	const char *p = s->at;
	size_t begin = out->len, used;

	m->raw = p;
	m->same = 1;
	for (;;) {
		p = unpack_blocks(out, p, s->end, &m->same);
		if (p == s->end || (unsigned char)*p < 32)
			return -1;
		if (*p == '"')
			break;
		if (*p == '\\') {
			used = unpack_escape(out, p, s->end, &m->same);
			if (used == 0)
				return -1;
			p += used;
		} else {
			buf_putc(out, *p++);
		}
	}
	m->raw_n = (size_t)(p - m->raw);
	m->s = out->data + begin;
	m->n = out->len - begin;
	buf_putc(out, '\0');
	s->at = p + 1;
	return utf8_valid(m->s, m->n) == m->n ? 0 : -1;
}

/* Values other than strings. */

/* Skip the string at s->at, whose first quote was taken. */
static void
skip_string(struct json_members *s)
{
	while (s->at < s->end && *s->at != '"')
		s->at += *s->at == '\\' ? 2 : 1;
	s->at = s->at < s->end ? s->at + 1 : s->end;
}

/* Skip the value at s->at; 0, or -1 if it has no end or is too deep. */
static int
skip_value(struct json_members *s)
{
	int depth = 0;

	while (s->at < s->end) {
		switch (*s->at) {
		case '{':
		case '[':
			if (++depth > DEPTH_MAX)
				return -1;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return 0;
			if (--depth == 0) {
				s->at++;
				return 0;
			}
			break;
		case ',':
			if (depth == 0)
				return 0;
			break;
		case '"':
			s->at++;
			skip_string(s);
			continue;
		}
		s->at++;
	}
	return -1;
}

/* Skip the value at s->at, which is not a string; 0, or -1. */
static int
take_value(struct json_members *s, struct json_members_member *m)
{
	size_t repaired, first, at;
	const char *why;
	yyjson_doc *doc;

	m->s = NULL;
	m->raw = s->at;
	if (skip_value(s) == -1)
		return -1;
	m->raw_n = (size_t)(s->at - m->raw);
	while (m->raw_n > 0 && is_space(m->raw[m->raw_n - 1]))
		m->raw_n--;
	doc = record_parse(m->raw, m->raw_n, &repaired, &first, &why, &at);
	yyjson_doc_free(doc);
	return doc != NULL && repaired == 0 ? 0 : -1;
}

static int
take_key(struct json_members *s, struct json_members_member *m)
{
	m->key = s->at;
	for (; s->at < s->end && *s->at != '"'; s->at++)
		if ((signed char)*s->at < 32 || *s->at == '\\')
			return -1;
	m->key_n = (size_t)(s->at - m->key);
	return s->at++ < s->end ? 0 : -1;
}

int
json_members_next(struct json_members *s, struct json_members_member *m)
{
	if (s->members == 0 && !take(s, '{'))
		return -1;
	if (take(s, '}')) {
		skip_space(s);
		return s->at == s->end ? 0 : -1;
	}
	if (s->members++ > 0 && !take(s, ','))
		return -1;
	*m = (struct json_members_member){0};
	if (!take(s, '"') || take_key(s, m) == -1 || !take(s, ':'))
		return -1;
	return (take(s, '"') ? take_string(s, m) : take_value(s, m)) == -1 ? -1
									   : 1;
}
