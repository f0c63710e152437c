/*
 * stages - the processes of a pipeline, from start to end
 *
 * The stages and their children are a process group. Its first process, the
 * guard, only waits until this process is dead, and then kills the group.
 */
#ifndef WORKER_STAGES_H
#define WORKER_STAGES_H

#include <sys/types.h>

#include "stage_log.h"

enum { WORKER_STAGES_MAX = 32 };

struct worker_stage {
	char *command;
	char name[64]; /* first word of command */
	pid_t pid;     /* 0: not started, or reaped */
	int ended;     /* its number in the order of ends, from 1; 0: it runs */
	int wait_status;
	struct worker_stage_log log;
};

struct worker_stages {
	struct worker_stage stage[WORKER_STAGES_MAX];
	int n, ended;
	pid_t guard;	/* 0: nothing was started */
	int guard_pipe; /* pipe to the guard, which sees when this process dies
			 */
};

/*
 * Split a shell text into stages. Each part of a plain "a | b | c" is a stage,
 * so that the one that died is known; any other text is one stage.
 */
void worker_stages_parse(struct worker_stages *s, const char *command);
void worker_stages_free(struct worker_stages *s);
/*
 * Start all stages. 0 with the pipeline's input and output; or -1 with errno:
 * then worker_stages_kill must end the stages that did start.
 */
int worker_stages_start(struct worker_stages *s, int *in, int *out);
/* Note which stages have ended. Returns whether all have. */
int worker_stages_watch(struct worker_stages *s);

/* How a pipeline ended. */
struct worker_pipeline_end {
	const char *stage; /* its name, or NULL: none ended on its own */
	const char *said;  /* its last lines; "": none */
	int signal;	   /* signal that killed it, or 0 */
	int status;	   /* exit status */
};
/*
 * Kill the whole group and reap the stages. *end is about the stage to blame
 * among those that had ended before, and is valid until the next start. Returns
 * 1 when every stage had ended with status 0 or 3 on its own, else 0.
 */
int worker_stages_kill(
    struct worker_stages *s, struct worker_pipeline_end *end);

#endif
