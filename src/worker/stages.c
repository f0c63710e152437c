#include "stages.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

enum { FD_MAX = 1024 };

/* Splitting. */

/* A copy of n bytes without the blanks at both ends. */
static char *
trimmed(const char *s, size_t n)
{
	while (n > 0 && (*s == ' ' || *s == '\t'))
		s++, n--;
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return x_memdup(s, n);
}

/*
 * The end of the stage at s: the '|' or the NUL behind it. NULL when the text
 * is more than a plain pipeline: only a shell can split it.
 */
static const char *
stage_end(const char *s)
{
	char quote = '\0';

	for (; *s != '\0'; s++) {
		if (quote != '\0') {
			if (*s == '\\' && quote == '"' && s[1] != '\0')
				s++;
			else if (*s == quote)
				quote = '\0';
			else if (quote == '"' && (*s == '`' || *s == '$'))
				return NULL;
			continue;
		}
		if (*s == '\'' || *s == '"')
			quote = *s;
		else if (*s == '\\' && s[1] != '\0')
			s++;
		else if (strchr(";&()`\n#{}!", *s) != NULL ||
			 (*s == '$' && s[1] == '(') ||
			 (*s == '|' && s[1] == '|'))
			return NULL;
		else if (*s == '|')
			return s;
	}
	return quote == '\0' ? s : NULL;
}

/* Takes over the command. */
static void
add_stage(struct worker_stages *s, char *command)
{
	struct worker_stage *stage = &s->stage[s->n++];

	stage->command = command;
	stage->log.fd = -1;
	snprintf(stage->name, sizeof(stage->name), "%.*s",
	    (int)strcspn(command, " \t"), command);
}

void
worker_stages_parse(struct worker_stages *s, const char *command)
{
	const char *at = command, *end;

	for (;;) {
		end = stage_end(at);
		if (end == NULL || s->n == WORKER_STAGES_MAX)
			break;
		add_stage(s, trimmed(at, (size_t)(end - at)));
		if (*s->stage[s->n - 1].command == '\0')
			break;
		if (*end == '\0')
			return;
		at = end + 1;
	}
	worker_stages_free(s);
	add_stage(s, x_strdup(command));
}

void
worker_stages_free(struct worker_stages *s)
{
	while (s->n > 0) {
		struct worker_stage *stage = &s->stage[--s->n];

		free(stage->command);
		worker_stage_log_free(&stage->log);
	}
}

/* Starting. */

static void
close_from(int fd, int kept)
{
	for (; fd < FD_MAX; fd++)
		if (fd != kept)
			close(fd);
}

static _Noreturn void
become_stage(const char *command, int in, int out, int err, pid_t group)
{
	setpgid(0, group);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1 ||
	    dup2(err, STDERR_FILENO) == -1)
		_exit(126);
	close_from(STDERR_FILENO + 1, -1);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static int
