/*
 * stage_log - what a stage says on standard error
 *
 * Its lines are passed on to ours with its name in front, so many a second;
 * what it said last is kept, to tell why it died. Whoever reads our standard
 * error neither stops a stage nor ends it.
 */
#ifndef WORKER_STAGE_LOG_H
#define WORKER_STAGE_LOG_H

#include "base/buf.h"

enum { WORKER_STAGE_LINE = 2048 /* bytes of a line that are kept */ };

struct worker_stage_log {
	int fd;		  /* what it says is read here; -1: nothing */
	const char *name; /* of the stage; not ours */
	struct buf line;  /* that has no end yet */
	struct buf last;  /* its last lines, of this run */
	double second;	  /* when the current one began */
	int told;	  /* lines passed on in it */
	long untold;	  /* lines that were too many */
};

/* A stage was started. fd is ours from here on, and is made not to block. */
void worker_stage_log_open(
    struct worker_stage_log *l, int fd, const char *name);
/* Pass on some of what is there. */
void worker_stage_log_read(struct worker_stage_log *l);
/* The stage has ended: pass on what is left. */
void worker_stage_log_close(struct worker_stage_log *l);
/* Its last line, and those before it that fit: "; " between them; "": none. */
const char *worker_stage_log_last(const struct worker_stage_log *l);
void worker_stage_log_free(struct worker_stage_log *l);

#endif
