/*
 * backoff - how long to wait before the next try
 *
 * Exponential, capped, with jitter: who failed together does not come back
 * together ("Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 */
#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdint.h>

enum { BACKOFF_ASKED_MAX = 86400 }; /* seconds */

struct backoff {
	double first;  /* seconds to wait after the first failure */
	double most;   /* seconds that the doubling stops at */
	double jitter; /* the part of a wait that is left to chance, 0 to 1 */
};

/*
 * Seconds to wait after so many failures in a row, from 1: first, doubled with
 * each failure up to most, less up to the part jitter of it. 0 for none.
 */
double backoff_wait(const struct backoff *b, int failures);
/*
 * Seconds to wait when somebody else asked for so many: at most a day, and 0
 * for what is no such number. Beyond 10^9 it is taken for a Unix time; now is
 * one, too.
 */
double backoff_asked(double asked, int64_t now);

#endif
