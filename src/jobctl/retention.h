/* retention - the part of 'prune' that deletes old history */
#ifndef JOBCTL_RETENTION_H
#define JOBCTL_RETENTION_H

#include <stdint.h>

struct jobctl;

struct retention_options {
	int64_t older; /* ms */
	const char *status;
	int dry_run;
};
/* Delete what is older, or count it, and print how much that is. The status. */
int jobctl_retention(struct jobctl *c, const struct retention_options *o);

#endif
