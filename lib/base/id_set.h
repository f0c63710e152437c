/*
 * id_set - a set of 16-byte ids
 *
 * The ids must be digests, because their first bytes serve as the hash. A large
 * set takes at most 43 bytes per id.
 */
#ifndef ID_SET_H
#define ID_SET_H

#include <stddef.h>
#include <stdint.h>

enum { ID_SET_ID = 16 };

/* A set of zeros is empty. */
struct id_set {
	uint8_t (*slots)[ID_SET_ID]; /* the id of zeros marks a free slot */
	size_t cap;		     /* a power of two, or 0 */
	size_t count;
	int has_zero;
};

/* Add id. 1 if it is new, 0 if the set had it. */
int id_set_add(struct id_set *set, const uint8_t id[static ID_SET_ID]);
/* Whether id is in the set. */
int id_set_has(const struct id_set *set, const uint8_t id[static ID_SET_ID]);
/* Free the memory; the set is empty again. */
void id_set_free(struct id_set *set);

#endif
