/*
 * job_documents - list the documents of a job, delete failed ones
 *
 * Only one row at a time is in memory.
 */
#ifndef JOB_DOCUMENTS_H
#define JOB_DOCUMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;
struct db_result;
struct job_choice;

/* Columns, all text, of the rows that job_documents hands over. */
enum job_document_column {
	JOB_DOCUMENT_ID,
	JOB_DOCUMENT_URL,
	JOB_DOCUMENT_STATUS,
	JOB_DOCUMENT_ATTEMPTS,
	JOB_DOCUMENT_STAGE,
	JOB_DOCUMENT_ERROR, /* JSON, or NULL */
	JOB_DOCUMENT_CHUNKS,
	JOB_DOCUMENT_MILLISECONDS,
	JOB_DOCUMENT_STARTED_AT,
	JOB_DOCUMENT_FINISHED_AT,
	JOB_DOCUMENT_FAILED_CHUNKS,
	JOB_DOCUMENT_FIRST_ERROR, /* JSON, or NULL */
	/* Only when the content is asked for: */
	JOB_DOCUMENT_SOURCE,
	JOB_DOCUMENT_TITLE,
	JOB_DOCUMENT_CONTENT,
	JOB_DOCUMENT_CONTENT_TYPE,
	JOB_DOCUMENT_CONTENT_HASH,
	JOB_DOCUMENT_METADATA
};
/*
 * List the chosen documents in the order of their ids; row as in db_stream. 0,
 * or -1 with db_error. id NULL: all documents that are failed now, with their
 * last failure in any job; or, if the choice is "incomplete", all that lack
 * chunks now.
 */
int job_documents(struct db *d, const uint8_t *id,
    const struct job_choice *choice, int with_content,
    int (*row)(void *argument, const struct db_result *r), void *argument);

/*
 * Set n failed documents to deleted; the jobs' ledgers do not change. Returns
 * how many were set, or -1.
 */
int64_t job_drop_documents(struct db *d, const uint8_t *ids, size_t n);

#endif
