/*
 * retry - go on trying while Postgres is away
 *
 * Pauses grow up to two seconds. A failure is reported once a minute, each
 * SQLSTATE by itself, and the return of the server is reported, too.
 */
#ifndef RETRY_H
#define RETRY_H

struct db;

/* Starts with seconds set and zeros: the server answers. */
struct retry {
	double seconds; /* how long it may be away; below 0: for ever */
	double since;	/* when it was lost; 0: it answers */
	int failures;	/* failures since then */
	int is_told;	/* a message about this loss was printed */
	double told_at; /* when the first state in told was reported; 0: none */
	char told[64];	/* SQLSTATEs reported, a space behind each */
};

/*
 * Postgres failed, and trying again can help: report it, with what the tool was
 * doing (or NULL), wait a moment, and return 1. Returns 0 at once if it is time
 * to give up, or if a stop was requested.
 */
int retry_again(struct retry *r, const struct db *d, const char *doing);
/* Postgres took a write: reports that it is back, if it was lost. */
void retry_answered(struct retry *r);

#endif
