/*
 * provider_hash - an embedding without a model: signed feature hashing
 *
 * Lexical, not semantic: two texts are near when they share words, pairs of
 * words or parts of words; a synonym or a translation is not found. The same
 * text gives the same bits on every machine. The model's name has a version,
 * which changes with the features.
 *
 * The numbers have five decimals, so the length is 1 to about 1e-5.
 */
#ifndef PROVIDER_HASH_H
#define PROVIDER_HASH_H

#include <stddef.h>

enum {
	PROVIDER_HASH_DIMENSIONS = 512, /* the default */
	PROVIDER_HASH_MIN = 16,
	PROVIDER_HASH_NAME = 32 /* room for a model's name */
};

struct provider_hash;

/* Working memory for one width, PROVIDER_HASH_MIN to VECTOR_MAX; bounded. */
struct provider_hash *provider_hash_new(size_t dimensions);
void provider_hash_free(struct provider_hash *h);
/* The vector of n bytes of UTF-8. It is never zero, for any text. */
void provider_hash_text(
    struct provider_hash *h, const char *text, size_t n, float *out);

/* "hash-512-v1" for 512. */
void provider_hash_name(
    size_t dimensions, char name[static PROVIDER_HASH_NAME]);
/* The width in the name of a model of this provider, or 0: another name. */
size_t provider_hash_width(const char *name);

#endif
