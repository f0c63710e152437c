/* query - the vector of a query */
#ifndef SEARCH_QUERY_H
#define SEARCH_QUERY_H

struct buf;
struct collection;

/*
 * Embed the query as the collection's chunks were. Returns as many numbers as
 * the collection's vectors have, which the caller frees. Ends the process if
 * that fails. The key of an API and its address come from the environment.
 */
float *query_embed(const struct collection *v, const struct buf *query);

#endif
