/*
 * utf8 - validate, step, repair
 *
 * UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

struct buf;

enum { UTF8_REPLACEMENT = 0xFFFD };

/* The number of bytes at the start of s that are valid; n if all are. */
size_t utf8_valid(const char *s, size_t n);
/*
 * Length (1..4) of the sequence at s and its code point. An invalid byte
 * gives 1 and U+FFFD. n must not be 0.
 */
size_t utf8_step(const char *s, size_t n, uint32_t *code);
/* As utf8_step, for valid text. */
static inline size_t
utf8_step_valid(const char *s, uint32_t *code)
{
	const unsigned char *u = (const unsigned char *)s;

	if (u[0] < 0x80) {
		*code = u[0];
		return 1;
	}
	if (u[0] < 0xE0) {
		*code = (u[0] & 0x1Fu) << 6 | (u[1] & 0x3Fu);
		return 2;
	}
	if (u[0] < 0xF0) {
		*code =
		    (u[0] & 0x0Fu) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu);
		return 3;
	}
	*code = (u[0] & 0x07u) << 18 | (u[1] & 0x3Fu) << 12 |
		(u[2] & 0x3Fu) << 6 | (u[3] & 0x3Fu);
	return 4;
}
/* Append a code point in UTF-8; U+FFFD if code is not one that UTF-8 has. */
void utf8_put(struct buf *b, uint32_t code);
/* For utf8_count, if n >= 16. */
size_t utf8_count_long(const char *s, size_t n);
/* The number of code points in s, which must be valid. */
static inline size_t
utf8_count(const char *s, size_t n)
{
	size_t count = 0;

	if (n >= 16)
		return utf8_count_long(s, n);
	for (size_t i = 0; i < n; i++)
		count += (s[i] & 0xC0) != 0x80;
	return count;
}
/*
 * The length of the last character of s, if this is white space beyond ASCII
 * (White_Space of Unicode); else 0. s must be valid and not empty.
 */
size_t utf8_space_before(const char *s, size_t n);
/* The largest k <= n that does not cut a sequence of s in two. */
size_t utf8_floor(const char *s, size_t len, size_t n);
/*
 * Append s with every maximal invalid sequence and every NUL replaced by
 * U+FFFD. Returns the number of replacements; *first is the offset of the first
 * one in s.
 */
size_t utf8_repair(struct buf *b, const char *s, size_t n, size_t *first);

#endif
