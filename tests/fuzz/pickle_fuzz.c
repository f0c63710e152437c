/*
 * pickle: any bytes; the result is JSON of at most the given size
 */
#include <stdint.h>
#include <stdlib.h>
#include <yyjson.h>

#include "base/buf.h"
#include "queue/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum { MOST = 1 << 16 };
	struct buf out = {0};
	const char *why = NULL;
	yyjson_doc *doc;

	if (pickle_to_json((const char *)data, n, MOST, &out, &why) == -1) {
		if (why == NULL || out.len != 0)
			abort();
	} else {
		doc = yyjson_read(out.data, out.len, 0);
		/*
		 * The last text may exceed it: escapes make it six times as
		 * long.
		 */
		if (doc == NULL || out.len > MOST + 6 * n + 64)
			abort();
		yyjson_doc_free(doc);
	}
	buf_free(&out);
	return 0;
}
