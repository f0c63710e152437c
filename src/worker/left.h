/* left - the tasks that a burst leaves */
#ifndef WORKER_LEFT_H
#define WORKER_LEFT_H

#include "tool/cli.h"

struct worker;

/*
 * Whether a burst that holds no task is over: no task is left that it should
 * wait for, or that it may claim.
 */
int worker_left_nothing(struct worker *w);
/* Report the tasks that a finished burst has left. Returns the exit status. */
enum cli_status worker_left_tell(const struct worker *w);

#endif
