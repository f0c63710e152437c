/*
 * idset - a set of 16-byte ids
 *
 * For ids that are digests: their bytes are taken as they are for hashing.
 * Takes at most 43 bytes per id.
 */
#ifndef IDSET_H
#define IDSET_H

#include <stddef.h>
#include <stdint.h>

enum { IDSET_ID = 16 };

/* A set of zeros is empty. */
struct idset {
	uint8_t (*slots)[IDSET_ID]; /* the id of zeros marks a free slot */
	size_t cap;		    /* a power of two, or 0 */
	size_t count;
	int has_zero;
};

/* 1 if id was not in the set and is now, 0 if it was. */
int idset_add(struct idset *set, const uint8_t id[static IDSET_ID]);
/* Whether id is in the set. */
int idset_has(const struct idset *set, const uint8_t id[static IDSET_ID]);
/* Free the memory; the set is empty again. */
void idset_free(struct idset *set);

#endif
