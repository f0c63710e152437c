#include "store/collection_replace.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "net/db.h"
#include "net/db_copy.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_collection_replace.h"
#include "store/collection.h"

/* Rows. */

static void
put_int4_or_null(struct buf *rows, int64_t n)
{
	if (n < 0 || n > INT32_MAX)
		db_row_null(rows);
	else
		db_row_int4(rows, (int32_t)n);
}

int
collection_row(struct buf *rows, const struct collection *v,
    const struct collection_chunk *c)
{
	size_t before = rows->len, n = (size_t)v->dimensions;

	/* The columns are in the order of copy_chunks in the SQL file. */
	db_row(rows, 12);
	db_row_uuid(rows, c->id);
	db_row_uuid(rows, c->document_id);
	db_row_int4(rows, c->index);
	db_row_text(rows, c->text, c->text_len);
	db_row_text(rows, c->context, c->context_len);
	put_int4_or_null(rows, c->start);
	put_int4_or_null(rows, c->end);
	put_int4_or_null(rows, c->tokens);
	if (c->headings == NULL)
		db_row_null(rows);
	else
		db_row_texts(rows, c->headings, c->heading_lens, c->n_headings);
	db_row_text(rows, c->hash, c->hash_len);
	if (c->metadata == NULL)
		db_row_jsonb(rows, "{}", 2);
	else
		db_row_jsonb(rows, c->metadata, c->metadata_len);
	buf_be32(rows, (uint32_t)vector_binary_size(v->type, n));
	if (vector_binary_put(rows, v->type, c->embedding, n) == 0)
		return 0;
	rows->len = before;
	return -1;
}

/* Replacing. */

static void
arg_ids(
    struct db_args *a, const struct collection_document *documents, size_t n)
{
	uint8_t *ids = x_calloc(n, 16);

	for (size_t i = 0; i < n; i++)
		memcpy(ids + 16 * i, documents[i].id, 16);
	db_arg_uuids(a, ids, n);
	free(ids);
}

static void
arg_tasks(
    struct db_args *a, const struct collection_document *documents, size_t n)
{
	uint8_t *ids = x_calloc(n, 16);
	size_t tasks = 0;

	for (size_t i = 0; i < n; i++)
		if (documents[i].has_lease)
			memcpy(ids + 16 * tasks++, documents[i].task, 16);
	db_arg_uuids(a, ids, tasks);
	free(ids);
}

/* Append an array: the string member at this offset, of each document. */
static void
arg_strings(struct db_args *a, const struct collection_document *documents,
    size_t n, size_t offset)
{
	const char **s = x_calloc(n, sizeof(*s));

	for (size_t i = 0; i < n; i++)
		s[i] = *(const char *const *)(const void
			*)((const char *)&documents[i] + offset);
	db_arg_texts(a, s, n);
	free(s);
}

/*
 * Whether a worker's document was deleted since the worker loaded it, or saved
 * again with other content. The new content has a task of its own, which may
 * even be done already.
 */
static int
is_superseded(
    const struct db_result *r, int row, const struct collection_document *doc)
{
	if (!doc->has_lease)
		return 0;
	return db_bool(r, row, 3) ||
	       (doc->content_hash != NULL && !db_is_null(r, row, 2) &&
		   strcmp(db_text(r, row, 2), doc->content_hash) != 0);
}

/* The lease is held: does the job of the task store into this collection? */
static enum collection_verdict
judge_task(const struct db_result *r, int row, const struct collection *v)
{
	return db_is_null(r, row, 4) || strcmp(db_text(r, row, 4), v->name) == 0
		   ? COLLECTION_UNKNOWN
		   : COLLECTION_FOREIGN;
}

/* Take a row of lock_documents: an existing document, or a task in progress. */
static void
take_lock_row(const struct collection *v, const struct db_result *r, int row,
    struct collection_document *documents, size_t n)
{
	int is_task = !db_is_null(r, row, 1);
	uint8_t id[16];

	if (digest_uuid_parse(db_text(r, row, 0), db_length(r, row, 0), id) ==
	    -1)
		return;
	for (size_t i = 0; i < n; i++) {
		struct collection_document *doc = &documents[i];

		if (!is_task && memcmp(doc->id, id, 16) == 0 &&
		    doc->verdict == COLLECTION_UNKNOWN)
			doc->verdict = is_superseded(r, row, doc)
					   ? COLLECTION_SUPERSEDED
					   : COLLECTION_STORED;
		else if (is_task && doc->has_lease &&
			 memcmp(doc->task, id, 16) == 0 &&
			 db_int(r, row, 1) == doc->attempt &&
			 doc->verdict == COLLECTION_STALE)
			doc->verdict = judge_task(r, row, v);
	}
}

