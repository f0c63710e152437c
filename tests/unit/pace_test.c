/*
 * pace: one document first, then by measured time, and more if that helps
 */
#include <stddef.h>

#include "base/pace.h"
#include "tap.h"

enum { WINDOW = 64, MOST = 4096 };

/*
 * Simulated stages that process a number of documents at once, each in the same
 * time. Every millisecond finished documents end, and as many are claimed as
 * may be held.
 */
struct stages {
	double now, seconds;
	size_t at_once;
	double until[MOST]; /* when each held document ends */
	size_t held, done, most;
};

static void
run(struct stages *s, struct pace *p, double seconds)
{
	double end = s->now + seconds;

	for (; s->now < end; s->now += 0.001) {
		size_t kept = 0;

		for (size_t i = 0; i < s->held; i++)
			if (s->until[i] > s->now)
				s->until[kept++] = s->until[i];
		s->done += s->held - kept;
		s->held = kept;
		pace_note(p, s->now, s->held, WINDOW);
		while (s->held < pace_allows(p, s->now) && s->held < MOST) {
			double from = s->now;

			/*
			 * It starts when the document ends whose place it
			 * takes.
			 */
			if (s->held >= s->at_once &&
			    s->until[s->held - s->at_once] > from)
				from = s->until[s->held - s->at_once];
			s->until[s->held++] = from + s->seconds;
		}
		s->most = s->held > s->most ? s->held : s->most;
		pace_set(p, s->held);
	}
}

static const struct {
	const char *name;
	double seconds;
	size_t at_once;
	size_t held_least, held_most; /* after a minute */
	double part; /* share of the possible work that is done in the next
			minute */
} cases[] = {
    {"half a second, one after the other", 0.5, 1, 1, 2, 0.97},
    {"ten seconds, one after the other", 10, 1, 1, 2, 0.8},
    {"20 ms, one after the other", 0.02, 1, 20, 64, 0.97},
    {"1 ms, one after the other", 0.001, 1, 300, 600, 0.97},
    {"one second, 64 at once", 1, 64, 60, 70, 0.9},
    {"three seconds, 16 at once", 3, 16, 12, 32, 0.85},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		static struct stages s;
		struct pace p = {0};
		double could = 60 / cases[i].seconds * (double)cases[i].at_once;

		s = (struct stages){.now = 1,
		    .seconds = cases[i].seconds,
		    .at_once = cases[i].at_once};
		tap(pace_allows(&p, 0) == 1, "%s: one at first", cases[i].name);
		run(&s, &p, 60);
		tap(s.held >= cases[i].held_least &&
			s.held <= cases[i].held_most,
		    "then %zu to %zu: %zu", cases[i].held_least,
		    cases[i].held_most, s.held);
		s.done = 0;
		run(&s, &p, 60);
		tap((double)s.done >= could * cases[i].part, "%zu done of %.0f",
		    s.done, could);
	}

	/* Stages that slow down hold less. */
	static struct stages s = {.now = 1, .seconds = 0.001, .at_once = 1};
	struct pace p = {0};

	run(&s, &p, 5);
	s.seconds = 1;
	run(&s, &p, 150 + (double)s.held);
	tap(s.held <= 2, "and from 1 ms to 1 s: %zu", s.held);
	return tap_done();
}
