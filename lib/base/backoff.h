/*
 * backoff - how long to wait before the next try
 *
 * Exponential, capped, with jitter, so that clients that failed together do not
 * retry together ("Exponential Backoff and Jitter", AWS Architecture Blog,
 * 2015).
 */
#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdint.h>

enum { BACKOFF_ASKED_MAX = 86400 }; /* seconds */

struct backoff {
	double first;  /* seconds to wait after the first failure */
	double most;   /* longest wait, in seconds */
	double jitter; /* the random part of a wait, from 0 to 1 */
};

/*
 * Seconds to wait after a number of failures in a row: first, doubled with each
 * further failure up to most, minus a random part of at most jitter. 0 if there
 * was no failure.
 */
double backoff_wait(const struct backoff *b, int failures);
/*
 * Seconds to wait when a service asked for this wait: at most a day, and 0 if
 * asked is not a positive number. Above 10^9, asked is a Unix time, as now is.
 */
double backoff_asked(double asked, int64_t now);

#endif
