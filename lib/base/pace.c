#include "base/pace.h"

enum { REST = 10 }; /* measurements until the next doubling */

static const double ahead = 0.5;   /* seconds of work that may be held */
static const double least = 0.2;   /* seconds of a measurement, at least */
static const double idle = 0.1;	   /* seconds without work in it, at most */
static const double late = 1;	   /* seconds before it can take too long */
static const double better = 1.25; /* times the rate: doubling helped */
static const double worse = 0.8;   /* times the rate: halving did harm */

static void
begin(struct pace *p, double now, size_t held)
{
	p->since = now;
	p->done = 0;
	p->most = held;
}

/* Double the largest number held, which may be above the number tried. */
static void
double_it(struct pace *p, size_t window)
{
	size_t twice = p->most * 2 < window ? p->most * 2 : window;

	p->phase = twice == p->tried ? PACE_RESTS : PACE_RISES;
	p->best = p->rate;
	p->tried = twice;
	p->rested = 0;
}

static void
halve_it(struct pace *p)
{
	p->phase = p->tried > 1 ? PACE_FALLS : PACE_RESTS;
	p->best = p->rate;
	p->tried /= 2;
	p->rested = 0;
}

static void
end(struct pace *p, double now, size_t window)
{
	p->rate = (double)p->done / (now - p->since);
	/* With less work than the number tried, the rate says nothing. */
	if (p->most < p->tried)
		return;
	switch (p->phase) {
	case PACE_RISES:
		if (p->rate > p->best * better)
			double_it(p, window);
		else
			halve_it(p);
		break;
	case PACE_FALLS:
		if (p->rate >= p->best * worse) {
			halve_it(p);
			break;
		}
		p->phase = PACE_RESTS;
		p->tried = p->tried > 0 ? p->tried * 2 : 2;
		break;
	case PACE_RESTS:
		if (p->rate < p->best * worse)
			halve_it(p);
		else if (++p->rested > REST)
			double_it(p, window);
		break;
	}
}

/* Whether the measurement takes over twice the time that best predicts. */
static int
is_late(const struct pace *p, double now)
{
	return p->best > 0 && now - p->since > late &&
	       now - p->since > 2 * (double)p->tried / p->best;
}

void
pace_note(struct pace *p, double now, size_t held, size_t window)
{
	if (held < p->held)
		p->done += p->held - held;
	/* A measurement does not include a long time without work. */
	if (p->since == 0 ||
	    (held > 0 && p->idle_at > 0 && now - p->idle_at > idle))
		begin(p, now, held);
	if (held > 0)
		p->idle_at = 0;
	else if (p->idle_at == 0)
		p->idle_at = now;
	p->most = held > p->most ? held : p->most;
	p->held = held;
	if (now - p->since >= least && p->done > 0 &&
	    (p->done >= p->tried || is_late(p, now))) {
		end(p, now, window);
		begin(p, now, held);
	}
}

void
pace_set(struct pace *p, size_t held)
{
	p->held = held;
	p->most = held > p->most ? held : p->most;
}

double
pace_rate(const struct pace *p, double now)
{
	double seconds = now - p->since;
	/* A measurement that is too short says less than the last one. */
	int is_known = p->rate > 0 && seconds < least;

	if (p->since == 0 || seconds <= 0 || is_known)
		return p->rate;
	return (double)p->done / seconds;
}

size_t
pace_allows(const struct pace *p, double now)
{
	/* Rounded, so that a second piece is held during one's last stage. */
	size_t pieces = 1 + (size_t)(pace_rate(p, now) * ahead + 0.5);

	return pieces > p->tried ? pieces : p->tried;
}
