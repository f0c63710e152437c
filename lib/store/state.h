/*
 * job - the states of sources, jobs, documents and tasks, and their moves
 *
 * The one list of legal moves in C; pl.legal_move in lib/schema/001.sql is
 * the same list for whoever writes without us, and a test compares the two.
 */
#ifndef JOB_H
#define JOB_H

enum job_kind { JOB_SOURCE, JOB_JOB, JOB_DOCUMENT, JOB_TASK };

struct job_move {
	const char *kind, *before, *after;
};

/* All legal moves; the last row is of NULLs. */
extern const struct job_move job_moves[];

/* Whether a job, document ... of that kind may go from before to after. */
int job_may_move(enum job_kind kind, const char *before, const char *after);
/* Whether a job in that status has ended. */
int job_has_ended(const char *status);

#endif
