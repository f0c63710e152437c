/*
 * state - the states of sources, jobs, documents and tasks, and their moves
 *
 * lib/store/moves.txt has the legal moves. At build it becomes the table here,
 * and pl.legal_move, by which the database checks every program that writes.
 */
#ifndef STATE_H
#define STATE_H

/* "source", "job", "document" or "task"; from one state to another. */
struct state_move {
	const char *kind, *before, *after;
};

/* All legal moves; the last row is of NULLs. */
const struct state_move *state_moves(void);
/* Whether a thing of that kind may move from before to after. */
int state_may_move(const char *kind, const char *before, const char *after);
/* Whether a job in that status has ended. */
int state_has_ended(const char *status);

#endif
