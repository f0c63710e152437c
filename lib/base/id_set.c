#include "base/id_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const uint8_t zero[ID_SET_ID];

/* The slot of id, or the free slot for it. cap must not be 0. */
static size_t
find(const struct id_set *set, const uint8_t *id)
{
	uint64_t hash;
	size_t i;

	memcpy(&hash, id, sizeof(hash));
	for (i = (size_t)hash & (set->cap - 1);
	     memcmp(set->slots[i], id, ID_SET_ID) != 0 &&
	     memcmp(set->slots[i], zero, ID_SET_ID) != 0;
	     i = (i + 1) & (set->cap - 1))
		;
	return i;
}

static void
grow(struct id_set *set)
{
	struct id_set larger = {.cap = set->cap ? 2 * set->cap : 64};

	larger.slots = x_calloc(larger.cap, ID_SET_ID);
	for (size_t i = 0; i < set->cap; i++)
		if (memcmp(set->slots[i], zero, ID_SET_ID) != 0)
			memcpy(larger.slots[find(&larger, set->slots[i])],
			    set->slots[i], ID_SET_ID);
	free(set->slots);
	set->slots = larger.slots;
	set->cap = larger.cap;
}

int
id_set_has(const struct id_set *set, const uint8_t id[static ID_SET_ID])
{
	if (memcmp(id, zero, ID_SET_ID) == 0)
		return set->has_zero;
	return set->cap > 0 &&
	       memcmp(set->slots[find(set, id)], id, ID_SET_ID) == 0;
}

int
id_set_add(struct id_set *set, const uint8_t id[static ID_SET_ID])
{
	size_t i;

	if (memcmp(id, zero, ID_SET_ID) == 0) {
		int fresh = !set->has_zero;

		set->has_zero = 1;
		return fresh;
	}
	if (4 * (set->count + 1) > 3 * set->cap)
		grow(set);
	i = find(set, id);
	if (memcmp(set->slots[i], id, ID_SET_ID) == 0)
		return 0;
	memcpy(set->slots[i], id, ID_SET_ID);
	set->count++;
	return 1;
}

void
id_set_free(struct id_set *set)
{
	free(set->slots);
	*set = (struct id_set){0};
}
