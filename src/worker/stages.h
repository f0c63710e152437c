/*
 * stages - the processes of a pipeline, from start to end
 *
 * They are in a process group of their own, and so is what they start. Its
 * first process, the guard, does nothing but kill the group when this process
 * is dead.
 */
#ifndef WORKER_STAGES_H
#define WORKER_STAGES_H

#include <sys/types.h>

#include "stage_log.h"

enum { WORKER_STAGES_MAX = 32 };

struct worker_stage {
	char *command;
	char name[64]; /* its first word */
	pid_t pid;     /* 0: not started, or reaped */
	int ended;     /* which of the ends it was, from 1; 0: it runs */
	int wait_status;
	struct worker_stage_log log;
};

struct worker_stages {
	struct worker_stage stage[WORKER_STAGES_MAX];
	int n, ended;
	pid_t guard; /* 0: nothing was started */
	int leash;   /* the guard sees the end of it */
};

/*
 * The stages of a shell text: of a plain "a | b | c" each, so that the one that
 * died is known; any other text is one stage.
 */
void worker_stages_parse(struct worker_stages *s, const char *command);
void worker_stages_free(struct worker_stages *s);
/*
 * Start all. 0 with the pipeline's input and output; or -1 with errno, and
 * those that were started are to be ended by worker_stages_kill.
 */
int worker_stages_start(struct worker_stages *s, int *in, int *out);
/* Note which have ended since. Whether all have. */
int worker_stages_watch(struct worker_stages *s);

/* How a pipeline ended. */
struct worker_pipeline_end {
	const char *stage; /* its name, or NULL: none ended on its own */
	const char *said;  /* its last lines; "": none */
	int signal;	   /* that killed it, or 0 */
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
