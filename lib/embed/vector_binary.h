/*
 * vector_binary - vectors in Postgres's binary formats
 *
 * For COPY BINARY and binary parameters. Every format but halfvec keeps the
 * float32 bits exactly.
 */
#ifndef VECTOR_BINARY_H
#define VECTOR_BINARY_H

#include <stddef.h>

#include "embed/vector.h"

enum vector_type {
	VECTOR_REAL,	 /* real[]: the array format, element OID 700 */
	VECTOR_PGVECTOR, /* pgvector's vector: int16 n, int16 0, float4 ... */
	VECTOR_HALFVEC	 /* pgvector's halfvec: the same with binary16 */
};

/* Bytes of n dimensions in a binary form, without COPY's field length. */
size_t vector_binary_size(enum vector_type type, size_t n);
/*
 * Append the binary form. 0, or -1 with nothing appended if a number is too
 * large for the type (halfvec: above 65504).
 */
int vector_binary_put(
    struct buf *b, enum vector_type type, const float *v, size_t n);
/* Dimensions of len bytes in a binary form, or 0 when they are not one. */
size_t vector_binary_width(
    enum vector_type type, const void *bytes, size_t len);
/* Read the n == vector_binary_width() numbers of bytes. */
void vector_binary_get(
    enum vector_type type, const void *bytes, float *out, size_t n);

#endif
