/* backoff: doubled, capped, jittered */
#include <stddef.h>

#include "base/backoff.h"
#include "tap.h"

enum { TRIES = 200 };

static const struct {
	struct backoff b;
	int failures;
	double low, high;
} cases[] = {
    {{1, 60, 1}, 0, 0, 0},
    {{1, 60, 1}, -3, 0, 0},
    {{1, 60, 0}, 1, 1, 1},
    {{1, 60, 0}, 2, 2, 2},
    {{1, 60, 0}, 6, 32, 32},
    {{1, 60, 0}, 7, 60, 60},
    {{1, 60, 0}, 2000000000, 60, 60},
    {{0.05, 2, 0.5}, 3, 0.1, 0.2},
    {{0.5, 8, 0.25}, 9, 6, 8},
    {{1, 60, 1}, 5, 0, 16},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		double low = cases[i].low, high = cases[i].high;
		double least = 1e9, most = -1;

		for (int k = 0; k < TRIES; k++) {
			double wait =
			    backoff_wait(&cases[i].b, cases[i].failures);

			least = wait < least ? wait : least;
			most = wait > most ? wait : most;
		}
		tap(least >= low - 1e-9 && most <= high + 1e-9,
		    "after %d failures from %g to %g s", cases[i].failures, low,
		    high);
		/* Among 200 tries at least one falls into each outer fifth. */
		tap(least <= low + (high - low) / 5 &&
			most >= high - (high - low) / 5,
		    "and anywhere between them");
	}
	return tap_done();
}
