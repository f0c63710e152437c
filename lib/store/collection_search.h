/*
 * collection_search - the nearest chunks of a collection
 *
 * One transaction with one snapshot: the texts are those of the vectors.
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
 * The k chunks nearest to query (v->dimensions numbers), best first, and
 * their scores, more is nearer: the cosine, the inner product, or the negated
 * distance. Without pgvector the search is exact and reads every vector. A
 * chunk below min_score is left out. NULL on failure; else the caller frees.
 */
struct db_result *collection_search(struct db *d, const struct collection *v,
    const float *query, int k, double min_score, double *scores);

#endif
