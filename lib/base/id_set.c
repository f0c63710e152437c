#include "base/id_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const uint8_t zero[IDSET_ID];

/* Where id is, or the free slot where it would go. cap must not be 0. */
static size_t
find(const struct idset *set, const uint8_t *id)
{
	uint64_t hash;
	size_t i;

	memcpy(&hash, id, sizeof(hash));
	for (i = (size_t)hash & (set->cap - 1);
	     memcmp(set->slots[i], id, IDSET_ID) != 0 &&
	     memcmp(set->slots[i], zero, IDSET_ID) != 0;
	     i = (i + 1) & (set->cap - 1))
		;
	return i;
}

static void
grow(struct idset *set)
{
	struct idset larger = {.cap = set->cap ? 2 * set->cap : 64};

	larger.slots = x_calloc(larger.cap, IDSET_ID);
	for (size_t i = 0; i < set->cap; i++)
		if (memcmp(set->slots[i], zero, IDSET_ID) != 0)
			memcpy(larger.slots[find(&larger, set->slots[i])],
			    set->slots[i], IDSET_ID);
	free(set->slots);
	set->slots = larger.slots;
	set->cap = larger.cap;
}

int
idset_has(const struct idset *set, const uint8_t id[static IDSET_ID])
{
	if (memcmp(id, zero, IDSET_ID) == 0)
		return set->has_zero;
	return set->cap > 0 &&
	       memcmp(set->slots[find(set, id)], id, IDSET_ID) == 0;
}

int
idset_add(struct idset *set, const uint8_t id[static IDSET_ID])
{
	size_t i;

	if (memcmp(id, zero, IDSET_ID) == 0) {
		int fresh = !set->has_zero;

		set->has_zero = 1;
		return fresh;
	}
	if (4 * (set->count + 1) > 3 * set->cap)
		grow(set);
	i = find(set, id);
	if (memcmp(set->slots[i], id, IDSET_ID) == 0)
		return 0;
	memcpy(set->slots[i], id, IDSET_ID);
	set->count++;
	return 1;
}

void
idset_free(struct idset *set)
{
	free(set->slots);
	*set = (struct idset){0};
}
