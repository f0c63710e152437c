#include "collect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "batch.h"
#include "chunk/chunk_id.h"
#include "document.h"
#include "embed/vector.h"
#include "output.h"
#include "record/chunk_record.h"
#include "record/error_record.h"
#include "record/recipe.h"
#include "record/record_in.h"
#include "store.h"
#include "store/collection_replace.h"
#include "target.h"

enum { OPEN_MAX = 1024 /* documents begun and not yet ended */ };

/* Put a refused document into the batch without waiting for its end record. */
static void
refuse_now(struct store *s, struct store_document *doc)
{
	store_document_detach(s, doc);
	if (doc->fate == STORE_DROPPED)
		store_document_release(s, doc);
	else
		store_batch_add(s, doc);
}

static struct store_document *
find_or_begin(struct store *s, const uint8_t *id)
{
	struct store_document *doc = store_document_find(s, id);

	if (doc != NULL)
		return doc;
	/* Input without end records must not fill the memory. */
	if (s->documents.n_open == OPEN_MAX) {
		store_document_refuse(s->documents.open[0], ERROR_INTERNAL,
		    "incomplete",
		    "its end record has not come, and %d other documents were "
		    "begun since: nothing of it was stored",
		    OPEN_MAX);
		refuse_now(s, s->documents.open[0]);
	}
	return store_document_begin(s, id);
}

/* Chunks. */

/* Count a chunk that failed, and keep the first error. */
static void
note_failed_chunk(struct store_document *doc, const struct error_record *e)
{
	char *json;

	doc->failed++;
	if (e->chunk >= 0)
		store_document_note_index(doc, e->chunk);
	if (doc->first_error.len > 0)
		return;
	json = error_record_json(e, NULL);
	buf_puts(&doc->first_error, json);
	free(json);
}

/* Refuse a chunk: write an error record in its place. */
static void
refuse_chunk(struct store *s, struct store_document *doc, uint64_t line,
    const struct chunk_record *c, const char *code, const char *message)
{
	struct error_record e = ERROR_RECORD_INIT;

	e.stage = "store";
	e.class = ERROR_INPUT;
	e.code = code;
	e.message = message;
	e.document_id = doc->id_text;
	e.chunk = c->index;
	note_failed_chunk(doc, &e);
	e.line = line;
	e.lease = c->lease;
	store_batch_error(s, &e);
}

/* Refuse a record that names no document. */
static void
refuse_record(struct store *s, const struct record *r, const char *message)
{
	struct error_record e = ERROR_RECORD_INIT;

	e.class = ERROR_INPUT;
	e.code = "bad_record";
	e.message = message;
	e.line = r->number;
	e.lease = record_str(r->root, "lease", NULL);
	store_batch_error(s, &e);
}

static int
read_id(const struct record *r, uint8_t id[static DIGEST_UUID])
{
	size_t n;
	const char *s = record_str(r->root, "document_id", &n);

	return s == NULL ? -1 : digest_uuid_parse(s, n, id);
}

/* The id that pl-chunk gave, or that it would have given for the hash. */
static void
identify(struct store_document *doc, const struct document_text *given,
    struct collection_chunk *row)
{
	if (given->s != NULL &&
	    digest_uuid_parse(given->s, given->n, row->id) == 0)
		return;
	if (doc->ident == NULL) {
		doc->ident = chunk_id_new();
		chunk_id_start(doc->ident, doc->id);
	}
	chunk_id_make(doc->ident, row->hash, row->hash_len, row->id);
}

static void
read_headings(struct store *s, yyjson_val *v, struct collection_chunk *row)
{
	size_t n = yyjson_arr_size(v), i, max;
	yyjson_val *item;

	if (v == NULL)
		return;
	if (n >= s->collect.cap_headings) {
		s->collect.cap_headings = n + 16;
		s->collect.headings = x_realloc(s->collect.headings,
		    s->collect.cap_headings, sizeof(*s->collect.headings));
		s->collect.heading_lens = x_realloc(s->collect.heading_lens,
		    s->collect.cap_headings, sizeof(*s->collect.heading_lens));
	}
	row->headings = s->collect.headings;
	row->heading_lens = s->collect.heading_lens;
	row->n_headings = n;
	yyjson_arr_foreach(v, i, max, item)
	{
		s->collect.headings[i] = yyjson_get_str(item);
		s->collect.heading_lens[i] = yyjson_get_len(item);
	}
}

