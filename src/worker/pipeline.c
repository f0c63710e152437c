#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/time.h"
#include "record/record.h"
#include "record/record_in.h"

enum { STAGES_MAX = 32, FD_MAX = 1024, KEEP = 1 << 20 };

struct stage {
	char *command;
	pid_t pid; /* 0 when reaped or not started */
	int ended; /* position in the order of ends, from 1; 0: runs */
	int wait_status;
};

struct worker_pipeline {
	struct stage stage[STAGES_MAX];
	int stages, ended;
	pid_t group;
	int in, out; /* -1 when closed */
	int finishing;
	int eof; /* the output has ended */
	size_t max_record;
	struct buf unsent;
	size_t sent; /* bytes at the start of unsent that were written */
	struct record_in *records;
};

/* Text between two stages, or all of it. */
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
 * is more than a plain pipeline, and only a shell can tell its parts.
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

static void
split(struct worker_pipeline *p, const char *command)
{
	const char *s = command, *end;

	for (;;) {
		end = stage_end(s);
		if (end == NULL || p->stages == STAGES_MAX)
			break;
		p->stage[p->stages].command = trimmed(s, (size_t)(end - s));
		if (*p->stage[p->stages++].command == '\0')
			break;
		if (*end == '\0')
			return;
		s = end + 1;
	}
	while (p->stages > 0)
		free(p->stage[--p->stages].command);
	p->stage[p->stages++].command = x_strdup(command);
}

struct worker_pipeline *
worker_pipeline_new(const char *command, size_t max_record)
{
	struct worker_pipeline *p = x_calloc(1, sizeof(*p));

	p->in = p->out = -1;
	p->max_record = max_record;
	split(p, command);
	return p;
}

void
worker_pipeline_free(struct worker_pipeline *p)
{
	struct worker_pipeline_end end;

	if (p == NULL)
		return;
	worker_pipeline_stop(p, &end);
	for (int i = 0; i < p->stages; i++)
		free(p->stage[i].command);
	buf_free(&p->unsent);
	free(p);
}

int
worker_pipeline_is_running(const struct worker_pipeline *p)
{
	return p->out != -1;
}

int
worker_pipeline_is_finishing(const struct worker_pipeline *p)
{
	return p->finishing;
}

