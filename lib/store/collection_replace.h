/*
 * collection_replace - replace the chunks of documents
 *
 * All chunks of a document change in one transaction, together with the
 * document's row. So a reader sees the old chunks or the new ones.
 */
#ifndef COLLECTION_REPLACE_H
#define COLLECTION_REPLACE_H

#include <stddef.h>
#include <stdint.h>

#include "store/collection_recipe.h"

struct buf;
struct collection;
struct db;

/*
 * A chunk to store. Strings are borrowed and need not end with a NUL; a NULL
 * pointer is stored as null, metadata as {}.
 */
struct collection_chunk {
	uint8_t id[16];
	uint8_t document_id[16];
	int32_t index;
	const char *text, *context, *hash, *metadata; /* metadata: JSON */
	size_t text_len, context_len, hash_len, metadata_len;
	int64_t start, end, tokens; /* -1 is NULL */
	const char *const *headings;
	const size_t *heading_lens;
	size_t n_headings;
	const float *embedding; /* v->dimensions numbers, checked */
};
/*
 * Append the chunk as a row for collection_replace. -1 with nothing appended if
 * the column's type cannot hold a number of the embedding; else 0.
 */
int collection_row(struct buf *rows, const struct collection *v,
    const struct collection_chunk *c);

/* What became of a document. */
enum collection_verdict {
	COLLECTION_STORED,
	COLLECTION_STALE, /* its lease is no longer held: nothing written */
	COLLECTION_SUPERSEDED, /* it is deleted, or a task for the collection
				  has newer content: nothing written */
	COLLECTION_CHANGED,    /* newer content for others: nothing written */
	COLLECTION_UNKNOWN,    /* not in the database; no source or url */
	COLLECTION_FOREIGN, /* its job is for another collection: not written */
	COLLECTION_OTHER_RECIPE /* than the collection's: nothing written */
};

/* A document whose chunks are to be replaced. Strings are borrowed. */
struct collection_document {
	uint8_t id[16];
	const char *source, *url, *title, *content_hash; /* may be NULL */
	int has_lease;
	uint8_t task[16];
	int64_t attempt;
	struct collection_recipe recipe;
	int32_t recipe_id;	 /* set by collection_replace */
	int32_t chunks;		 /* number of rows */
	int32_t failed_chunks;	 /* chunks that were refused */
	const char *first_error; /* of the refused chunks, JSON; or NULL */
	const struct buf *rows;	 /* made by collection_row */
	enum collection_verdict verdict; /* the result */
};
/*
 * Replace the chunks of n different documents in one transaction, and update
 * the documents' rows. A document that is not in the database is added if its
 * source and url are given. A repetition gives the same result. v is in the
 * database. 0, or -1: nothing was stored; after DB_UNAVAILABLE it may have
 * been.
 */
int collection_replace(struct db *d, struct collection *v,
    struct collection_document *documents, size_t n);

#endif
