/*
 * vector - vectors of float32: their encodings and arithmetic
 *
 * Every encoding carries the float32 bits exactly, halfvec apart. What is
 * read is checked: a vector that leaves this module is finite and not all
 * zeros, so that one bad value never aborts a COPY.
 */
#ifndef VECTOR_H
#define VECTOR_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct yyjson_val;

enum {
	VECTOR_MAX = 16000,    /* dimensions that a pgvector column takes */
	VECTOR_FLOAT_TEXT = 24 /* room for one number as text */
};

/* Binary forms of Postgres, as in COPY BINARY and binary parameters. */
enum vector_type {
	VECTOR_REAL,	 /* real[]: the array format, element OID 700 */
	VECTOR_PGVECTOR, /* pgvector's vector: int16 n, int16 0, float4 ... */
	VECTOR_HALFVEC	 /* pgvector's halfvec: the same with binary16 */
};

/*
 * Dimensions of a JSON value that may be a vector: an array, or a string of
 * base64 little-endian float32. 0 when it is neither, is empty, is longer
 * than VECTOR_MAX, or its length is no whole number of floats.
 */
size_t vector_width(struct yyjson_val *v);
/*
 * Read the n == vector_width(v) numbers of v. 0, or -1 with *why (static): not
 * a number, not finite as a float32, not base64, or all zeros.
 */
int vector_read(struct yyjson_val *v, float *out, size_t n, const char **why);
/* 0, or -1 with *why (static) when v is not finite or is all zeros. */
int vector_check(const float *v, size_t n, const char **why);

/*
 * The shortest decimal that reads back to the same float32, whether the
 * reader goes through double or not. f must be finite. Returns the length;
 * there is no NUL.
 */
size_t vector_float_text(float f, char out[static VECTOR_FLOAT_TEXT]);
/* Append a JSON array of the shortest decimals. */
void vector_put_json(struct buf *b, const float *v, size_t n);
/* Append base64 (standard alphabet, padded) of little-endian float32. */
void vector_put_base64(struct buf *b, const float *v, size_t n);

/* Bytes of n dimensions in a binary form, without COPY's field length. */
size_t vector_binary_size(enum vector_type type, size_t n);
/*
 * Append the binary form. 0, or -1 with nothing appended when a number is
 * beyond what the type holds (halfvec: 65504).
 */
int vector_put_binary(
    struct buf *b, enum vector_type type, const float *v, size_t n);
/* Dimensions of len bytes in a binary form, or 0 when they are not one. */
size_t vector_binary_width(
    enum vector_type type, const void *bytes, size_t len);
/* Read the n == vector_binary_width() numbers of bytes. */
void vector_get_binary(
    enum vector_type type, const void *bytes, float *out, size_t n);

/* Inner product; for unit vectors the cosine of the angle. */
float vector_dot(const float *a, const float *b, size_t n);
/* Euclidean length. */
double vector_norm(const float *v, size_t n);
/* Scale to length 1. 0, or -1 leaving v alone when its length is 0. */
int vector_normalise(float *v, size_t n);

#endif
