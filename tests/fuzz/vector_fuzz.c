/*
 * vector: a vector read from foreign JSON or binary forms is finite, and is the
 * same after every form of writing.
 */
#include "embed/float_text.h"
#include "embed/vector.h"
#include "embed/vector_binary.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		abort();
}

/* A JSON text that vector.c wrote must give the same bits. */
static void
read_again(const struct buf *b, const float *v, size_t n)
{
	yyjson_doc *doc = yyjson_read(b->data, b->len, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	float *w = x_calloc(n, sizeof(*w));
	const char *why;

	must(vector_width(root) == n && vector_read(root, w, n, &why) == 0);
	must(memcmp(v, w, n * sizeof(*v)) == 0);
	free(w);
	yyjson_doc_free(doc);
}

static void
write_all(const float *v, size_t n)
{
	struct buf b = {0};
	float *w = x_calloc(n, sizeof(*w));

	vector_put_json(&b, v, n);
	read_again(&b, v, n);
	buf_reset(&b, 0);
	buf_putc(&b, '"');
	vector_put_base64(&b, v, n);
	buf_putc(&b, '"');
	read_again(&b, v, n);
	for (int type = VECTOR_REAL; type <= VECTOR_HALFVEC; type++) {
		buf_reset(&b, 0);
		if (vector_binary_put(&b, type, v, n) == -1)
			continue;
		must(vector_binary_width(type, b.data, b.len) == n);
		vector_binary_get(type, b.data, w, n);
		must(type == VECTOR_HALFVEC ||
		     memcmp(v, w, n * sizeof(*v)) == 0);
	}
	free(w);
	buf_free(&b);
}

static void
try_json(const uint8_t *data, size_t size)
{
	yyjson_doc *doc = yyjson_read((const char *)data, size,
	    YYJSON_READ_ALLOW_INVALID_UNICODE | YYJSON_READ_BIGNUM_AS_RAW |
		YYJSON_READ_ALLOW_INF_AND_NAN);
	yyjson_val *root = yyjson_doc_get_root(doc);
	size_t n = vector_width(root);
	float *v = x_calloc(n + 1, sizeof(*v));
	const char *why;

	if (n > 0 && vector_read(root, v, n, &why) == 0)
		write_all(v, n);
	free(v);
	yyjson_doc_free(doc);
}

static void
try_binary(enum vector_type type, const uint8_t *data, size_t size)
{
	size_t n = vector_binary_width(type, data, size);
	float *v = x_calloc(n + 1, sizeof(*v));
	const char *why;

	if (n > 0) {
		vector_binary_get(type, data, v, n);
		if (vector_check(v, n, &why) == 0)
			write_all(v, n);
	}
	free(v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	float v[64];
	size_t n = size / 4 < 64 ? size / 4 : 64;
	const char *why;

	try_json(data, size);
	for (int type = VECTOR_REAL; type <= VECTOR_HALFVEC; type++)
		try_binary(type, data, size);
	memcpy(v, data, n * 4);
	if (n > 0 && vector_check(v, n, &why) == 0)
		write_all(v, n);
	return 0;
}
