/*
 * stage_log - the lines that a stage writes on standard error
 *
 * The lines are passed on to the worker's standard error, with the stage's name
 * in front, up to a number a second. The last lines are kept, to report why the
 * stage died. A slow or dead reader of the worker's standard error neither
 * stops a stage nor ends it.
 */
#ifndef WORKER_STAGE_LOG_H
#define WORKER_STAGE_LOG_H

#include "base/buf.h"

enum { WORKER_STAGE_LINE = 2048 /* bytes of a line that are kept */ };

struct worker_stage_log {
	int fd;		  /* of the stage's standard error; -1: closed */
	const char *name; /* of the stage; borrowed */
	struct buf line;  /* the line that has no end yet */
	struct buf last;  /* the last lines of this run */
	double second;	  /* when the current second began */
	int told;	  /* lines passed on in this second */
	long untold;	  /* lines above the limit, not passed on */
};

/*
 * Begin to log a stage. Takes over fd, and sets it to not block; borrows name.
 */
void worker_stage_log_open(
    struct worker_stage_log *l, int fd, const char *name);
/* Pass on lines that have arrived, up to a number of reads. */
void worker_stage_log_read(struct worker_stage_log *l);
/* The stage has ended: pass on the remaining lines. */
void worker_stage_log_close(struct worker_stage_log *l);
/* The last lines that fit, with "; " between them; "" if there are none. */
const char *worker_stage_log_last(const struct worker_stage_log *l);
void worker_stage_log_free(struct worker_stage_log *l);

#endif
