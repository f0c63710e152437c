/*
 * collection - collections, their chunks, and search over them
 *
 * The SQL of pl.collections and of the chunk tables (pl.chunks_NAME), over
 * db. The one invariant: a document's chunks change as a whole, in the same
 * transaction as the document's row, so a reader sees the old ones or the new.
 *
 * Functions return 0, or -1 with db_error and db_fault.
 */
#ifndef COLLECTION_H
#define COLLECTION_H

#include <stddef.h>
#include <stdint.h>

#include "embed/vector_binary.h"

struct buf;
struct db;
struct db_result;

enum { COLLECTION_NAME_MAX = 40, COLLECTION_TABLE_MAX = 64 };

enum collection_distance { COLLECTION_COSINE, COLLECTION_L2, COLLECTION_INNER };

/* A collection. Zeros, then a name, is one that is not yet known. */
struct collection {
	char name[COLLECTION_NAME_MAX + 1];
	char table[COLLECTION_TABLE_MAX]; /* with its schema; "" when not known
					   */
	char *model;			  /* owned */
	int dimensions;
	enum vector_type type;
	enum collection_distance distance;
	char *extension; /* pgvector's schema, quoted; NULL without; owned */
};

/* Whether name can name a collection: 1 to 40 of a-z, 0-9 and _. */
int collection_name_ok(const char *name);
/* "cosine", "l2", "ip"; parse gives -1 for another name. */
const char *collection_distance_name(enum collection_distance distance);
int collection_distance_parse(const char *name);

/*
 * Look up the collection named v->name and fill in the rest; *found says
 * whether there is one.
 */
int collection_find(struct db *d, struct collection *v, int *found);
/*
 * Create the collection v->name with its table for this model and width, or
 * find the one that another process made first; fill in v from the database,
 * so compare model and dimensions again. With pgvector (which is installed if
 * the server has it and allows) the column is a vector or, for 2001 to 4000
 * dimensions, a halfvec; else real[].
 */
int collection_create(struct db *d, struct collection *v, const char *model,
    int dimensions, enum collection_distance distance);
/* Forget what is known; the name stays. */
void collection_forget(struct collection *v);
/* Append "name (model, n dimensions), ..." of all collections. */
int collection_list(struct db *d, struct buf *b);

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
    struct collection_document *docs, size_t n);

/* Columns of a search's result, in text form. */
enum collection_column {
	COLLECTION_ID,
	COLLECTION_DOCUMENT_ID,
	COLLECTION_SOURCE,
	COLLECTION_URL,
	COLLECTION_TITLE,
	COLLECTION_INDEX,
	COLLECTION_START,
	COLLECTION_END,
	COLLECTION_HEADINGS, /* a JSON array, or NULL */
	COLLECTION_CONTEXT,
	COLLECTION_TEXT
};
/*
 * The k chunks nearest to query (v->dimensions numbers), best first, and
 * their scores, more is nearer: the cosine, the inner product, or the negated
 * distance. Without pgvector the search is exact and reads every vector. A
 * chunk below min_score is left out. NULL on failure; else the caller frees.
 */
struct db_result *collection_search(struct db *d, const struct collection *v,
    const float *query, int k, double min_score, double *scores);

#endif
