/*
 * collection - collections of chunks, and their tables
 *
 * The model of a collection and the width of its vectors never change.
 * Functions return 0, or -1 with db_error and db_fault.
 */
#ifndef COLLECTION_H
#define COLLECTION_H

#include <stddef.h>
#include <stdint.h>

#include "embed/vector_binary.h"
#include "store/collection_name.h"

struct buf;
struct db;

enum { COLLECTION_TABLE_MAX = 64 };

enum collection_distance { COLLECTION_COSINE, COLLECTION_L2, COLLECTION_INNER };

/* A collection. All zero but for the name: not yet looked up. */
struct collection {
	char name[COLLECTION_NAME_MAX + 1];
	int id;				  /* 0: it is not in the database */
	char table[COLLECTION_TABLE_MAX]; /* with its schema; "": none yet */
	char *model; /* owned; NULL before the first vector, as is table */
	char *chunk, *embed; /* its recipe, when last compared; owned or NULL */
	int dimensions;
	enum vector_type type;
	enum collection_distance distance;
	char *extension; /* pgvector's schema, quoted; NULL without; owned */
	int is_staged; /* row-level security: COPY goes to a table beside it */
	char *query;   /* JSON: how a query is embedded; NULL: unknown; owned */
};

/*
 * Look up the collection named v->name and fill in the rest; *found says
 * whether it exists. One without vectors has no table.
 */
int collection_find(struct db *d, struct collection *v, int *found);
/* Add the collection v->name, without model and table, if there is none. */
int collection_add(
    struct db *d, struct collection *v, enum collection_distance distance);
/*
 * Create the collection v->name with its table for this model and width. If
 * another process created it first, that one is used. v is filled in from the
 * database, so the caller compares model and dimensions again. pgvector is
 * installed if the server has it and allows it. The column is a vector or, for
 * 2001 to 4000 dimensions, a halfvec; without pgvector it is real[]. A
 * collection without a table keeps the distance that it was made with.
 */
int collection_create(struct db *d, struct collection *v, const char *model,
    int dimensions, enum collection_distance distance);
/* Inside a transaction: until its end no other process makes or drops one. */
int collection_lock_all(struct db *d);
/*
 * Call it after a statement on the table took longer than the server allows.
 * Append the limit, and whether the upkeep of an index may take the time. 0 or
 * -1.
 */
int collection_explain_limit(
    struct db *d, const struct collection *v, struct buf *b);
/* Reset everything but the name. */
void collection_forget(struct collection *v);
/* Append "name (model, n dimensions), ..." of all collections. */
int collection_list(struct db *d, struct buf *b);

#endif
