#include "store/intake_batch.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "net/db_values.h"
#include "record/document.h"
#include "record/error_record.h"
#include "record/record.h"

enum { ROW_FIELDS = 11, KEEP = 16 << 20 };

void
intake_batch_empty(struct intake_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->row[i].url);
	b->n = b->first = b->end = 0;
	buf_reset(&b->rows, KEEP);
}

static int
in_batch(const struct intake_batch *b, const uint8_t *id)
{
	for (size_t i = 0; i < b->n; i++)
		if (memcmp(b->row[i].id, id, DIGEST_UUID) == 0)
			return 1;
	return 0;
}

static struct intake_row *
begin_row(struct intake_batch *b, int kind, const uint8_t *id,
    struct document_text url)
{
	struct intake_row *row;
	char letter = (char)kind;

	b->row = x_grow(b->row, b->n, &b->cap, sizeof(*b->row));
	row = &b->row[b->n];
	*row = (struct intake_row){.kind = kind, .offset = b->rows.len};
	memcpy(row->id, id, DIGEST_UUID);
	row->url = url.s ? x_memdup(url.s, url.n) : NULL;
	db_row(&b->rows, ROW_FIELDS);
	db_row_text(&b->rows, &letter, 1);
	db_row_uuid(&b->rows, id);
	return row;
}

static void
end_row(struct intake_batch *b)
{
	b->row[b->n].len = b->rows.len - b->row[b->n].offset;
	b->n++;
}

static void
row_text(struct intake_batch *b, struct document_text t)
{
	db_row_text(&b->rows, t.s, t.n);
}

/* Remember the source that the next save must create. */
static void
note_source(
    struct intake_batch *b, struct document_text name, const uint8_t *id)
{
	if (b->source_name != NULL && strlen(b->source_name) == name.n &&
	    memcmp(b->source_name, name.s, name.n) == 0)
		return;
	/* Another source: the next save creates it, too. */
	free(b->source_name);
	b->source_name = x_memdup(name.s, name.n);
	memcpy(b->source_id, id, DIGEST_UUID);
	b->source_saved = 0;
}

static void
row_metadata(struct intake_batch *b, const struct document *doc)
{
	yyjson_mut_doc *out = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *metadata = document_metadata(doc, out);
	size_t n = 0;
	char *json = yyjson_mut_val_write(metadata, 0, &n);

	if (json != NULL)
		db_row_jsonb(&b->rows, json, n);
	else
		db_row_jsonb(&b->rows, "{}", 2);
	free(json);
	yyjson_mut_doc_free(out);
}

int
intake_batch_add(struct intake_batch *b, const struct document *doc)
{
	int saved = doc->content.s == NULL;
	struct intake_row *row;

	if (in_batch(b, doc->uuid) ||
	    (!saved && b->n > 0 && b->source_name != NULL && !b->source_saved &&
		memcmp(b->source_id, doc->source_id, DIGEST_UUID) != 0))
		return 1;
	row = begin_row(
	    b, saved ? INTAKE_SAVED : INTAKE_DOCUMENT, doc->uuid, doc->url);
	if (saved) {
		for (int i = 2; i < ROW_FIELDS; i++)
			db_row_null(&b->rows);
		end_row(b);
		return 0;
	}
	note_source(b, doc->source, doc->source_id);
	memcpy(row->source_id, doc->source_id, DIGEST_UUID);
	db_row_uuid(&b->rows, doc->source_id);
	row_text(b, doc->url);
	row_text(b, doc->title);
	row_text(b, doc->content);
	row_text(b, doc->content_type);
	row_text(b, document_text(doc->content_hash));
	row_metadata(b, doc);
	db_row_null(&b->rows);
	db_row_null(&b->rows);
	end_row(b);
	return 0;
}

/* Append the value for the error columns of documents and job_documents. */
static void
row_error(struct intake_batch *b, const struct error_record *e)
{
	size_t n = 0;
	char *json = error_record_json(e, &n);

	db_row_jsonb(&b->rows, json, n);
	free(json);
}

int
intake_batch_add_failed(
    struct intake_batch *b, const char *source, const struct error_record *e)
{
	struct document doc = {
	    .source = document_text(source), .url = document_text(e->url)};
	struct intake_row *row;

	document_identify(&doc);
	if (in_batch(b, doc.uuid) ||
	    (b->n > 0 && b->source_name != NULL && !b->source_saved &&
		memcmp(b->source_id, doc.source_id, DIGEST_UUID) != 0))
		return 1;
	note_source(b, doc.source, doc.source_id);
	row = begin_row(b, INTAKE_FAILED, doc.uuid, doc.url);
	memcpy(row->source_id, doc.source_id, DIGEST_UUID);
	db_row_uuid(&b->rows, doc.source_id);
	row_text(b, doc.url);
	for (int i = 4; i < ROW_FIELDS - 2; i++)
		db_row_null(&b->rows);
	row_text(b, document_text(e->stage));
	row_error(b, e);
	end_row(b);
	return 0;
}

int
intake_batch_has(const struct intake_batch *b, int kind)
{
	for (size_t i = b->first; i < b->end; i++)
		if (b->row[i].kind == kind)
			return 1;
	return 0;
}

void
intake_batch_rows(const struct intake_batch *b, struct buf *rows)
{
	const struct intake_row *first = &b->row[b->first];
	const struct intake_row *last = &b->row[b->end - 1];

	*rows = (struct buf){0};
	rows->data = b->rows.data + first->offset;
	rows->len = last->offset + last->len - first->offset;
}

void
intake_batch_free(struct intake_batch *b)
{
	intake_batch_empty(b);
	free(b->row);
	free(b->source_name);
	buf_free(&b->rows);
}
