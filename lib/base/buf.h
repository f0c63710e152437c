/*
 * buf - growable bytes
 *
 * A struct buf of zeros is an empty buffer. After the first append data[len] is
 * always a NUL, so that data can be printed; len does not count the NUL.
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

/* For buf_reserve: enlarge the memory, so that n more bytes fit. */
void buf_grow(struct buf *b, size_t n);

/* Make room for n more bytes and a NUL; returns where they go. */
static inline char *
buf_reserve(struct buf *b, size_t n)
{
	if (b->cap - b->len <= n)
		buf_grow(b, n);
	return b->data + b->len;
}

/* Append n bytes. */
static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);

	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	b->len += n;
}

/* Append a NUL-terminated string. */
static inline void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

/* Append one byte. */
static inline void
buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

/* Append formatted text. */
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append an integer in network byte order (COPY BINARY, vector formats). */
void buf_be16(struct buf *b, uint16_t v);
void buf_be32(struct buf *b, uint32_t v);
void buf_be64(struct buf *b, uint64_t v);
/* Remove the first n bytes; the rest moves to the start. */
void buf_drop(struct buf *b, size_t n);
/* Empty the buffer. Memory of more than keep bytes is freed. */
void buf_reset(struct buf *b, size_t keep);
/* Free the memory; b is an empty buffer again. */
void buf_free(struct buf *b);

#endif
