/*
 * job_report - programs outside of pl report on a job's documents
 *
 * A report on a document that has an open task is refused. Results are as in
 * job.h.
 */
#ifndef JOB_REPORT_H
#define JOB_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db;

/* What an outside program reports on a document. */
struct job_report {
	const uint8_t *document; /* id, or NULL: then url */
	const char *url;	 /* a new document joins the job's source */
	const char *status;	 /* a state of job_documents */
	const char *stage;	 /* or NULL */
	const char *error;	 /* a JSON object, or NULL */
	int64_t chunks;		 /* -1: not known */
	int64_t milliseconds;	 /* -1: not known */
};
/*
 * Save the report, and start the job. Refused if the job has ended, if it is
 * sealed and does not have the document, and if the document's task is open.
 */
int job_progress(struct db *d, const uint8_t id[static DIGEST_UUID],
    const struct job_report *report, struct buf *why);

#endif
