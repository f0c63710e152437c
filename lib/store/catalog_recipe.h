/*
 * catalog_recipe - the recipe of a collection, and the one that was refused
 */
#ifndef CATALOG_RECIPE_H
#define CATALOG_RECIPE_H

struct buf;
struct db;
struct db_result;

/*
 * A row with a JSON object, how many documents are stale, and whether a recipe
 * was refused; no row: there is no such collection; NULL with db_error.
 */
struct db_result *catalog_recipe_show(struct db *d, const char *collection);
/*
 * The recipe that was refused becomes the collection's. 0; -1 as said in job.h:
 * none was refused, or it makes vectors of another model or width.
 */
int catalog_recipe_take(struct db *d, const char *collection, struct buf *why);

#endif
