/*
 * json_write - write JSON directly into a buffer
 *
 * For records that are frequent and always have the same few keys; yyjson makes
 * all others. Each function writes the comma, key and value of one member.
 */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Write only comma, key and colon; a value must follow. */
static inline void
json_key(struct buf *b, const char *key)
{
	size_t n = strlen(key);
	char *to = buf_reserve(b, n + 4);

	memcpy(to, ",\"", 2);
	memcpy(to + 2, key, n);
	memcpy(to + 2 + n, "\":", 3);
	b->len += n + 4;
}

/*
 * key is written as it is: it needs no escapes. Strings are n bytes of valid
 * UTF-8; quotes, backslashes and control characters are escaped.
 */
void json_member(struct buf *b, const char *key, const char *s, size_t n);
/* As json_member, for n bytes that are escaped already. */
static inline void
json_member_raw(struct buf *b, const char *key, const char *s, size_t n)
{
	char *to;

	json_key(b, key);
	to = buf_reserve(b, n + 2);
	*to++ = '"';
	memcpy(to, s, n);
	memcpy(to + n, "\"", 2);
	b->len += n + 2;
}

/* How many of the n bytes of s need an escape. */
size_t json_escapes(const char *s, size_t n);
/* As json_member, for a string that needs no escapes: an id, a hash. */
static inline void
json_member_plain(struct buf *b, const char *key, const char *s)
{
	json_member_raw(b, key, s, strlen(s));
}

/* Write only a number: a value after json_key, or an element of an array. */
void json_uint(struct buf *b, uint64_t v);
static inline void
json_member_uint(struct buf *b, const char *key, uint64_t v)
{
	json_key(b, key);
	json_uint(b, v);
}

/* Write only a string: a value after json_key, or an element of an array. */
void json_string(struct buf *b, const char *s, size_t n);

#endif
