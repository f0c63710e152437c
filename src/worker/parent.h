/*
 * parent - end with the supervisor, and act as process 1 of a container
 *
 * The supervisor gives its process id in PL_SUPERVISOR. A worker that another
 * program started outlives that program.
 */
#ifndef WORKER_PARENT_H
#define WORKER_PARENT_H

/*
 * If there is a supervisor, get SIGTERM when it dies. Signals are caught before
 * this call.
 */
void worker_parent_follow(void);
/*
 * As process 1 of a container, fork. The child returns and works. The parent
 * stays: it reaps orphans, passes signals on, and exits with the child's
 * status. In any other process, return at once.
 */
void worker_parent_reap_all(void);

#endif
