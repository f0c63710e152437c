/*
 * mend - repair what is wrong in Postgres
 *
 * The faults are lapsed leases, late jobs, jobs that nobody feeds any more or
 * that should have ended, and documents without a task. All faults of a kind
 * are repaired at once. If the database refuses a row, each job is repaired
 * separately, so that one job does not stop the others. Any number of processes
 * may mend at once.
 */
#ifndef MEND_H
#define MEND_H

#include <stdint.h>

struct db;

/* A repair that was made, would be made, or was refused. Borrowed. */
struct mend_repair {
	const char *what;  /* a short fixed word, for programs */
	const char *check; /* of verify that finds the fault, or NULL */
	const char *message;
	const char *task; /* id, or NULL */
	const char *job;  /* id of a job that the database refuses, or NULL */
	uint64_t count;	  /* of tasks, documents or jobs, when task is NULL */
};

struct mend_options {
	int dry_run;	    /* only report */
	const uint8_t *job; /* only this job (16 bytes); NULL: all jobs */
	void (*report)(void *argument, const struct mend_repair *repair);
	void *argument;
};

struct mend_counts {
	uint64_t repaired;
	uint64_t refused; /* repairs that the database refused */
	uint64_t lost;	  /* set by sync: queued tasks that Redis lost */
};

/* The what of a repair that the database refuses. */
extern const char mend_refused[];

/* Report a repair, and count it. */
void mend_report(const struct mend_options *options, struct mend_counts *counts,
    const struct mend_repair *repair);
/* Report and count a repair that the database refuses; task may be NULL. */
void mend_report_refusal(const struct mend_options *options,
    struct mend_counts *counts, const char *job, const char *task,
    const char *why);
/*
 * Repair everything; leases alone; late jobs alone. 0, or -1 with db_error. The
 * repairs are added to *counts.
 */
int mend_all(struct db *db, const struct mend_options *options,
    struct mend_counts *counts);
int mend_leases(struct db *db, const struct mend_options *options,
    struct mend_counts *counts);
int mend_late(struct db *db, const struct mend_options *options,
    struct mend_counts *counts);

#endif
