/*
 * collection_recipe - what decided the texts and vectors of a collection
 *
 * A recipe comes with each document, in two parts, by pl-chunk and by pl-embed
 * (pl-record(5)). The first one becomes the collection's.
 */
#ifndef COLLECTION_RECIPE_H
#define COLLECTION_RECIPE_H

struct collection;
struct db;

/* Strings are borrowed; NULL: nobody said this part. */
struct collection_recipe {
	const char *chunk, *embed;
	const char *query; /* how a query is embedded, JSON */
};

/*
 * Inside a transaction: a document comes to the collection by this recipe. *id
 * is its id in pl.recipes, or -1 if it has no part. 1; 0 if the collection has
 * another recipe, which is then in v->chunk and v->embed; -1 with db_error.
 */
int collection_recipe_use(struct db *d, struct collection *v,
    const struct collection_recipe *r, int *id);
/* Whether a and b have the same parts. */
int collection_recipe_is_same(
    const struct collection_recipe *a, const struct collection_recipe *b);

#endif