/*
 * Check that model and width fit the collection. 0, or -1 after the whole
 * document was refused.
 */
static int
check_model(struct store *s, struct store_document *doc, const char *model,
    size_t width)
{
	const struct collection *v = &s->target.collection;

	if (model == NULL || *model == '\0') {
		store_document_refuse(doc, ERROR_CONFIG, "no_model",
		    "its chunks name no model: add the key \"model\"");
		return -1;
	}
	if (store_target_know(s, doc, model, width) == -1)
		return -1;
	if (strcmp(model, v->model) != 0)
		store_document_refuse(doc, ERROR_CONFIG, "wrong_model",
		    "its chunks are embedded by %s, collection %s by %s: embed "
		    "with that model, or store into another --collection",
		    model, v->name, v->model);
	else if (width != (size_t)v->dimensions)
		store_document_refuse(doc, ERROR_CONFIG, "wrong_dimensions",
		    "its vectors have %zu dimensions, collection %s has %d: "
		    "embed with that width, or store into another "
		    "--collection",
		    width, v->name, v->dimensions);
	return doc->fate == STORE_GOOD ? 0 : -1;
}

static int
read_vector(struct store *s, yyjson_val *v, size_t width, const char **why)
{
	if (width > s->collect.cap_vector) {
		s->collect.cap_vector = width;
		s->collect.vector = x_realloc(
		    s->collect.vector, width, sizeof(*s->collect.vector));
	}
	return vector_read(v, s->collect.vector, width, why);
}

/* Append the chunk's row. */
static int
add_row(
    struct store *s, struct store_document *doc, const struct chunk_record *c)
{
	struct collection_chunk row = {.index = (int32_t)c->index,
	    .text = c->text.s,
	    .text_len = c->text.n,
	    .context = c->context.s,
	    .context_len = c->context.n,
	    .hash = c->hash.s,
	    .hash_len = c->hash.n,
	    .start = c->start,
	    .end = c->end,
	    .tokens = c->tokens,
	    .embedding = s->collect.vector};
	char hex[DIGEST_HEX], *json = NULL;
	int status;

	memcpy(row.document_id, doc->id, DIGEST_UUID);
	if (row.hash == NULL) {
		chunk_record_hash(c, hex);
		row.hash = hex;
		row.hash_len = DIGEST_HEX - 1;
	}
	read_headings(s, c->headings, &row);
	if (yyjson_obj_size(c->metadata) > 0)
		json = yyjson_val_write_opts(
		    c->metadata, 0, s->collect.memory, &row.metadata_len, NULL);
	row.metadata = json;
	identify(doc, &c->id, &row);
	status = collection_row(&doc->rows, &s->target.collection, &row);
	if (json != NULL)
		s->collect.memory->free(s->collect.memory->ctx, json);
	return status;
}

/* Read the vector, and check that it fits the collection. 0 or -1. */
static int
take_vector(struct store *s, struct store_document *doc, uint64_t line,
    const struct chunk_record *c)
{
	size_t width = vector_width(c->embedding);
	const char *why;

	if (width == 0) {
		refuse_chunk(s, doc, line, c, "bad_embedding",
		    "embedding is not an array of 1 to 16000 numbers, nor "
		    "base64 of float32");
		return -1;
	}
	if (check_model(s, doc, c->model, width) == -1)
		return -1;
	if (read_vector(s, c->embedding, width, &why) == -1) {
		char message[128];

		snprintf(message, sizeof(message), "embedding: %s", why);
		refuse_chunk(s, doc, line, c, "bad_embedding", message);
		return -1;
	}
	return 0;
}

