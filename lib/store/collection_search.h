/*
 * collection_search - the nearest chunks of a collection
 *
 * A search is one transaction with one snapshot, so the texts belong to the
 * vectors.
 */
#ifndef COLLECTION_SEARCH_H
#define COLLECTION_SEARCH_H

struct collection;
struct db;
struct db_result;

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
 * Find the k chunks nearest to query (v->dimensions numbers), best first, and
 * their scores (room for k). A higher score is nearer: the cosine, the inner
 * product, or the negated distance. A chunk with a score below min_score is
 * left out. Without pgvector the search is exact and reads every vector. The
 * caller frees the result; NULL with db_error.
 */
struct db_result *collection_search(struct db *d, const struct collection *v,
    const float *query, int k, double min_score, double *scores);

#endif
