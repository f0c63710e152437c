/*
 * target - the collection that is stored into
 *
 * It is looked up, or made, when the first chunk comes; rows are made for what
 * it was then. Other programs may change it meanwhile: its generation tells.
 */
#ifndef STORE_TARGET_H
#define STORE_TARGET_H

#include <stddef.h>

struct store;
struct store_document;

/*
 * Make sure that it is known, creating it for this model and width. 0, or -1
 * having refused the document.
 */
int store_target_know(struct store *s, struct store_document *doc,
    const char *model, size_t width);
/* Whether it is known. */
int store_target_is_known(const struct store *s);
/* Look it up, if it is not known. 0, or -1 with db_error. */
int store_target_find(struct store *s);
/* Look it up again. 1 when it is not what the rows were made for. */
int store_target_has_changed(struct store *s);
/* Refuse a document whose rows are of an earlier generation. */
void store_target_refuse(struct store *s, struct store_document *doc);

#endif
