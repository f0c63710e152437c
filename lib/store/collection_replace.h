/*
 * collection_replace - the chunks of documents replaced
 *
 * A document's chunks change as a whole, in the same transaction as the
 * document's row, so a reader sees the old ones or the new.
 */
#ifndef COLLECTION_REPLACE_H
#define COLLECTION_REPLACE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct collection;
struct db;

/* A chunk to store. Text is borrowed, need not end with a NUL; NULL is NULL. */
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
	const float *embedding; /* v->dimensions of them, checked */
};
/*
 * Append the chunk as a row for collection_replace. 0, or -1 with nothing
 * appended when a number is beyond what the column's type holds.
 */
int collection_row(struct buf *rows, const struct collection *v,
    const struct collection_chunk *c);

/* What became of a document. */
enum collection_verdict {
	COLLECTION_STORED,
	COLLECTION_STALE, /* its lease is no longer held: nothing written */
	COLLECTION_SUPERSEDED, /* newer content was saved: nothing written */
	COLLECTION_UNKNOWN /* not in the database, and cannot be put there */
};

/* A document whose chunks are to be replaced. Strings are borrowed. */
struct collection_document {
	uint8_t id[16];
	const char *source, *url, *title, *content_hash; /* may be NULL */
	int has_lease;
	uint8_t task[16];
	int64_t attempt;
	int32_t chunks;			 /* number of rows */
	int32_t failed_chunks;		 /* that were refused */
	const char *first_error;	 /* of them, JSON; or NULL */
	const struct buf *rows;		 /* made by collection_row */
	enum collection_verdict verdict; /* the answer */
};
/*
 * Replace the chunks of n documents, all different, in one transaction, and
 * bring their rows up to date. A document not in the database is put there by
 * its source and url. Running it again gives the same result. When the answer
 * is -1 nothing was stored, or, on DB_UNAVAILABLE, that is not known.
 */
int collection_replace(struct db *d, const struct collection *v,
    struct collection_document *documents, size_t n);

#endif