static _Noreturn void
become_stage(const char *command, int in, int out, pid_t group)
{
	setpgid(0, group);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		_exit(126);
	for (int fd = STDERR_FILENO + 1; fd < FD_MAX; fd++)
		close(fd);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Start stage i between two descriptors, both of which are then closed. */
static int
start_stage(struct worker_pipeline *p, int i, int in, int out)
{
	struct stage *s = &p->stage[i];

	s->ended = 0;
	s->pid = fork();
	if (s->pid == 0)
		become_stage(s->command, in, out, p->group);
	close(in);
	close(out);
	if (s->pid == -1) {
		s->pid = 0;
		return -1;
	}
	if (p->group == 0)
		p->group = s->pid;
	/* The child does the same: whoever comes first. */
	setpgid(s->pid, p->group);
	return 0;
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

int
worker_pipeline_start(struct worker_pipeline *p)
{
	struct record_in_options options = {.max_record = p->max_record};
	struct worker_pipeline_end end;
	int link[2], in;

	if (worker_pipeline_is_running(p))
		return 0;
	p->group = 0;
	p->ended = p->finishing = p->eof = 0;
	if (open_pipe(link) == -1)
		return -1;
	p->in = link[1];
	in = link[0];
	for (int i = 0; i < p->stages; i++) {
		if (open_pipe(link) == -1) {
			close(in);
			goto failed;
		}
		if (start_stage(p, i, in, link[1]) == -1) {
			close(link[0]);
			goto failed;
		}
		in = link[0];
	}
	p->out = in;
	fcntl(p->in, F_SETFL, O_NONBLOCK);
	p->records = record_in_open(p->out, &options);
	return 0;
failed:
	worker_pipeline_stop(p, &end);
	return -1;
}

void
worker_pipeline_send(struct worker_pipeline *p, const char *bytes, size_t n)
{
	if (p->sent == p->unsent.len) {
		buf_reset(&p->unsent, KEEP);
		p->sent = 0;
	}
	buf_add(&p->unsent, bytes, n);
}

size_t
worker_pipeline_unsent(const struct worker_pipeline *p)
{
	return p->unsent.len - p->sent;
}

static void
close_input(struct worker_pipeline *p)
{
	if (p->in != -1)
		close(p->in);
	p->in = -1;
}

/* Write what the pipe takes now. A broken pipe shows as end of output. */
static void
write_some(struct worker_pipeline *p)
{
	while (p->in != -1 && worker_pipeline_unsent(p) > 0) {
		ssize_t n = write(
		    p->in, p->unsent.data + p->sent, worker_pipeline_unsent(p));

		if (n == -1) {
			if (errno == EPIPE)
				close_input(p);
			break;
		}
		p->sent += (size_t)n;
	}
	if (p->finishing && worker_pipeline_unsent(p) == 0)
		close_input(p);
}

int
worker_pipeline_wait(struct worker_pipeline *p, int timeout)
{
	struct pollfd fds[2] = {{.fd = p->out, .events = POLLIN},
	    {.fd = worker_pipeline_unsent(p) > 0 ? p->in : -1,
		.events = POLLOUT}};
	int n;

	write_some(p);
	if (worker_pipeline_unsent(p) == 0)
		fds[1].fd = -1;
	n = poll(fds, 2, timeout);
	if (n > 0 && fds[1].revents != 0)
		write_some(p);
	return n;
}

int
worker_pipeline_read(struct worker_pipeline *p, struct record *r)
{
	if (p->records == NULL || record_in_wait(p->records, 0) != 1)
		return 0;
	switch (record_in_read(p->records, r)) {
	case RECORD_OK:
		return 1;
	case RECORD_REFUSED:
		r->type = RECORD_FOREIGN;
		r->root = NULL;
		return 1;
	default:
		p->eof = 1;
		return -1;
	}
}

void
worker_pipeline_finish(struct worker_pipeline *p)
{
	p->finishing = 1;
	write_some(p);
}

/* Reap what has ended; with wait, everything. */
static void
reap(struct worker_pipeline *p, int options)
{
	for (int i = 0; i < p->stages; i++) {
		struct stage *s = &p->stage[i];

		while (s->pid > 0) {
			pid_t pid = waitpid(s->pid, &s->wait_status, options);

			if (pid == s->pid) {
				s->pid = 0;
				s->ended = ++p->ended;
			} else if (pid == 0 || errno != EINTR) {
				break;
			}
		}
	}
}

/* A shell that did not exec tells of a signal as 128 + its number. */
static void
read_end(const struct stage *s, struct worker_pipeline_end *end)
{
	size_t n = strcspn(s->command, " \t");

	*end = (struct worker_pipeline_end){0};
	snprintf(end->stage, sizeof(end->stage), "%.*s", (int)n, s->command);
	if (WIFSIGNALED(s->wait_status))
		end->signal = WTERMSIG(s->wait_status);
	else
		end->status = WEXITSTATUS(s->wait_status);
	if (end->status > 128 && end->status < 128 + 65)
		end->signal = end->status - 128;
}

/* How much an end looks like a cause, not like a consequence of another. */
static int
blame(const struct stage *s)
{
	struct worker_pipeline_end end;

	read_end(s, &end);
	if (end.signal == SIGPIPE)
		return 1;
	if (end.signal != 0)
		return 4;
	if (end.status != 0 && end.status != 3)
		return 3;
	return 2;
}

/*
 * When one stage dies its neighbours follow within moments; give them those,
 * so that only what hangs is killed by us and ours is not taken for a cause.
 */
static void
let_end(struct worker_pipeline *p)
{
	for (int i = 0; i < 50 && p->ended < p->stages; i++) {
		reap(p, WNOHANG);
		if (p->ended < p->stages)
			time_sleep(0.002);
	}
}

int
worker_pipeline_stop(struct worker_pipeline *p, struct worker_pipeline_end *end)
{
	int on_its_own, clean = 1, worst = 0;

	*end = (struct worker_pipeline_end){0};
	close_input(p);
	reap(p, WNOHANG);
	if (p->ended > 0 || p->eof)
		let_end(p);
	on_its_own = p->ended;
	if (p->group > 0 && p->ended < p->stages)
		kill(-p->group, SIGKILL);
	reap(p, 0);
	for (int i = 0; i < p->stages; i++) {
		struct stage *s = &p->stage[i];

		if (s->ended == 0 || s->ended > on_its_own) {
			clean = 0;
			continue;
		}
		if (blame(s) != 2)
			clean = 0;
		if (blame(s) > worst) {
			worst = blame(s);
			read_end(s, end);
		}
	}
	if (p->out != -1)
		close(p->out);
	p->out = -1;
	p->group = 0;
	p->finishing = 0;
	record_in_close(p->records);
	p->records = NULL;
	buf_reset(&p->unsent, KEEP);
	p->sent = 0;
	for (int i = 0; i < p->stages; i++)
		p->stage[i].ended = 0;
	p->ended = 0;
	return clean;
}
