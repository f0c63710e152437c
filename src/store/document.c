#include "store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "chunk/chunk_id.h"

enum {
	ROWS_KEEP = 256 << 10, /* memory kept in a spare document */
	SMALL_KEEP = 4 << 10
};

struct store_document *
store_begin(struct store *s, const uint8_t *id)
{
	struct store_document *doc;

	if (s->n_spare > 0)
		doc = s->spare[--s->n_spare];
	else
		doc = x_calloc(1, sizeof(*doc));
	memcpy(doc->id, id, DIGEST_UUID);
	digest_uuid_text(id, doc->id_text);
	doc->top = -1;
	if (s->n_open == s->cap_open) {
		s->cap_open = s->cap_open ? 2 * s->cap_open : 16;
		s->open = x_realloc(
		    s->open, s->cap_open, sizeof(struct store_document *));
	}
	s->open[s->n_open++] = doc;
	return doc;
}

/* Take the document out of those that are open. */
void
store_detach(struct store *s, const struct store_document *doc)
{
	size_t i = s->n_open;

	while (s->open[--i] != doc)
		;
	memmove(s->open + i, s->open + i + 1,
	    (--s->n_open - i) * sizeof(struct store_document *));
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
	chunk_id_free(kept.ident);
	*doc = (struct store_document){.rows = kept.rows,
	    .seen = kept.seen,
	    .strings = kept.strings,
	    .why = kept.why};
}

void
store_release(struct store *s, struct store_document *doc)
{
	clear(doc);
	if (s->n_spare == s->cap_spare) {
		s->cap_spare = s->cap_spare ? 2 * s->cap_spare : 16;
		s->spare = x_realloc(
		    s->spare, s->cap_spare, sizeof(struct store_document *));
	}
	s->spare[s->n_spare++] = doc;
}

void
store_free_document(struct store_document *doc)
{
	buf_free(&doc->rows);
	buf_free(&doc->seen);
	buf_free(&doc->strings);
	buf_free(&doc->why);
	chunk_id_free(doc->ident);
	free(doc);
}

void
store_refuse(struct store_document *doc, enum error_class class,
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
	/* Its rows will not be needed. */
	buf_reset(&doc->rows, ROWS_KEEP);
}

struct store_document *
store_find_open(struct store *s, const uint8_t *id)
{
	/* Nearly always the last one. */
	for (size_t i = s->n_open; i > 0; i--)
		if (memcmp(s->open[i - 1]->id, id, DIGEST_UUID) == 0)
			return s->open[i - 1];
	return NULL;
}

void
store_drop(struct store_document *doc)
{
	doc->fate = STORE_DROPPED;
	buf_reset(&doc->rows, ROWS_KEEP);
}
