/* For prctl, environ, and the process limits beside POSIX. */
#define _GNU_SOURCE
#include "map.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/time.h"
#include "ingest.h"
#include "listing.h"
#include "report.h"
#include "tool/cli.h"

enum {
	MEMORY_MAX = 1 << 30, /* bytes of address space */
	MESSAGE_MAX = 400,    /* bytes of jq's message that are shown */
	NOT_FOUND = 127,      /* exit status if there is no jq */
	FIRST_FILE = 3
};

struct map_run {
	char *program;
	int in, out, err; /* descriptors */
	int64_t seconds;
	size_t output; /* bytes */
};

/* A file without a name. */
static int
unnamed_file(void)
{
	const char *folder = cli_env("TMPDIR", NULL);
	struct buf path = {0};
	int fd;

	buf_printf(&path, "%s/pl-map.XXXXXX", folder ? folder : "/tmp");
	fd = mkostemp(path.data, O_CLOEXEC);
	if (fd == -1)
		cli_die(CLI_FAILED, "a file for the map's output, %s: %s",
		    path.data, strerror(errno));
	unlink(path.data);
	buf_free(&path);
	return fd;
}

static void
limit(int what, rlim_t most)
{
	struct rlimit r;

	if (getrlimit(what, &r) == -1)
		_exit(NOT_FOUND);
	r.rlim_max = r.rlim_max < most ? r.rlim_max : most;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(what, &r) == -1)
		_exit(NOT_FOUND);
}

/*
 * Become jq. HOME is a place that does not exist, as jq without HOME looks up
 * the user's own, and would read ~/.jq there.
 */
static _Noreturn void
become_jq(const struct map_run *m, pid_t parent)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	static char home[] = "HOME=/nonexistent";
	static char *variables[] = {path, home, NULL};
	long files = sysconf(_SC_OPEN_MAX);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NOT_FOUND);
	if (dup2(m->in, STDIN_FILENO) == -1 ||
	    dup2(m->out, STDOUT_FILENO) == -1 ||
	    dup2(m->err, STDERR_FILENO) == -1)
		_exit(NOT_FOUND);
	for (int fd = FIRST_FILE; fd < (files < 1024 ? (int)files : 1024); fd++)
		close(fd);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, (rlim_t)m->seconds);
	limit(RLIMIT_FSIZE, (rlim_t)m->output);
#ifndef __SANITIZE_ADDRESS__
	limit(RLIMIT_AS, MEMORY_MAX);
#endif
	signal(SIGXFSZ, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	environ = variables;
	execlp(
	    "jq", "jq", "-c", "-L", "/nonexistent", m->program, (char *)NULL);
	_exit(NOT_FOUND);
}

/* Wait for jq, or end it when its time is over. Returns 1 if it was. */
static int
wait_for(pid_t pid, double seconds, int *status)
{
	double until = time_now() + seconds, pause = 0.001;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (time_now() > until) {
			kill(pid, SIGKILL);
			waitpid(pid, status, 0);
			return 1;
		}
		time_sleep(pause);
		pause = pause < 0.05 ? pause * 1.5 : pause;
	}
	return 0;
}

static void
fail(struct ingest *in, enum error_class class, const char *code,
    const char *message, const char *detail)
{
	ingest_report_failure(in,
	    &(struct ingest_failure){class, code, NULL, 0}, "%s%s", message,
	    detail);
}

/* What jq said, on one line. */
static void
read_message(int fd, char message[static MESSAGE_MAX])
{
	ssize_t n = pread(fd, message, MESSAGE_MAX - 1, 0);

	message[n > 0 ? n : 0] = '\0';
	for (char *p = message; *p != '\0'; p++)
		if (*p == '\n')
			*p = p[1] != '\0' ? ' ' : '\0';
}

/* Report how jq failed. 0 if it did not, else -1. */
static int
judge(struct ingest *in, const struct map_run *m, int status, int is_late)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	char message[MESSAGE_MAX];

	if (is_late || signal == SIGXCPU)
		fail(in, ERROR_INPUT, "map_timeout",
		    "the map took longer than --map-timeout", "");
	else if (signal == SIGXFSZ)
		fail(in, ERROR_INPUT, "map_too_large",
		    "the map wrote more than --map-output", "");
	else if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
		fail(in, ERROR_CONFIG, "map_failed",
		    "jq, which runs maps, cannot be started: install it", "");
	else if (signal != 0)
		fail(in, ERROR_INPUT, "map_failed",
		    "the map was ended by a signal, most likely as it needs "
		    "more than 1 GiB: ",
		    strsignal(signal));
	else if (WEXITSTATUS(status) != 0) {
		read_message(m->err, message);
		fail(in, ERROR_INPUT, "map_failed", "the map failed: ",
		    *message != '\0' ? message : "it says nothing");
	} else
		return 0;
	return -1;
}

/*
 * The program in parentheses, where import and include are syntax errors, on
 * lines of its own, so that a comment at its end does not hide the last one.
 */
static char *
enclose(const char *program)
{
	struct buf text = {0};

	buf_printf(&text, "(\n%s\n)", program);
	return text.data;
}

int
ingest_map_run(struct ingest *in, int fd)
{
	const struct ingest_options *o = &in->options;
	struct map_run m = {.program = enclose(o->program),
	    .in = fd,
	    .out = unnamed_file(),
	    .err = unnamed_file(),
	    .seconds = (int64_t)o->map_timeout + 1,
	    .output = o->map_output};
	pid_t parent = getpid(), pid;
	int status = 0, is_late, result = -1;

	ingest_listing_lacks(in);
	ingest_report_idle(in);
	pid = fork();
	if (pid == 0)
		become_jq(&m, parent);
	if (pid == -1) {
		fail(in, ERROR_TRANSIENT, "map_failed",
		    "jq cannot be started: ", strerror(errno));
	} else {
		is_late = wait_for(pid, o->map_timeout, &status);
		if (judge(in, &m, status, is_late) == 0 &&
		    lseek(m.out, 0, SEEK_SET) == 0)
			result = m.out;
	}
	if (result == -1)
		close(m.out);
	close(m.err);
	free(m.program);
	return result;
}