/*
 * Lock the documents and check the leases. The locks last until the end of the
 * transaction, so no task is taken over between the check and the commit. The
 * result lists tasks first, so that a stale document is not mistaken for a good
 * one.
 */
static int
lock_all(struct db *d, const struct collection *v,
    struct collection_document *documents, size_t n)
{
	struct db_args a = {0};
	struct db_result *r;

	for (size_t i = 0; i < n; i++)
		documents[i].verdict = documents[i].has_lease
					   ? COLLECTION_STALE
					   : COLLECTION_UNKNOWN;
	arg_ids(&a, documents, n);
	arg_tasks(&a, documents, n);
	r = db_run(d, sql_lock_documents, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	for (int i = 0; i < db_rows(r); i++)
		take_lock_row(v, r, i, documents, n);
	db_result_free(r);
	return 0;
}

static int
add_sources(struct db *d, const struct collection_document *documents, size_t n)
{
	uint8_t *ids = x_calloc(n, 16);
	struct db_args a = {0};
	int64_t done;

	for (size_t i = 0; i < n; i++)
		if (documents[i].source != NULL)
			digest_uuid5(digest_namespace, documents[i].source,
			    strlen(documents[i].source), ids + 16 * i);
	db_arg_uuids(&a, ids, n);
	arg_strings(
	    &a, documents, n, offsetof(struct collection_document, source));
	done = db_do(d, sql_add_sources, &a);
	db_args_free(&a);
	free(ids);
	return done == -1 ? -1 : 0;
}

static int
add_documents(
    struct db *d, const struct collection_document *documents, size_t n)
{
	struct db_args a = {0};
	int64_t done;

	arg_ids(&a, documents, n);
	arg_strings(
	    &a, documents, n, offsetof(struct collection_document, source));
	arg_strings(
	    &a, documents, n, offsetof(struct collection_document, url));
	arg_strings(
	    &a, documents, n, offsetof(struct collection_document, title));
	done = db_do(d, sql_add_documents, &a);
	db_args_free(&a);
	return done == -1 ? -1 : 0;
}

/* Add documents that nobody enqueued: the stages run without a job. */
static int
add_missing(struct db *d, const struct collection *v,
    struct collection_document *documents, size_t n)
{
	struct collection_document *missing = x_calloc(n, sizeof(*missing));
	size_t count = 0;
	int status = 0;

	for (size_t i = 0; i < n; i++)
		if (documents[i].verdict == COLLECTION_UNKNOWN &&
		    documents[i].source != NULL && documents[i].url != NULL)
			missing[count++] = documents[i];
	if (count > 0 && (add_sources(d, missing, count) == -1 ||
			     add_documents(d, missing, count) == -1 ||
			     lock_all(d, v, documents, n) == -1))
		status = -1;
	free(missing);
	return status;
}

/*
 * Newer content of the document was saved: does the collection get it without
 * this task? 0 or -1.
 */
static int
judge_superseded(struct db *d, const struct collection *v,
    struct collection_document *document)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, document->task);
	db_arg_uuid(&a, document->id);
	db_arg_int(&a, v->id);
	r = db_run(d, sql_is_superseded, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	if (db_rows(r) == 0 || !db_bool(r, 0, 0))
		document->verdict = COLLECTION_CHANGED;
	db_result_free(r);
	return 0;
}

/* This is rare, so each document is looked up by itself. */
static int
check_superseded(struct db *d, const struct collection *v,
    struct collection_document *documents, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (documents[i].verdict == COLLECTION_SUPERSEDED &&
		    judge_superseded(d, v, &documents[i]) == -1)
			return -1;
	return 0;
}

/* Compare the recipes of the documents that may be stored. */
static int
check_recipes(struct db *d, struct collection *v,
    struct collection_document *documents, size_t n)
{
	const struct collection_document *last = NULL;
	int is_good = 1;

	for (size_t i = 0; i < n; i++) {
		struct collection_document *doc = &documents[i];

		if (doc->verdict != COLLECTION_STORED)
			continue;
		/* Nearly always all are the same. */
		if (last == NULL ||
		    !collection_recipe_is_same(&last->recipe, &doc->recipe)) {
			int id;

			is_good =
			    collection_recipe_use(d, v, &doc->recipe, &id);
			doc->recipe_id = id;
		} else {
			doc->recipe_id = last->recipe_id;
		}
		if (is_good == -1)
			return -1;
		if (!is_good)
			doc->verdict = COLLECTION_OTHER_RECIPE;
		last = doc;
	}
	return 0;
}

