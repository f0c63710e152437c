#include "base/backoff.h"

#include <math.h>
#include <stdint.h>

#include "base/digest.h"

/* A random number from 0 to 1. A UUID of version 7 ends with random bytes. */
static double
chance(void)
{
	uint8_t id[DIGEST_UUID];

	digest_uuid7(id);
	return (double)(id[14] << 8 | id[15]) / 65535;
}

double
backoff_wait(const struct backoff *b, int failures)
{
	enum { DOUBLINGS_MAX = 30 };
	double wait;

	if (failures <= 0)
		return 0;
	failures = failures < DOUBLINGS_MAX ? failures : DOUBLINGS_MAX;
	wait = fmin(ldexp(b->first, failures - 1), b->most);
	return wait * (1 - b->jitter * chance());
}

double
backoff_asked(double asked, int64_t now)
{
	static const double epoch = 1e9; /* 30 years: longer than any wait */

	if (asked > epoch)
		asked -= (double)now;
	/* True for NaN, too. */
	if (!(asked > 0))
		return 0;
	return asked < BACKOFF_ASKED_MAX ? asked : BACKOFF_ASKED_MAX;
}
