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
struct sync_repair {
	const char *what; /* a short fixed word, for programs */
	const char *message;
	const char *task; /* id, or NULL */
	const char *job;  /* id of a job that the database refuses, or NULL */
	uint64_t count;	  /* of tasks, documents or jobs, when task is NULL */
};

struct sync_options {
	int dry_run;	    /* only report */
	const uint8_t *job; /* this one only (16 bytes), or NULL: all */
	void (*report)(void *argument, const struct sync_repair *repair);
	void *argument;
};

struct sync_counts {
	uint64_t repaired;
	uint64_t refused; /* what the database does not let be put right */
};

/* Tell of a repair, or of a refusal, and count it. */
void mend_report(const struct sync_options *options, struct sync_counts *counts,
    const struct sync_repair *repair);
/*
 * Look at everything; at leases alone; at late jobs alone. 0, or -1 with
 * db_error. What was done is added to *counts.
 */
int mend_all(struct db *db, const struct sync_options *options,
    struct sync_counts *counts);
int mend_leases(struct db *db, const struct sync_options *options,
    struct sync_counts *counts);
int mend_late(struct db *db, const struct sync_options *options,
    struct sync_counts *counts);

#endif