/* An array of the numbers; -1 stands for null. */
static void
arg_recipes(
    struct db_args *a, const struct collection_document *documents, size_t n)
{
	int32_t *ids = x_calloc(n, sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = documents[i].recipe_id;
	db_arg_ints(a, ids, n);
	free(ids);
}

/* Delete the old chunks, update the rows of the documents, write the ledger. */
static int
update_documents(struct db *d, const struct collection *v,
    const struct collection_document *documents, size_t n)
{
	int32_t *counts = x_calloc(2 * n, sizeof(*counts));
	int32_t *failed = counts + n;
	struct db_args a = {0};
	struct buf sql = {0};
	int64_t done;

	for (size_t i = 0; i < n; i++) {
		counts[i] = documents[i].chunks;
		failed[i] = documents[i].failed_chunks;
	}
	arg_ids(&a, documents, n);
	db_arg_ints(&a, counts, n);
	arg_strings(&a, documents, n,
	    offsetof(struct collection_document, content_hash));
	arg_strings(
	    &a, documents, n, offsetof(struct collection_document, title));
	db_arg_ints(&a, failed, n);
	arg_strings(&a, documents, n,
	    offsetof(struct collection_document, first_error));
	db_arg_int(&a, v->id);
	arg_recipes(&a, documents, n);
	if (*v->table == '\0')
		buf_puts(&sql, "with ");
	else
		buf_printf(&sql, sql_drop_chunks, v->table);
	buf_puts(&sql, sql_update_documents);
	done = db_do(d, sql.data, &a);
	buf_free(&sql);
	db_args_free(&a);
	free(counts);
	return done == -1 ? -1 : 0;
}

static int
create_staged(struct db *d, const struct collection *v)
{
	struct buf sql = {0};

	buf_printf(&sql, sql_create_staged, v->table);
	return db_do_made(d, &sql) == -1 ? -1 : 0;
}

static int
insert_staged(struct db *d, const struct collection *v)
{
	struct buf sql = {0};

	buf_printf(&sql, sql_insert_staged, v->table);
	return db_do_made(d, &sql) == -1 ? -1 : 0;
}

static int
copy_into(struct db *d, const char *table,
    const struct collection_document *documents, size_t n)
{
	struct buf sql = {0};
	int begun;

	buf_printf(&sql, sql_copy_chunks, table);
	begun = db_copy_begin(d, sql.data);
	buf_free(&sql);
	if (begun == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (documents[i].chunks > 0 &&
		    db_copy_write(d, documents[i].rows) == -1)
			return -1;
	return db_copy_end(d);
}

static int
copy_rows(struct db *d, const struct collection *v,
    const struct collection_document *documents, size_t n)
{
	size_t i = 0;

	while (i < n && documents[i].chunks == 0)
		i++;
	if (i == n)
		return 0;
	if (!v->is_staged)
		return copy_into(d, v->table, documents + i, n - i);
	return create_staged(d, v) == 0 &&
		       copy_into(
			   d, "pg_temp.pl_staged", documents + i, n - i) == 0 &&
		       insert_staged(d, v) == 0
		   ? 0
		   : -1;
}

/* Copy the documents that may be stored to out. Returns their number. */
static size_t
storable(const struct collection_document *documents, size_t n,
    struct collection_document *out)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (documents[i].verdict == COLLECTION_STORED)
			out[count++] = documents[i];
	return count;
}

struct replacement {
	struct collection *v;
	struct collection_document *documents;
	size_t n;
};

static int
replace(struct db *d, void *argument)
{
	const struct replacement *r = argument;
	struct collection_document *good = x_calloc(r->n, sizeof(*good));
	int status = -1;
	size_t count;

	if (lock_all(d, r->v, r->documents, r->n) == 0 &&
	    add_missing(d, r->v, r->documents, r->n) == 0 &&
	    check_superseded(d, r->v, r->documents, r->n) == 0 &&
	    check_recipes(d, r->v, r->documents, r->n) == 0) {
		count = storable(r->documents, r->n, good);
		status = count == 0 ||
				 (update_documents(d, r->v, good, count) == 0 &&
				     copy_rows(d, r->v, good, count) == 0)
			     ? 0
			     : -1;
	}
	free(good);
	return status;
}

int
collection_replace(struct db *d, struct collection *v,
    struct collection_document *documents, size_t n)
{
	struct replacement r = {v, documents, n};

	return db_transact(d, DB_KEYED, replace, &r);
}
