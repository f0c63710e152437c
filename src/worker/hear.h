/* hear - RQ's commands to a worker: stop a task, shut down */
#ifndef WORKER_HEAR_H
#define WORKER_HEAR_H

struct worker;

/* Obey the commands sent since the last call; looks once a second. */
void worker_hear(struct worker *w);

#endif
