/*
 * refresh - documents that a collection holds, but not as it should
 *
 * Results are in text form, NULL with db_error, freed by the caller. The
 * columns are in the order of refresh.sql.
 */
#ifndef REFRESH_H
#define REFRESH_H

#include <stdint.h>

#include "base/digest.h"

struct db;
struct db_result;

/* At most limit documents, by source and url, each with a reason. */
struct db_result *refresh_list(
    struct db *d, const char *collection, int64_t limit);
/* Each source that has such documents: id, name, with and without their text.
 */
struct db_result *refresh_sources(struct db *d, const char *collection);

struct refresh_job {
	uint8_t id[DIGEST_UUID];
	int64_t documents, tasks;
};
/*
 * Make a job of the documents of one source (its id), which is bound to the
 * collection, with tasks of at most each documents. 1, and *job; 0 there are no
 * such documents; -1.
 */
int refresh_source(struct db *d, const uint8_t source[static DIGEST_UUID],
    const char *collection, const char *queue, int64_t each,
    struct refresh_job *job);

#endif
