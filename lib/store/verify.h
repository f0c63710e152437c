/*
 * verify - the account of documents, jobs and tasks, checked
 *
 * Each check is one statement and so sees one instant: work in progress is no
 * violation. Nothing is changed.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include <stddef.h>
#include <stdint.h>

struct db;
struct db_result;

/* Columns of a violation, in text form; the ids may be NULL. */
enum verify_column { VERIFY_JOB, VERIFY_DOCUMENT, VERIFY_MESSAGE };

/* The name of check i; NULL behind the last. */
const char *verify_name(size_t i);
/*
 * The violations that check i finds in the job (16 bytes), or in all when it
 * is NULL: a row of each. NULL with db_error; the caller frees it.
 */
struct db_result *verify_run(struct db *d, size_t i, const uint8_t *job);

#endif
