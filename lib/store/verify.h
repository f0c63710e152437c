/*
 * verify - check and repair the account of documents, jobs and tasks
 *
 * Each check is one statement and so sees one instant: work in progress is no
 * violation. A check changes nothing. A repair is a transaction of its own,
 * which checks again whether the repair is needed.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct db;
struct db_result;

/* Columns of a violation, in text form; the ids may be NULL. */
enum verify_column { VERIFY_JOB, VERIFY_DOCUMENT, VERIFY_MESSAGE };

/* The name of check i; NULL behind the last. */
const char *verify_name(size_t i);
/*
 * The violations that check i finds in the job (16 bytes; NULL: in all jobs),
 * one in a row. The caller frees the result; NULL with db_error.
 */
struct db_result *verify_run(struct db *d, size_t i, const uint8_t *job);

/* Whether verify_repair can do anything about violations of check i. */
int verify_is_repaired(size_t i);
/*
 * Repair a violation, a row of a result of verify_run. 1 with what was done in
 * message, 0 if nothing could be done, -1 with db_error.
 */
int verify_repair(struct db *d, size_t i, const struct db_result *r, int row,
    struct buf *message);

#endif
