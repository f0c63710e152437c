/*
 * job_report - what programs outside of pl report of a job's documents
 *
 * A report of a document that a worker has in hand is refused. Results are as
 * in job.h.
 */
#ifndef JOB_REPORT_H
#define JOB_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db;

/* What an outside program reports of a document. */
struct job_report {
	const uint8_t *document; /* id, or NULL: then url */
	const char *url;	 /* a new one is added to the job's source */
	const char *status;	 /* of job_documents */
	const char *stage;	 /* or NULL */
	const char *error;	 /* a JSON object, or NULL */
	int64_t chunks;		 /* -1: not known */
	int64_t milliseconds;	 /* -1: not known */
};
/*
 * Refused for an ended job, a new document of a sealed one, and a document of
 * a task that workers handle. Starts the job.
 */
int job_progress(struct db *d, const uint8_t id[static DIGEST_UUID],
    const struct job_report *report, struct buf *why);

#endif
