/*
 * encode - bytes as text and back: base64 of RFC 4648, with padding
 */
#ifndef ENCODE_H
#define ENCODE_H

#include <stddef.h>

struct buf;

/* Append the base64 of n bytes. */
void encode_base64(struct buf *out, const void *p, size_t n);
/*
 * The number of bytes that the n characters at s encode; SIZE_MAX if base64
 * cannot have this length or padding.
 */
size_t encode_base64_size(const char *s, size_t n);
/*
 * Decode into out, which has room for encode_base64_size bytes. 0, or -1 if s
 * is not base64: its length or padding is wrong, a character is not a digit, or
 * bits other than 0 are left over at the end.
 */
int encode_base64_read(const char *s, size_t n, void *out);

#endif
