/*
 * commands - the commands of pl-jobctl
 *
 * Each parses its options and arguments and returns the exit status.
 */
#ifndef JOBCTL_COMMANDS_H
#define JOBCTL_COMMANDS_H

struct jobctl;

int jobctl_init(struct jobctl *c, int argc, char **argv);
int jobctl_create(struct jobctl *c, int argc, char **argv);
int jobctl_start(struct jobctl *c, int argc, char **argv);
int jobctl_progress(struct jobctl *c, int argc, char **argv);
int jobctl_complete(struct jobctl *c, int argc, char **argv);
int jobctl_fail(struct jobctl *c, int argc, char **argv);
int jobctl_cancel(struct jobctl *c, int argc, char **argv);
int jobctl_retry(struct jobctl *c, int argc, char **argv);
int jobctl_status(struct jobctl *c, int argc, char **argv);
int jobctl_list(struct jobctl *c, int argc, char **argv);
int jobctl_documents(struct jobctl *c, int argc, char **argv);
int jobctl_wait(struct jobctl *c, int argc, char **argv);
int jobctl_verify(struct jobctl *c, int argc, char **argv);
int jobctl_sync(struct jobctl *c, int argc, char **argv);
int jobctl_metrics(struct jobctl *c, int argc, char **argv);
int jobctl_health(struct jobctl *c, int argc, char **argv);
int jobctl_sources(struct jobctl *c, int argc, char **argv);
int jobctl_workers(struct jobctl *c, int argc, char **argv);
int jobctl_queues(struct jobctl *c, int argc, char **argv);
int jobctl_pause(struct jobctl *c, int argc, char **argv);
int jobctl_resume(struct jobctl *c, int argc, char **argv);

#endif
