/*
 * collection_copy - one collection takes the place of another
 *
 * A copy is one transaction: who searches the copy sees the chunks of before,
 * or all that are new.
 */
#ifndef COLLECTION_COPY_H
#define COLLECTION_COPY_H

#include <stdint.h>

struct buf;
struct db;

/* What a copy did. */
struct collection_copied {
	int64_t documents, chunks;
	int is_table_new;    /* grants on the old table are gone */
	int is_pipeline_own; /* from's names from: it was not copied */
};
/*
 * Make the collection to hold what from holds: chunks, ledger, model, width,
 * distance, recipe, query, and the pipeline unless to has its own. 0; -1 as
 * said in job.h: there is no from, or it has no vectors, or jobs are open that
 * store into to. Waits for locks.
 */
int collection_copy(struct db *d, const char *from, const char *to,
    struct collection_copied *done, struct buf *why);

#endif
