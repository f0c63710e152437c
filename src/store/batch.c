#include "batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "document.h"
#include "net/db.h"
#include "output.h"
#include "record/error_record.h"
#include "record/record_out.h"
#include "server.h"
#include "store.h"
#include "store/collection_replace.h"
#include "target.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/progress.h"

/* Storing. */

/* The collection has another recipe: say which part, and what to do. */
static void
refuse_recipe(struct store *s, struct store_document *doc)
{
	const struct collection *v = &s->target.collection;
	int is_embed = doc->recipe.embed != NULL && v->embed != NULL &&
		       strcmp(doc->recipe.embed, v->embed) != 0;

	store_document_refuse(doc, ERROR_CONFIG, "wrong_recipe",
	    "it was %s by \"%.300s\", collection %s by \"%.300s\": store into "
	    "another collection, or make this recipe the collection's by "
	    "'pl-jobctl collection recipe %s --take'",
	    is_embed ? "embedded" : "cut",
	    is_embed ? doc->recipe.embed : doc->recipe.chunk, v->name,
	    is_embed ? v->embed : v->chunk, v->name);
}

static void
judge(struct store *s, struct store_document *doc,
    enum collection_verdict verdict)
{
	if (verdict == COLLECTION_STALE)
		store_document_refuse(doc, ERROR_INTERNAL, "stale_lease",
		    "the lease %s is no longer held: nothing was written",
		    doc->lease);
	else if (verdict == COLLECTION_SUPERSEDED)
		store_document_refuse(doc, ERROR_TRANSIENT, "superseded",
		    "it was deleted meanwhile, or newer content was saved, "
		    "which its own task processes: nothing was written");
	else if (verdict == COLLECTION_CHANGED)
		store_document_refuse(doc, ERROR_TRANSIENT, "content_changed",
		    "newer content was saved for another collection: the next "
		    "attempt stores it into %s, too; nothing was written",
		    s->target.collection.name);
	else if (verdict == COLLECTION_FOREIGN)
		store_document_refuse(doc, ERROR_CONFIG, "wrong_collection",
		    "its job is for another collection than %s, into which "
		    "this pl-store writes: give pl-worker and pl-store one "
		    "--collection",
		    s->target.collection.name);
	else if (verdict == COLLECTION_OTHER_RECIPE)
		refuse_recipe(s, doc);
	else if (verdict == COLLECTION_UNKNOWN &&
		 (doc->source == NULL || doc->url == NULL))
		store_document_refuse(doc, ERROR_INPUT, "unknown_document",
		    "it is not in the database, and its end record does not "
		    "name its source and url");
	else if (verdict == COLLECTION_UNKNOWN)
		store_document_refuse(doc, ERROR_INPUT, "unknown_document",
		    "it is not in the database, where another document has "
		    "its source and url");
}

static void
describe(const struct store_document *doc, struct collection_document *to)
{
	*to = (struct collection_document){.source = doc->source,
	    .url = doc->url,
	    .title = doc->title,
	    .content_hash = doc->content_hash,
	    .has_lease = doc->lease != NULL,
	    .attempt = doc->attempt,
	    .recipe = doc->recipe,
	    .chunks = (int32_t)doc->chunks,
	    .failed_chunks = (int32_t)doc->failed,
	    .first_error =
		doc->first_error.len > 0 ? doc->first_error.data : NULL,
	    .rows = &doc->rows};
	memcpy(to->id, doc->id, sizeof(to->id));
	memcpy(to->task, doc->task, sizeof(to->task));
}

static void write_documents(
    struct store *s, struct store_document **docs, size_t n);

/*
 * The transaction failed and is not tried again. If one document may be at
 * fault, write each alone, so that only the faulty one is refused.
 */
static void
settle(struct store *s, struct store_document **docs, size_t n)
{
	int may_be_one =
	    db_fault(s->server.db) == DB_DATA || db_was_stopped(s->server.db);
	int may_be_table = db_fault(s->server.db) == DB_DATA ||
			   db_fault(s->server.db) == DB_CONFIG;

	if (n == 1 || !may_be_one)
		for (size_t i = 0; i < n; i++)
			store_server_refuse(s, docs[i]);
	if (store_target_is_known(s) && may_be_table &&
	    store_target_has_changed(s)) {
		for (size_t i = 0; i < n; i++) {
			store_document_forgive(docs[i]);
			store_target_refuse(s, docs[i]);
		}
		return;
	}
	if (n > 1 && may_be_one)
		for (size_t i = 0; i < n; i++)
			write_documents(s, docs + i, 1);
}

