/*
 * provider_hash - an embedding without a model: signed feature hashing
 *
 * Lexical, not semantic: two texts are near when they share words, pairs of
 * words or parts of words; a synonym or a translation is not found. The same
 * text gives the same bits on every machine, and what the features are is
 * part of the model's name: a change of them is a new version.
 *
 * The numbers have five decimals, so the length is 1 to about 1e-5.
 */
#ifndef PROVIDER_HASH_H
#define PROVIDER_HASH_H

#include <stddef.h>

enum {
	PROVIDER_HASH_DIMENSIONS = 512, /* when none are asked for */
	PROVIDER_HASH_MIN = 16,
	PROVIDER_HASH_NAME = 32 /* room for a model's name */
};

struct provider_hash;

/* Working memory for one width, PROVIDER_HASH_MIN to VECTOR_MAX; bounded. */
struct provider_hash *provider_hash_new(size_t dimensions);
void provider_hash_free(struct provider_hash *h);
/* The vector of n bytes of UTF-8; never zero, whatever the text. */
void provider_hash_text(
    struct provider_hash *h, const char *text, size_t n, float *out);

/* "hash-512-v1" for 512. */
void provider_hash_name(
    size_t dimensions, char name[static PROVIDER_HASH_NAME]);
/* The width that a model of ours has by its name, or 0: not one of ours. */
size_t provider_hash_width(const char *name);

#endif
