/*
 * pace - how many pieces of work to hold
 *
 * The number is one, plus the pieces that are done in half a second. That is
 * too few where a piece takes long and many are done at once. Therefore the
 * number is doubled as long as doubling raises the rate, up to a window. If
 * doubling does not help, or the rate falls, the number is halved as long as
 * halving does no harm. The number is one at first, and where pieces take
 * seconds, one after another.
 *
 * A measurement of the rate lasts until that number of pieces is done, or until
 * it takes too long.
 */
#ifndef PACE_H
#define PACE_H

#include <stddef.h>

enum pace_phase {
	PACE_RISES, /* doubling, as long as it helps */
	PACE_FALLS, /* halving, as long as it does no harm */
	PACE_RESTS
};

struct pace {
	double since;	/* start of the current measurement, or 0 */
	size_t done;	/* pieces done since then */
	size_t most;	/* largest number held since then */
	size_t held;	/* number held at the last call */
	double idle_at; /* since when nothing is held, or 0 */
	double rate;	/* pieces a second, in the last measurement */
	double best;	/* the rate that the next one is compared with */
	size_t tried;	/* may be held, whatever the rate is */
	enum pace_phase phase;
	int rested; /* measurements in PACE_RESTS */
};

/*
 * Note the number of pieces held now. If it is smaller than at the last call,
 * the difference is done. At most window pieces can be in progress at a time.
 */
void pace_note(struct pace *p, double now, size_t held, size_t window);
/* Note the number held after a claim or a return: no piece was done. */
void pace_set(struct pace *p, size_t held);
/* The current rate, in pieces a second. */
double pace_rate(const struct pace *p, double now);
/* The number of pieces that may be held. */
size_t pace_allows(const struct pace *p, double now);

#endif