/* Look the collection up first: documents without chunks did not need it. */
static int
replace(struct store *s, struct collection_document *docs, size_t n)
{
	if (store_target_find(s) == -1)
		return -1;
	return collection_replace(s->server.db, &s->target.collection, docs, n);
}

static void
write_documents(struct store *s, struct store_document **docs, size_t n)
{
	struct collection_document *to = x_calloc(n, sizeof(*to));
	int status;

	for (size_t i = 0; i < n; i++)
		describe(docs[i], &to[i]);
	/*
	 * Safe also after a COMMIT whose answer was lost: the result is the
	 * same.
	 */
	do
		status = replace(s, to, n);
	while (status == -1 && !db_was_stopped(s->server.db) &&
	       store_server_try_again(s, docs[0]));
	if (status == 0) {
		store_server_answered(s);
		for (size_t i = 0; i < n; i++)
			judge(s, docs[i], to[i].verdict);
	} else {
		settle(s, docs, n);
	}
	free(to);
}

static void
write_good_ones(struct store *s)
{
	struct store_document **docs =
	    x_calloc(s->batch.n_documents, sizeof(struct store_document *));
	size_t n = 0;

	for (size_t i = 0; i < s->batch.n; i++) {
		struct store_document *doc = s->batch.items[i].doc;

		if (doc == NULL || doc->fate != STORE_GOOD)
			continue;
		if (doc->chunks > 0 && doc->generation != s->target.generation)
			store_target_refuse(s, doc);
		else
			docs[n++] = doc;
	}
	if (n > 0)
		write_documents(s, docs, n);
	free(docs);
}

void
store_batch_close(struct store *s)
{
	if (s->batch.n == 0)
		return;
	if (s->batch.n_documents > 0)
		write_good_ones(s);
	for (size_t i = 0; i < s->batch.n; i++) {
		struct store_item *item = &s->batch.items[i];

		if (item->doc == NULL) {
			output_check(record_out_pass(s->output.out,
			    s->batch.lines.data + item->at, item->len));
			continue;
		}
		store_output_document(s, item->doc);
		store_document_release(s, item->doc);
	}
	s->batch.n = s->batch.n_documents = s->batch.bytes = 0;
	buf_reset(&s->batch.lines, 1 << 20);
	progress_update(s->output.progress, s->output.stored);
}

/* The batch. */

static void
add_item(struct store *s, struct store_item item)
{
	s->batch.items = x_grow(
	    s->batch.items, s->batch.n, &s->batch.cap, sizeof(*s->batch.items));
	s->batch.items[s->batch.n++] = item;
	if (s->batch.n_documents >= s->options.batch_documents ||
	    s->batch.bytes >= s->options.batch_bytes)
		store_batch_close(s);
}

void
store_batch_pass(struct store *s, const char *line, size_t n)
{
	struct store_item item = {.at = s->batch.lines.len, .len = n};

	if (s->batch.n == 0) {
		output_check(record_out_pass(s->output.out, line, n));
		return;
	}
	buf_add(&s->batch.lines, line, n);
	s->batch.bytes += n + sizeof(item);
	add_item(s, item);
}

static int
is_in_batch(const struct store *s, const struct store_document *doc)
{
	for (size_t i = 0; i < s->batch.n; i++)
		if (s->batch.items[i].doc != NULL &&
		    memcmp(s->batch.items[i].doc->id, doc->id, DIGEST_UUID) ==
			0)
			return 1;
	return 0;
}

void
store_batch_add(struct store *s, struct store_document *doc)
{
	/* If a document comes twice, the later version must win. */
	if (is_in_batch(s, doc))
		store_batch_close(s);
	s->batch.n_documents++;
	s->batch.bytes += doc->rows.len + doc->strings.len;
	add_item(s, (struct store_item){.doc = doc});
}

void
store_batch_error(struct store *s, const struct error_record *e)
{
	store_batch_close(s);
	store_output_error(s, e);
}

void
store_batch_free(struct store *s)
{
	free(s->batch.items);
	buf_free(&s->batch.lines);
}
