/*
 * target - the collection into which chunks are stored
 *
 * The collection is looked up or created when the first chunk comes, and rows
 * fit the collection as it was then. If another program changes it, the
 * generation rises.
 */
#ifndef STORE_TARGET_H
#define STORE_TARGET_H

#include <stddef.h>

struct store;
struct store_document;

/*
 * Look the collection up, or create it for this model and width. 0, or -1 after
 * the document was refused.
 */
int store_target_know(struct store *s, struct store_document *doc,
    const char *model, size_t width);
/* Whether the collection was looked up, and has a table. */
int store_target_is_known(const struct store *s);
/*
 * Look the collection up, if it is not known, and add it if there is none. 0,
 * or -1 with db_error.
 */
int store_target_find(struct store *s);
/*
 * Look the collection up again. 1 if it has changed since the rows were made.
 */
int store_target_has_changed(struct store *s);
/* Refuse a document whose rows are of an earlier generation. */
void store_target_refuse(struct store *s, struct store_document *doc);

#endif
