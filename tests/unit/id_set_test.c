/* id_set: adding, finding, growing */
#include "base/id_set.h"

#include <string.h>

#include "base/digest.h"
#include "tap.h"

static void
make_id(uint32_t n, uint8_t id[static ID_SET_ID])
{
	digest_uuid5(digest_namespace, &n, sizeof(n), id);
}

int
main(void)
{
	struct id_set set = {0};
	uint8_t id[ID_SET_ID] = {0};
	uint32_t n = 20000, fresh = 0, repeated = 0, absent = 0;

	tap(!id_set_has(&set, id), "an empty set has no id");
	tap(id_set_add(&set, id) == 1 && id_set_add(&set, id) == 0 &&
		id_set_has(&set, id),
	    "the id of zeros is an id like any other");
	for (uint32_t i = 0; i < n; i++) {
		make_id(i, id);
		fresh += id_set_add(&set, id) == 1;
	}
	for (uint32_t i = 0; i < n; i++) {
		make_id(i, id);
		repeated += id_set_add(&set, id) == 0;
		make_id(n + i, id);
		absent += !id_set_has(&set, id);
	}
	tap(fresh == n, "%u ids are new", n);
	tap(repeated == n, "and are found after the set has grown");
	tap(absent == n, "no other id is found");
	tap(set.cap * ID_SET_ID <= 43 * (size_t)n, "in at most 43 bytes each");
	id_set_free(&set);
	tap(!id_set_has(&set, id), "a freed set is empty");
	return tap_done();
}
