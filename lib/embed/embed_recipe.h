/*
 * embed_recipe - the settings that decide vectors, as end records carry them
 *
 * The part "embed" of a recipe, and the object "query" (pl-record(5)). Both
 * have what decides the numbers of a vector, and nothing about requests and
 * servers. Equal settings give equal bytes.
 */
#ifndef EMBED_RECIPE_H
#define EMBED_RECIPE_H

#include <stddef.h>

struct buf;
struct yyjson_val;

/* Strings are valid UTF-8; NULL and 0: not set. */
struct embed_recipe {
	const char *provider;
	const char *model;
	size_t dimensions;	  /* only if they were asked for */
	const char *prefix;	  /* in front of each text of a document */
	const char *query_prefix; /* in front of a query */
	struct yyjson_val *body;  /* further keys of a request */
};

/*
 * Append the line: words NAME=VALUE. If it would have more than RECIPE_PART_MAX
 * bytes, long values stand there by their SHA-256.
 */
void embed_recipe_put(struct buf *b, const struct embed_recipe *r);
/* Append the object as JSON, with the keys that are set. */
void embed_recipe_put_query(struct buf *b, const struct embed_recipe *r);

#endif
