/*
 * retry - go on trying while Postgres is away
 *
 * With pauses that grow up to two seconds. What fails is said, and said again
 * once a minute, each SQLSTATE by itself; and when the server is back.
 */
#ifndef RETRY_H
#define RETRY_H

struct db;

/* Zeros, but for seconds: it answers. */
struct retry {
	double seconds; /* it may be away; below 0: for ever */
	double since;	/* when it was lost; 0: it answers */
	int failures;	/* since then */
	int is_told;	/* of this loss, something was said */
	double told_at; /* the first of those below; 0: none */
	char told[64];	/* their SQLSTATEs, a space behind each */
};

/*
 * It failed, for a reason that passes: say so, and what was being done (or
 * NULL), wait a moment, and return 1. 0 at once when it is time to give up, or
 * a stop was requested.
 */
int retry_again(struct retry *r, const struct db *d, const char *doing);
/* It took what was written: it is back, if it was lost. */
void retry_answered(struct retry *r);

#endif
