/*
 * deletion - documents that a complete listing lacked wait for their deletion
 *
 * url chooses one document, NULL all of the source. Results are in text form,
 * NULL with db_error, freed by the caller; their columns are in the order of
 * lib/store/sql/deletion.sql.
 */
#ifndef DELETION_H
#define DELETION_H

#include <stdint.h>

struct db;
struct db_result;

/* Whether there is a source of this name; -1. */
int deletion_has_source(struct db *d, const char *source);
struct db_result *deletion_list(
    struct db *d, const char *source, const char *url);
/* Keep the documents; the result has them. */
struct db_result *deletion_undo(
    struct db *d, const char *source, const char *url);
/*
 * Delete the documents now, with their chunks in every collection. The result
 * has them as they were.
 */
struct db_result *deletion_now(
    struct db *d, const char *source, const char *url);

#endif
