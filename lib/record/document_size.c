#include "record/document_size.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "record/document.h"

/* A key's quotes, colon and comma. */
enum { KEY = 4 };

/*
 * Bytes of a text as a member of an object: key, quotes and escapes included.
 */
static size_t
member_size(const char *key, struct document_text text)
{
	size_t n = strlen(key) + KEY + 2 + text.n;

	if (text.s == NULL)
		return 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.s[i];

		if (c == '"' || c == '\\')
			n++;
		else if (c < ' ')
			n += strchr("\b\f\n\r\t", c) && c != 0 ? 1 : 5;
	}
	return n;
}

static size_t
metadata_size(const struct document *d)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	size_t n = 0;

	free(yyjson_mut_val_write(document_metadata(d, doc), 0, &n));
	yyjson_mut_doc_free(doc);
	return strlen("metadata") + KEY + n;
}

size_t
document_size(const struct document *d)
{
	return strlen("{\"type\":\"document\"}") +
	       member_size("id", document_text(d->id)) +
	       member_size("source", d->source) + member_size("url", d->url) +
	       member_size("title", d->title) +
	       member_size("content", d->content) +
	       member_size("content_type", d->content_type) +
	       (*d->content_hash != '\0' ? member_size("content_hash",
					       document_text(d->content_hash))
					 : 0) +
	       metadata_size(d) + member_size("lease", d->lease);
}
