/*
 * pace - how many pieces of work to hold
 *
 * One, and as many more as are done in half a second. That is too few where
 * work takes long and much of it is done at once: so the number is doubled for
 * as long as that makes the pace quicker, up to a window; when it does not, or
 * the pace falls, the number is halved for as long as that does no harm. At
 * first, and where pieces take seconds, one after the other, it is one.
 *
 * A measure lasts until as many pieces are done as may be held.
 */
#ifndef PACE_H
#define PACE_H

#include <stddef.h>

enum pace_phase {
	PACE_RISES, /* doubled as long as that helps */
	PACE_FALLS, /* halved as long as that does no harm */
	PACE_RESTS
};

struct pace {
	double since;	/* of the measure under way; 0 when there is none */
	size_t done;	/* pieces since then */
	size_t most;	/* held at a time since then */
	size_t held;	/* at the last note */
	double idle_at; /* since when nothing is held, or 0 */
	double rate;	/* pieces a second, in the last measure */
	double best;	/* what the next measure is compared with */
	size_t tried;	/* may be held, however slow it is */
	enum pace_phase phase;
	int rested; /* measures */
};

/*
 * So many pieces are held now, of which up to window can be under way at a
 * time: what there was more at the last call is done.
 */
void pace_note(struct pace *p, double now, size_t held, size_t window);
/* So many are held now, as they were claimed or handed back. */
void pace_set(struct pace *p, size_t held);
/* Pieces a second, of late. */
double pace_rate(const struct pace *p, double now);
/* How many may be held. */
size_t pace_allows(const struct pace *p, double now);

#endif
