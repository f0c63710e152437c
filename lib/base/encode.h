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
 * Bytes that the n characters at s stand for; SIZE_MAX when base64 is never so
 * long or padded so.
 */
size_t encode_base64_size(const char *s, size_t n);
/*
 * Decode into room for that many bytes. 0, or -1 when s is not base64: of no
 * such length, with another character, or with bits left over at the end.
 */
int encode_base64_read(const char *s, size_t n, void *out);

#endif
