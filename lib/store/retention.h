/*
 * retention - delete the history that nobody needs any more
 *
 * Jobs that ended long ago with their ledger rows and tasks, handled events,
 * notifications that were sent or given up, rows of dead workers: in many small
 * transactions, so that nobody waits long. Any number may do so at once, and a
 * run that was interrupted is simply begun again. Kept are open jobs, and of
 * each source the latest job, the latest that is bound to a collection (the
 * next job goes there), and the one that the source names.
 */
#ifndef RETENTION_H
#define RETENTION_H

#include <stddef.h>
#include <stdint.h>

struct db;

struct retention {
	int64_t age; /* s: what is older */
	/* Jobs that ended so. */
	const char *const *statuses;
	size_t n;
	int dry_run; /* only count */
};
enum retention_kind {
	RETENTION_JOBS,
	RETENTION_TASKS,
	RETENTION_DOCUMENTS, /* rows of the ledger of jobs */
	RETENTION_EVENTS,
	RETENTION_NOTIFICATIONS,
	RETENTION_WORKERS,
	RETENTION_KINDS
};
/*
 * Delete jobs; the rest (events, notifications, workers). What is deleted for
 * good is added to counts, also before a failure. 0 or -1.
 */
int retention_jobs(struct db *d, const struct retention *r,
    int64_t counts[static RETENTION_KINDS]);
int retention_rest(struct db *d, const struct retention *r,
    int64_t counts[static RETENTION_KINDS]);
/*
 * Of n ids of tasks, keep those at the front of ids that no open task has, and
 * that could be ids of tasks. How many are kept, or -1.
 */
int64_t retention_ended(struct db *d, const char **ids, size_t n);

#endif
