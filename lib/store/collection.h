/*
 * collection - collections of chunks, and their tables
 *
 * A collection has one model and one width of vectors, for good. Functions
 * return 0, or -1 with db_error and db_fault.
 */
#ifndef COLLECTION_H
#define COLLECTION_H

#include <stddef.h>
#include <stdint.h>

#include "embed/vector_binary.h"

struct buf;
struct db;

enum { COLLECTION_NAME_MAX = 40, COLLECTION_TABLE_MAX = 64 };

enum collection_distance { COLLECTION_COSINE, COLLECTION_L2, COLLECTION_INNER };

/* A collection. Zeros, then a name, is one that is not yet known. */
struct collection {
	char name[COLLECTION_NAME_MAX + 1];
	char table[COLLECTION_TABLE_MAX]; /* with its schema; "": not known */
	char *model;			  /* owned */
	int dimensions;
	enum vector_type type;
	enum collection_distance distance;
	char *extension; /* pgvector's schema, quoted; NULL without; owned */
};

/* Whether name can name a collection: 1 to 40 of a-z, 0-9 and _. */
int collection_name_ok(const char *name);

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
/*
 * A statement on its table took longer than the server allows: append what the
 * limit is, and whether the upkeep of an index takes the time. 0 or -1.
 */
int collection_explain_limit(
    struct db *d, const struct collection *v, struct buf *b);
/* Forget what is known; the name stays. */
void collection_forget(struct collection *v);
/* Append "name (model, n dimensions), ..." of all collections. */
int collection_list(struct db *d, struct buf *b);

#endif
