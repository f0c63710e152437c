/*
 * chunk_record: any JSON as a chunk. The values read are within bounds. With a
 * model and a vector added, the record is JSON again, with only these.
 */
#include "record/chunk_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "record/record_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_fields(const struct chunk_record *c, int status)
{
	size_t i, n;
	yyjson_val *v;

	if (status == -1) {
		if (c->code == NULL || *c->why == '\0')
			abort();
		return;
	}
	if (!c->has_document || c->index < 0 || c->text.s == NULL ||
	    c->start < -1 || c->end < -1 || c->tokens < -1)
		abort();
	yyjson_arr_foreach(c->headings, i, n, v)
	{
		if (!yyjson_is_str(v))
			abort();
	}
}

/* Add a vector to a copy, and check that it is there. */
static void
try_vector(const struct record *r)
{
	struct buf b = {0};
	size_t repaired, at;
	const char *why;
	yyjson_doc *doc;
	yyjson_val *root;

	chunk_record_open(&b, r);
	/* A record without any members has no comma to begin with. */
	if (yyjson_obj_size(r->root) > 0 && b.data[b.len - 1] != '{') {
		chunk_record_put_model(&b, "m");
		buf_puts(&b, "[1]}");
		doc = record_parse(b.data, b.len, &repaired, &at, &why, &at);
		root = yyjson_doc_get_root(doc);
		if (repaired > 0 ||
		    !yyjson_equals_str(yyjson_obj_get(root, "model"), "m") ||
		    yyjson_arr_size(yyjson_obj_get(root, "embedding")) != 1)
			abort();
		yyjson_doc_free(doc);
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct record_in *in = record_in_open(-1, NULL);
	struct record r = {.line = (const char *)data, .len = n, .number = 1};
	struct chunk_record c;
	char hex[DIGEST_HEX];

	if (n > 0 && record_in_parse(in, &r) == RECORD_OK) {
		int status = chunk_record_read(&c, &r);

		check_fields(&c, status);
		if (status == 0)
			chunk_record_hash(&c, hex);
		if (chunk_record_read_text(&c, &r) == 0)
			try_vector(&r);
	}
	record_in_close(in);
	return 0;
}