open_pipe(int ends[2])
{
	if (pipe(ends) == -1)
		return -1;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

/*
 * Lead the group, and kill all of it when the other end of the pipe is closed.
 * PR_SET_PDEATHSIG would end only direct children of the worker, and not what a
 * shell has started.
 */
static _Noreturn void
become_guard(int guard_pipe)
{
	static const int ignored[] = {SIGTERM, SIGINT, SIGHUP};
	char byte;

	setpgid(0, 0);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	close_from(0, guard_pipe);
	while (read(guard_pipe, &byte, 1) == -1 && errno == EINTR)
		;
	kill(0, SIGKILL);
	_exit(0);
}

static int
start_guard(struct worker_stages *s)
{
	int ends[2];

	if (open_pipe(ends) == -1)
		return -1;
	s->guard = fork();
	if (s->guard == 0)
		become_guard(ends[0]);
	close(ends[0]);
	if (s->guard == -1) {
		s->guard = 0;
		close(ends[1]);
		return -1;
	}
	/* The child does the same; either may come first. */
	setpgid(s->guard, s->guard);
	s->guard_pipe = ends[1];
	return 0;
}

/* Start a stage between two descriptors. 0 or -1 with errno. */
static int
start_stage(
    struct worker_stages *s, struct worker_stage *stage, int in, int out)
{
	int err[2];

	stage->ended = 0;
	if (open_pipe(err) == -1)
		return -1;
	stage->pid = fork();
	if (stage->pid == 0)
		become_stage(stage->command, in, out, err[1], s->guard);
	close(err[1]);
	if (stage->pid == -1) {
		stage->pid = 0;
		close(err[0]);
		return -1;
	}
	worker_stage_log_open(&stage->log, err[0], stage->name);
	setpgid(stage->pid, s->guard);
	return 0;
}

int
worker_stages_start(struct worker_stages *s, int *in, int *out)
{
	int link[2], next, status = 0;

	s->ended = 0;
	if (start_guard(s) == -1 || open_pipe(link) == -1)
		return -1;
	next = link[0];
	*in = link[1];
	for (int i = 0; i < s->n && status == 0; i++) {
		status = open_pipe(link);
		if (status == -1)
			break;
		status = start_stage(s, &s->stage[i], next, link[1]);
		close(next);
		close(link[1]);
		next = link[0];
	}
	if (status == 0) {
		*out = next;
		return 0;
	}
	close(next);
	close(*in);
	return -1;
}

/* Ending. */

int
worker_stages_watch(struct worker_stages *s)
{
	/* From the last stage, because its end makes earlier stages end. */
	for (int i = s->n - 1; i >= 0; i--) {
		struct worker_stage *stage = &s->stage[i];

		if (stage->pid > 0 && waitpid(stage->pid, &stage->wait_status,
					  WNOHANG) == stage->pid) {
			stage->pid = 0;
			stage->ended = ++s->ended;
		}
	}
	return s->ended == s->n;
}

static void
reap(pid_t *pid)
{
	while (*pid > 0 && waitpid(*pid, NULL, 0) == -1 && errno == EINTR)
		;
	*pid = 0;
}

/*
 * Kill the whole group. Its number cannot be reused before the guard is reaped.
 */
static void
kill_group(struct worker_stages *s)
{
	if (s->guard == 0)
		return;
	kill(-s->guard, SIGKILL);
	close(s->guard_pipe);
	for (int i = 0; i < s->n; i++)
		reap(&s->stage[i].pid);
	reap(&s->guard);
}

/* A shell that did not exec reports a signal as status 128 + number. */
static void
read_end(const struct worker_stage *stage, struct worker_pipeline_end *end)
{
	*end = (struct worker_pipeline_end){
	    .stage = stage->name, .said = worker_stage_log_last(&stage->log)};
	if (WIFSIGNALED(stage->wait_status))
		end->signal = WTERMSIG(stage->wait_status);
	else
		end->status = WEXITSTATUS(stage->wait_status);
	if (end->status > 128 && end->status < 128 + 65)
		end->signal = end->status - 128;
}

/* How probably an end is a cause and not a consequence, in rising order. */
enum blame { NONE, BROKEN_PIPE, SUCCEEDED, FAILED, KILLED };

static enum blame
blame_of(const struct worker_pipeline_end *end)
{
	if (end->signal == SIGPIPE)
		return BROKEN_PIPE;
	if (end->signal != 0)
		return KILLED;
	return end->status == 0 || end->status == 3 ? SUCCEEDED : FAILED;
}

int
worker_stages_kill(struct worker_stages *s, struct worker_pipeline_end *end)
{
	enum blame worst = NONE;
	int clean = 1, first = 0;

	*end = (struct worker_pipeline_end){.said = ""};
	kill_group(s);
	for (int i = 0; i < s->n; i++) {
		struct worker_stage *stage = &s->stage[i];
		struct worker_pipeline_end its;
		enum blame blame;

		worker_stage_log_close(&stage->log);
		if (stage->ended == 0) {
			clean = 0;
			continue;
		}
		read_end(stage, &its);
		blame = blame_of(&its);
		clean &= blame == SUCCEEDED;
		/*
		 * If two are equally probable, blame the stage that ended
		 * first.
		 */
		if (blame > worst || (blame == worst && stage->ended < first)) {
			worst = blame;
			first = stage->ended;
			*end = its;
		}
		stage->ended = 0;
	}
	s->ended = 0;
	return clean;
}
