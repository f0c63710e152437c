/*
 * parent - what a worker owes to whoever started it, and as the first process
 *
 * The supervisor says who it is, in PL_SUPERVISOR; a worker that was started by
 * anybody else outlives them.
 */
#ifndef WORKER_PARENT_H
#define WORKER_PARENT_H

/* With a supervisor: be told to stop when it dies. Signals are caught already.
 */
void worker_parent_follow(void);
/*
 * As process 1 of a container: go on in a child, and stay behind to reap what
 * others left, pass on signals, and end as the child does. Returns in the
 * process that is to work.
 */
void worker_parent_reap_all(void);

#endif
