/*
 * job_retry - process documents of a job again
 *
 * A retry is one transaction: the documents become pending in new tasks, or
 * nothing changes. Results are as in job.h.
 */
#ifndef JOB_RETRY_H
#define JOB_RETRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db;
struct job_choice;

struct job_retried {
	int64_t documents, tasks;
	int64_t without_content; /* chosen, but there is nothing to process */
};
/*
 * The chosen documents that are done become pending in new tasks of
 * task_documents each, with no attempts counted; an ended job is queued again.
 */
int job_retry(struct db *d, const uint8_t id[static DIGEST_UUID],
    const struct job_choice *choice, size_t task_documents,
    struct job_retried *done, struct buf *why);

#endif
