/*
 * prune - delete what a source no longer has
 *
 * A complete listing of a source marks the documents that it lacks: they are
 * deleted after a time of grace, with their chunks in every collection, unless
 * they come again before. If they are too many, nothing is marked.
 */
#ifndef PRUNE_H
#define PRUNE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;
struct db_result;

enum { PRUNE_TIME = 48 };
/* The server's clock before a listing begins, as text. 0 or -1. */
int prune_clock(struct db *db, char since[static PRUNE_TIME]);
/* Whether the source is set to prune; 0 if there is no such source; or -1. */
int prune_is_wanted(struct db *db, const uint8_t source[static DIGEST_UUID]);

struct prune_options {
	int64_t grace;	    /* ms, or -1: the source's own */
	int64_t max_delete; /* percent, or -1: the source's own */
	int force;	    /* prune although the source is not set to */
};
struct prune_result {
	int64_t absent, live; /* of live documents, the listing lacks absent */
	int stopped;	      /* too many: nothing was marked */
	int64_t max_delete;   /* the percentage that counted */
	int64_t grace;	      /* s, until they are deleted */
};
/*
 * The listing that began at since is complete. 1 with the result, 0 if the
 * source is not set to prune, or -1.
 */
int prune_source(struct db *db, const uint8_t source[static DIGEST_UUID],
    const char *since, const struct prune_options *options,
    struct prune_result *result);
/* Keep the result with a job. 0 or -1. */
int prune_note(struct db *db, const char *job, const struct prune_result *r);
/* Ids and urls of all documents of a source that are not deleted, or NULL. */
struct db_result *prune_documents(
    struct db *db, const uint8_t source[static DIGEST_UUID]);

/*
 * A sender says that the source no longer has this document. How many are
 * marked, 0 or 1; or -1.
 */
int prune_drop(struct db *db, const uint8_t source[static DIGEST_UUID],
    const uint8_t document[static DIGEST_UUID]);
#endif
