/*
 * vector - vectors of float32: JSON and arithmetic
 *
 * Every encoding keeps the float32 bits exactly. A vector that is read is
 * checked: it is finite and not all zeros, so that one bad value never aborts a
 * COPY.
 */
#ifndef VECTOR_H
#define VECTOR_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct yyjson_val;

enum { VECTOR_MAX = 16000 /* dimensions that a pgvector column takes */ };

/*
 * Dimensions of a JSON value that may be a vector: an array, or a string of
 * base64 little-endian float32. 0 if it is neither, is empty, is longer than
 * VECTOR_MAX, or its length is not a whole number of floats.
 */
size_t vector_width(struct yyjson_val *v);
/*
 * Read the n == vector_width(v) numbers of v. 0, or -1 with *why (static): not
 * a number, not finite as a float32, not base64, or all zeros.
 */
int vector_read(struct yyjson_val *v, float *out, size_t n, const char **why);
/* 0, or -1 with *why (static) when v is not finite or is all zeros. */
int vector_check(const float *v, size_t n, const char **why);

/* Append a JSON array of the shortest decimals. */
void vector_put_json(struct buf *b, const float *v, size_t n);
/* Append base64 (standard alphabet, padded) of little-endian float32. */
void vector_put_base64(struct buf *b, const float *v, size_t n);

/* Inner product; for unit vectors the cosine of the angle. */
float vector_dot(const float *a, const float *b, size_t n);
/* Euclidean length. */
double vector_norm(const float *v, size_t n);
/* Scale v to length 1. 0, or -1: its length is 0, and v does not change. */
int vector_normalise(float *v, size_t n);

#endif
