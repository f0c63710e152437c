/*
 * http_request: any bytes give the same request, or refusal, in one piece and
 * in pieces of the first byte's size; nothing is beyond the limits.
 */
#include "net/http_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int
feed(struct http_request *r, const uint8_t *p, size_t n, size_t step)
{
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i += step)
		status =
		    http_request_feed(r, p + i, n - i < step ? n - i : step);
	return status;
}

static void
check_same(const struct http_request *a, const struct http_request *b)
{
	if (a->status != b->status || a->n_headers != b->n_headers ||
	    a->body.len != b->body.len || a->has_head != b->has_head ||
	    (a->body.len > 0 &&
		memcmp(a->body.data, b->body.data, a->body.len) != 0))
		abort();
	for (size_t i = 0; i < a->n_headers; i++)
		if (strcmp(a->header[i].name, b->header[i].name) != 0 ||
		    strcmp(a->header[i].value, b->header[i].value) != 0)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct http_request *whole, *parts;
	int status;

	if (n == 0)
		return 0;
	whole = http_request_new(MAX);
	parts = http_request_new(MAX);
	status = feed(whole, data + 1, n - 1, n);
	if (status != feed(parts, data + 1, n - 1, (size_t)data[0] % 16 + 1))
		abort();
	check_same(whole, parts);
	if (whole->body.len > MAX || (status == -1) != (whole->status != 0) ||
	    (status == -1 && whole->why == NULL) ||
	    (status == 1 && (whole->method == NULL || !whole->has_head)))
		abort();
	if (whole->target != NULL)
		free(http_request_decode(whole->target, strlen(whole->target)));
	http_request_free(whole);
	http_request_free(parts);
	return 0;
}
