/* The batch: one transaction for several documents, and its troubles. */
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/num.h"
#include "base/time.h"
#include "net/db.h"
#include "tool/cli.h"
#include "tool/output.h"

/* Storing. */

static void
judge(struct store_document *doc, enum collection_verdict verdict)
{
	if (verdict == COLLECTION_STALE)
		store_refuse(doc, ERROR_INTERNAL, "stale_lease",
		    "the lease %s is no longer held: nothing was written",
		    doc->lease);
	else if (verdict == COLLECTION_SUPERSEDED)
		store_refuse(doc, ERROR_TRANSIENT, "superseded",
		    "newer content was saved meanwhile, and is processed by "
		    "its own task: nothing was written");
	else if (verdict == COLLECTION_UNKNOWN &&
		 (doc->source == NULL || doc->url == NULL))
		store_refuse(doc, ERROR_INPUT, "unknown_document",
		    "it is not in the database, and its end record does not "
		    "name its source and url");
	else if (verdict == COLLECTION_UNKNOWN)
		store_refuse(doc, ERROR_INPUT, "unknown_document",
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
	    .chunks = (int32_t)doc->chunks,
	    .rows = &doc->rows};
	memcpy(to->id, doc->id, sizeof(to->id));
	memcpy(to->task, doc->task, sizeof(to->task));
}

static void store_documents(
    struct store *s, struct store_document **docs, size_t n);

/*
 * The transaction failed for good. When one document may be at fault, each is
 * tried alone, so that only that one is refused.
 */
static void
settle(struct store *s, struct store_document **docs, size_t n)
{
	int may_be_one = db_fault(s->db) == DB_DATA ||
			 strcmp(db_sqlstate(s->db), "57014") == 0;
	int may_be_table =
	    db_fault(s->db) == DB_DATA || db_fault(s->db) == DB_CONFIG;

	if (n == 1 || !may_be_one)
		for (size_t i = 0; i < n; i++)
			store_refuse_by_fault(s, docs[i]);
	if (*s->v.table != '\0' && may_be_table && store_has_changed(s)) {
		for (size_t i = 0; i < n; i++) {
			docs[i]->fate = STORE_GOOD;
			buf_reset(&docs[i]->why, 0);
			store_refuse(docs[i], ERROR_TRANSIENT,
			    "collection_changed",
			    "collection %s was changed by another program "
			    "meanwhile: run it again",
			    s->v.name);
		}
		return;
	}
	if (n > 1 && may_be_one)
		for (size_t i = 0; i < n; i++)
			store_documents(s, docs + i, 1);
}

/* Without any chunk the collection is not looked up before. */
static int
replace(struct store *s, struct collection_document *docs, size_t n)
{
	int found;

	if (*s->v.table == '\0' && collection_find(s->db, &s->v, &found) == -1)
		return -1;
	return collection_replace(s->db, &s->v, docs, n);
}

static void
store_documents(struct store *s, struct store_document **docs, size_t n)
{
	struct collection_document *to = x_calloc(n, sizeof(*to));
	int failures = 0;
	int status;

	for (size_t i = 0; i < n; i++)
		describe(docs[i], &to[i]);
	/* Also after a COMMIT whose answer was lost: the result is the same. */
	do
		status = replace(s, to, n);
	while (status == -1 && store_try_again(s, ++failures));
	if (status == 0) {
		store_server_is_back(s);
		for (size_t i = 0; i < n; i++)
			judge(docs[i], to[i].verdict);
	} else {
		settle(s, docs, n);
	}
	free(to);
}

static void
store_good_ones(struct store *s)
{
	struct store_document **docs =
	    x_calloc(s->n_documents, sizeof(struct store_document *));
	size_t n = 0;

	for (size_t i = 0; i < s->n_items; i++) {
		struct store_document *doc = s->items[i].doc;

		if (doc == NULL || doc->fate != STORE_GOOD)
			continue;
		if (doc->chunks > 0 && doc->generation != s->generation)
			store_refuse(doc, ERROR_TRANSIENT, "collection_changed",
			    "collection %s was changed by another program "
			    "meanwhile: run it again",
			    s->v.name);
		else
			docs[n++] = doc;
	}
	if (n > 0)
		store_documents(s, docs, n);
	free(docs);
}

void
store_close_batch(struct store *s)
{
	if (s->n_items == 0)
		return;
	if (s->n_documents > 0)
		store_good_ones(s);
	for (size_t i = 0; i < s->n_items; i++) {
		struct store_item *item = &s->items[i];

		if (item->doc == NULL) {
			output_check(record_out_pass(
			    s->out, s->held.data + item->at, item->len));
			continue;
		}
		store_put_document(s, item->doc);
		store_release(s, item->doc);
	}
	s->n_items = s->n_documents = s->bytes = 0;
	buf_reset(&s->held, 1 << 20);
	cli_progress(s->progress, s->stored);
}

/* The batch. */

static void
add_item(struct store *s, struct store_item item)
{
	if (s->n_items == s->cap_items) {
		s->cap_items = s->cap_items ? 2 * s->cap_items : 64;
		s->items = x_realloc(s->items, s->cap_items, sizeof(*s->items));
	}
	s->items[s->n_items++] = item;
	if (s->n_documents >= s->batch_documents || s->bytes >= s->batch_bytes)
		store_close_batch(s);
}

void
store_pass(struct store *s, const char *line, size_t n)
{
	struct store_item item = {.at = s->held.len, .len = n};

	if (s->n_items == 0) {
		output_check(record_out_pass(s->out, line, n));
		return;
	}
	buf_add(&s->held, line, n);
	s->bytes += n + sizeof(item);
	add_item(s, item);
}

static int
is_in_batch(const struct store *s, const struct store_document *doc)
{
	for (size_t i = 0; i < s->n_items; i++)
		if (s->items[i].doc != NULL &&
		    memcmp(s->items[i].doc->id, doc->id, DIGEST_UUID) == 0)
			return 1;
	return 0;
}

void
store_add(struct store *s, struct store_document *doc)
{
	/* Of one document's two versions the later one must win. */
	if (is_in_batch(s, doc))
		store_close_batch(s);
	s->n_documents++;
	s->bytes += doc->rows.len + doc->strings.len;
	add_item(s, (struct store_item){.doc = doc});
}

void
store_error(struct store *s, const struct error_record *e)
{
	struct error_record copy = *e;

	store_close_batch(s);
	store_put_error(s, &copy);
}
