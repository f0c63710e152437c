/*
 * state - the states of sources, jobs, documents and tasks, and their moves
 *
 * The one list of legal moves in C; pl.legal_move in lib/store/schema/001.sql is
 * the same list for whoever writes without us, and a test compares the two.
 */
#ifndef STATE_H
#define STATE_H

enum state_kind { STATE_SOURCE, STATE_JOB, STATE_DOCUMENT, STATE_TASK };

struct state_move {
	const char *kind, *before, *after;
};

/* All legal moves; the last row is of NULLs. */
extern const struct state_move state_moves[];

/* Whether a job, document ... of that kind may go from before to after. */
int state_may_move(enum state_kind kind, const char *before, const char *after);
/* Whether a job in that status has ended. */
int state_has_ended(const char *status);

#endif
