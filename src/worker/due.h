/* due - what is due in Postgres alone, which Redis does not tell of */
#ifndef WORKER_DUE_H
#define WORKER_DUE_H

struct worker;

/*
 * If it is time to look: push tasks that nobody pushed, delete documents whose
 * time has come, and start pl-jobctl to send notifications. An idle worker
 * looks every second.
 */
void worker_due(struct worker *w);
/*
 * A burst has no task left: look once more. Whether notifications are still
 * being sent.
 */
int worker_due_is_left(struct worker *w);
/* The worker ends: kill pl-jobctl, if it runs. */
void worker_due_stop(struct worker *w);

#endif
