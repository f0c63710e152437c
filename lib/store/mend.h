/*
 * mend - what is amiss in Postgres is put right
 *
 * Lapsed leases, late jobs, jobs that nobody feeds any more or that should
 * have ended, documents without a task. All of a kind at once; when the
 * database refuses a row of it, each job apart, so that one stops no others.
 * Any number of processes may mend at once.
 */
#ifndef MEND_H
#define MEND_H

#include <stdint.h>

struct db;

/* One thing that was put right, would be, or cannot be. Borrowed. */
struct mend_repair {
	const char *what;  /* a short fixed word, for programs */
	const char *check; /* of verify that finds it, or NULL */
	const char *message;
	const char *task; /* id, or NULL */
	const char *job;  /* id of a job that the database refuses, or NULL */
	uint64_t count;	  /* of tasks, documents or jobs, when task is NULL */
};

struct mend_options {
	int dry_run;	    /* only report */
	const uint8_t *job; /* this one only (16 bytes), or NULL: all */
	void (*report)(void *argument, const struct mend_repair *repair);
	void *argument;
};

struct mend_counts {
	uint64_t repaired;
	uint64_t refused; /* what the database does not let be put right */
	uint64_t lost;	  /* by sync: queued tasks that Redis has no more */
};

/* What a repair is called that the database refuses. */
extern const char mend_refused[];

/* Tell of a repair, and count it. */
void mend_report(const struct mend_options *options, struct mend_counts *counts,
    const struct mend_repair *repair);
/* Tell of one that the database refuses; task may be NULL. */
void mend_report_refusal(const struct mend_options *options,
    struct mend_counts *counts, const char *job, const char *task,
    const char *why);
/*
 * Look at everything; at leases alone; at late jobs alone. 0, or -1 with
 * db_error. What was done is added to *counts.
 */
int mend_all(struct db *db, const struct mend_options *options,
    struct mend_counts *counts);
int mend_leases(struct db *db, const struct mend_options *options,
    struct mend_counts *counts);
int mend_late(struct db *db, const struct mend_options *options,
    struct mend_counts *counts);

#endif
