/*
 * crawl_status: any bytes as a body, a 'next', a text and an id. An offset is
 * never negative, and only the base itself is taken for the base.
 */
#include "source/crawl_status.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
try_next(struct document_text next)
{
	int64_t skip = crawl_status_number(next, "skip");

	if (skip < -1 || crawl_status_number(next, "limit") < -1)
		abort();
	if (crawl_status_is_at(next, "https://x.example") && next.s[0] != '/' &&
	    (next.n < 17 || memcmp(next.s, "https://x.example", 17) != 0))
		abort();
	if (crawl_status_wait(next) < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	/* A copy, so that a read behind it is found. */
	char *text = malloc(n > 0 ? n : 1),
	     *end = x_memdup((const char *)data, n);
	size_t repaired, at;
	const char *why;
	struct crawl_status s;
	yyjson_doc *doc;

	if (n > 0)
		memcpy(text, data, n);
	try_next((struct document_text){text, n});
	if (crawl_status_is_id(end) && strpbrk(end, "/?#.% ") != NULL)
		abort();
	doc = record_parse(text, n, &repaired, &at, &why, &at);
	if (doc != NULL) {
		crawl_status_read(yyjson_doc_get_root(doc), &s);
		try_next(s.next);
		try_next(s.error);
	}
	yyjson_doc_free(doc);
	free(text);
	free(end);
	return 0;
}