void
store_collect_chunk(struct store *s, const struct record *r)
{
	struct store_document *doc;
	struct chunk_record c;
	int status = chunk_record_read(&c, r);

	if (!c.has_document) {
		refuse_record(s, r, c.why);
		return;
	}
	doc = find_or_begin(s, c.document_id);
	if (doc->fate != STORE_GOOD)
		return;
	if (status == -1) {
		refuse_chunk(s, doc, r->number, &c, c.code, c.why);
		return;
	}
	if (c.embedding == NULL) {
		store_document_refuse(doc, ERROR_CONFIG, "no_embedding",
		    "its chunks have no embedding: pl-embed must come before "
		    "pl-store");
		return;
	}
	if (take_vector(s, doc, r->number, &c) == -1)
		return;
	/*
	 * The collection has changed since the first row: the rows may not fit.
	 */
	if (doc->chunks > 0 && doc->generation != s->target.generation) {
		store_target_refuse(s, doc);
		return;
	}
	doc->generation = s->target.generation;
	if (add_row(s, doc, &c) == -1) {
		refuse_chunk(s, doc, r->number, &c, "bad_embedding",
		    "embedding: a number is beyond 65504, the most that "
		    "halfvec holds");
		return;
	}
	doc->chunks++;
	store_document_note_index(doc, c.index);
}

/* The end of a document. */

/* "TASK_UUID:ATTEMPT" */
static int
read_lease(struct store_document *doc)
{
	const char *colon = strchr(doc->lease, ':');

	if (colon == NULL || digest_uuid_parse(doc->lease,
				 (size_t)(colon - doc->lease), doc->task) == -1)
		return -1;
	return num_int(colon + 1, 0, INT32_MAX, &doc->attempt);
}

/* Append a string to the strings of the document; its offset, or SIZE_MAX. */
static size_t
keep_string(struct store_document *doc, const char *s, size_t n)
{
	size_t at = doc->strings.len;

	if (s == NULL)
		return SIZE_MAX;
	buf_add(&doc->strings, s, n);
	buf_putc(&doc->strings, '\0');
	return at;
}

/* As keep_string, of a value as JSON, if it is an object. */
static size_t
keep_object(struct store *s, struct store_document *doc, yyjson_val *value)
{
	size_t at, n;
	char *json;

	if (!yyjson_is_obj(value))
		return SIZE_MAX;
	json = yyjson_val_write_opts(value, 0, s->collect.memory, &n, NULL);
	at = keep_string(doc, json, n);
	if (json != NULL)
		s->collect.memory->free(s->collect.memory->ctx, json);
	return at;
}

static size_t
keep_member(struct store_document *doc, yyjson_val *object, const char *key)
{
	size_t n;
	const char *s = record_str(object, key, &n);

	return keep_string(doc, s, n);
}

static void
read_strings(struct store *s, struct store_document *doc, yyjson_val *root)
{
	static const char *const keys[] = {
	    "source", "url", "title", "content_hash", "lease"};
	yyjson_val *recipe = yyjson_obj_get(root, "recipe");
	const char **to[] = {&doc->source, &doc->url, &doc->title,
	    &doc->content_hash, &doc->lease, &doc->recipe.chunk,
	    &doc->recipe.embed, &doc->recipe.query};
	size_t at[8];

	for (int i = 0; i < 5; i++)
		at[i] = keep_member(doc, root, keys[i]);
	at[5] = keep_member(doc, recipe, "chunk");
	at[6] = keep_member(doc, recipe, "embed");
	at[7] = keep_object(s, doc, yyjson_obj_get(root, "query"));
	/* Now the strings stay where they are. */
	for (int i = 0; i < 8; i++)
		*to[i] = at[i] == SIZE_MAX ? NULL : doc->strings.data + at[i];
}

static int
is_too_long(const char *part)
{
	return part != NULL && strlen(part) > RECIPE_PART_MAX;
}

/* All chunks were refused: refuse the document with the first error. */
static void
refuse_for_first_error(struct store_document *doc, int64_t count)
{
	struct error_words words; /* not used: the strings are already short */
	struct error_record e;

	doc->reason =
	    yyjson_read(doc->first_error.data, doc->first_error.len, 0);
	error_record_get(
	    yyjson_doc_get_root(doc->reason), ERROR_INPUT, &e, &words);
	store_document_refuse(doc, ERROR_INPUT,
	    e.code ? e.code : "no_chunks_left",
	    count == 1 ? "%s (its only chunk was refused)"
		       : "%s (all of its %" PRId64 " chunks were refused)",
	    e.message ? e.message : "refused", count);
	doc->stage = e.stage;
}

