/*
 * document: any JSON as a document. The texts read lie within the record, and
 * the written record is read to the same bytes.
 */
#include "record/document.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Read the document in text and write it; NULL if there is none. */
static char *
write_again(const char *text, size_t n, const char *content_key, size_t *length)
{
	struct document_defaults defaults = {
	    .position = "in#1", .content_key = content_key};
	size_t repaired, at;
	const char *why = NULL;
	yyjson_doc *json = record_parse(text, n, &repaired, &at, &why, &at);
	yyjson_mut_doc *out;
	struct document d;
	char *written = NULL;

	if (!yyjson_is_obj(yyjson_doc_get_root(json))) {
		yyjson_doc_free(json);
		return NULL;
	}
	if (document_read(&d, yyjson_doc_get_root(json), &defaults, &why) ==
	    -1) {
		if (why == NULL || d.code == NULL)
			abort();
	} else {
		if (strlen(d.id) != DIGEST_UUID_TEXT - 1 ||
		    (d.content.s != NULL) != (*d.content_hash != '\0'))
			abort();
		out = yyjson_mut_doc_new(NULL);
		yyjson_mut_doc_set_root(out, yyjson_mut_obj(out));
		yyjson_mut_obj_add_strn(out, yyjson_mut_doc_get_root(out),
		    "url", d.url.s ? d.url.s : "", d.url.n);
		yyjson_mut_obj_add_strn(out, yyjson_mut_doc_get_root(out),
		    "content", d.content.s ? d.content.s : "", d.content.n);
		yyjson_mut_obj_add_val(out, yyjson_mut_doc_get_root(out),
		    "metadata", document_metadata(&d, out));
		written = yyjson_mut_write(out, 0, length);
		if (written == NULL)
			abort();
		yyjson_mut_doc_free(out);
	}
	yyjson_doc_free(json);
	return written;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t length, again;
	char *first, *second;

	if (n == 0)
		return 0;
	first = write_again(
	    (const char *)data, n, data[0] == ' ' ? "key" : NULL, &length);
	if (first == NULL)
		return 0;
	second = write_again(first, length, NULL, &again);
	if (second == NULL || again != length ||
	    memcmp(first, second, length) != 0)
		abort();
	free(first);
	free(second);
	return 0;
}
