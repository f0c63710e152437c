#include "document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "chunk/chunk_id.h"
#include "record/error_record.h"
#include "store.h"

enum {
	ROWS_KEEP = 256 << 10, /* memory kept in a spare document */
	SMALL_KEEP = 4 << 10
};

struct store_document *
store_document_begin(struct store *s, const uint8_t *id)
{
	struct store_document *doc;

	if (s->documents.n_spare > 0)
		doc = s->documents.spare[--s->documents.n_spare];
	else
		doc = x_calloc(1, sizeof(*doc));
	memcpy(doc->id, id, DIGEST_UUID);
	digest_uuid_text(id, doc->id_text);
	doc->top = -1;
	s->documents.open = x_grow(s->documents.open, s->documents.n_open,
	    &s->documents.cap_open, sizeof(struct store_document *));
	s->documents.open[s->documents.n_open++] = doc;
	return doc;
}

void
store_document_detach(struct store *s, const struct store_document *doc)
{
	size_t i = s->documents.n_open;

	while (s->documents.open[--i] != doc)
		;
	memmove(s->documents.open + i, s->documents.open + i + 1,
	    (--s->documents.n_open - i) * sizeof(struct store_document *));
}

/* Empty a document, keeping a little of its memory. */
static void
clear(struct store_document *doc)
{
	struct store_document kept = *doc;

	buf_reset(&kept.rows, ROWS_KEEP);
	buf_reset(&kept.seen, SMALL_KEEP);
	buf_reset(&kept.strings, SMALL_KEEP);
	buf_reset(&kept.why, SMALL_KEEP);
	buf_reset(&kept.first_error, SMALL_KEEP);
	chunk_id_free(kept.ident);
	yyjson_doc_free(kept.reason);
	*doc = (struct store_document){.rows = kept.rows,
	    .seen = kept.seen,
	    .strings = kept.strings,
	    .first_error = kept.first_error,
	    .why = kept.why};
}

void
store_document_release(struct store *s, struct store_document *doc)
{
	clear(doc);
	s->documents.spare = x_grow(s->documents.spare, s->documents.n_spare,
	    &s->documents.cap_spare, sizeof(struct store_document *));
	s->documents.spare[s->documents.n_spare++] = doc;
}

static void
free_document(struct store_document *doc)
{
	buf_free(&doc->rows);
	buf_free(&doc->seen);
	buf_free(&doc->strings);
	buf_free(&doc->why);
	buf_free(&doc->first_error);
	chunk_id_free(doc->ident);
	yyjson_doc_free(doc->reason);
	free(doc);
}

void
store_document_refuse(struct store_document *doc, enum error_class class,
    const char *code, const char *fmt, ...)
{
	va_list args;
	char why[2048];

	if (doc->fate != STORE_GOOD)
		return;
	doc->fate = STORE_REFUSED;
	doc->class = class;
	doc->code = code;
	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	buf_puts(&doc->why, why);
	/* The rows are not needed any more. */
	buf_reset(&doc->rows, ROWS_KEEP);
}

struct store_document *
store_document_find(struct store *s, const uint8_t *id)
{
	/* It is nearly always the last one. */
	for (size_t i = s->documents.n_open; i > 0; i--)
		if (memcmp(s->documents.open[i - 1]->id, id, DIGEST_UUID) == 0)
			return s->documents.open[i - 1];
	return NULL;
}

void
store_document_drop(struct store_document *doc)
{
	doc->fate = STORE_DROPPED;
	buf_reset(&doc->rows, ROWS_KEEP);
}

void
store_document_note_index(struct store_document *doc, int64_t index)
{
	size_t byte = (size_t)index / 8;
	char bit = (char)(1 << index % 8);

	if (index > doc->top)
		doc->top = index;
	if (byte >= doc->seen.len) {
		size_t more = byte + 1 - doc->seen.len;

		memset(buf_reserve(&doc->seen, more), 0, more);
		doc->seen.len += more;
	}
	if (doc->seen.data[byte] & bit)
		doc->twice = 1;
	doc->seen.data[byte] |= bit;
}

void
store_document_forgive(struct store_document *doc)
{
	doc->fate = STORE_GOOD;
	buf_reset(&doc->why, 0);
}

void
store_document_free_all(struct store *s)
{
	for (size_t i = 0; i < s->documents.n_open; i++)
		free_document(s->documents.open[i]);
	for (size_t i = 0; i < s->documents.n_spare; i++)
		free_document(s->documents.spare[i]);
	free(s->documents.open);
	free(s->documents.spare);
}