/* Refuse the document unless each chunk came once and its lease is valid. */
static void
check_complete(struct store_document *doc, int64_t count)
{
	if (count < 0)
		store_document_refuse(doc, ERROR_INPUT, "bad_record",
		    "its end record does not say the number of chunks");
	else if (doc->twice)
		store_document_refuse(doc, ERROR_INTERNAL, "incomplete",
		    "a chunk came twice: nothing of it was stored");
	else if (doc->chunks + doc->failed != count)
		store_document_refuse(doc, ERROR_INTERNAL, "incomplete",
		    "%" PRId64 " of its %" PRId64 " chunks came: nothing of "
		    "it was stored",
		    doc->chunks + doc->failed, count);
	else if (doc->top >= count)
		store_document_refuse(doc, ERROR_INTERNAL, "incomplete",
		    "its end record says %" PRId64 " chunk%s, but chunk "
		    "%" PRId64 " came (they count from 0): nothing of it was "
		    "stored",
		    count, count == 1 ? "" : "s", doc->top);
	else if (doc->failed > 0 && doc->chunks == 0)
		refuse_for_first_error(doc, count);
	else if (doc->lease != NULL && read_lease(doc) == -1)
		store_document_refuse(doc, ERROR_INPUT, "bad_record",
		    "its lease is not TASK:ATTEMPT");
	else if (is_too_long(doc->recipe.chunk) ||
		 is_too_long(doc->recipe.embed) ||
		 is_too_long(doc->recipe.query))
		store_document_refuse(doc, ERROR_CONFIG, "bad_recipe",
		    "a part of its recipe, or its query, is longer than %d "
		    "bytes",
		    RECIPE_PART_MAX);
}

void
store_collect_end(struct store *s, const struct record *r)
{
	struct store_document *doc;
	uint8_t id[DIGEST_UUID];

	if (read_id(r, id) == -1) {
		refuse_record(s, r, "end: document_id is not a UUID");
		return;
	}
	doc = find_or_begin(s, id);
	store_document_detach(s, doc);
	if (doc->fate == STORE_DROPPED) {
		store_document_release(s, doc);
		return;
	}
	read_strings(s, doc, r->root);
	check_complete(doc, record_int(r->root, "chunks", -1));
	store_batch_add(s, doc);
}

void
store_collect_error(struct store *s, const struct record *r)
{
	int64_t index = record_int(r->root, "chunk", -1);
	struct store_document *doc;
	uint8_t id[DIGEST_UUID];

	if (read_id(r, id) == 0) {
		doc = index >= 0 ? find_or_begin(s, id)
				 : store_document_find(s, id);
		if (doc != NULL)
			store_output_note_partial(s);
		if (doc == NULL || doc->fate != STORE_GOOD) {
			;
		} else if (index >= 0 && index <= CHUNK_RECORD_INDEX_MAX &&
			   error_record_class_parse(record_str(
			       r->root, "class", NULL)) == ERROR_INPUT) {
			struct error_words words;
			struct error_record e;

			error_record_get(r->root, ERROR_INPUT, &e, &words);
			note_failed_chunk(doc, &e);
		} else {
			store_document_drop(doc);
		}
	}
	store_batch_pass(s, r->line, r->len);
}

void
store_collect_finish(struct store *s)
{
	while (s->documents.n_open > 0) {
		store_document_refuse(s->documents.open[0], ERROR_INTERNAL,
		    "incomplete",
		    "its end record never came: nothing of it was stored");
		refuse_now(s, s->documents.open[0]);
	}
	store_batch_close(s);
}

void
store_collect_free(struct store *s)
{
	free(s->collect.vector);
	free(s->collect.headings);
	free(s->collect.heading_lens);
	yyjson_alc_dyn_free(s->collect.memory);
}
