/*
 * redis_url: any text gives an address or a reason for the refusal
 */
#include "net/redis_url.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *url = x_memdup((const char *)data, n);
	struct redis_url u;
	const char *why = NULL;

	if (redis_url_parse(url, &u, &why) == 0) {
		if ((u.host != NULL) + (u.path != NULL) + (u.none != 0) != 1)
			abort();
		redis_url_free(&u);
	} else if (why == NULL) {
		abort();
	}
	free(url);
	return 0;
}
