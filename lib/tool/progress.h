/*
 * progress - show on standard error how many items are done
 *
 * One line, overwritten at most five times a second and once at the end. It is
 * shown if standard error is a terminal, or if it is forced. PL_PROGRESS=none:
 * another program owns the line of progress on this terminal.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdint.h>

#include "tool/progress_line.h"

struct progress {
	const char *what; /* plural, for example "documents" */
	uint64_t total;	  /* 0: not known */
	int shown;
	double last;
	struct progress_rate rate;
};

/* Whether to show progress. */
int progress_wanted(int force);
/* Show a line in place of the one before. */
void progress_show(const char *line);
/* End the line that was shown. */
void progress_close(void);
/* Begin; what is borrowed. */
void progress_start(
    struct progress *p, const char *what, uint64_t total, int force);
/* Show the number done, if it is time. */
void progress_update(struct progress *p, uint64_t done);
/* Show the number done, and end the line. */
void progress_end(struct progress *p, uint64_t done);

#endif
