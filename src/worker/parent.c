#include "parent.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"
#include "tool/cli.h"

void
worker_parent_follow(void)
{
	const char *supervisor = getenv("PL_SUPERVISOR");
	int64_t pid;

	if (supervisor == NULL || num_int(supervisor, 1, INT32_MAX, &pid) == -1)
		return;
	/* Stages must not follow the supervisor: it is not their parent. */
	unsetenv("PL_SUPERVISOR");
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* The supervisor may have died before prctl. */
	if (getppid() != (pid_t)pid)
		raise(SIGTERM);
}

static volatile sig_atomic_t child;

static void
pass_on(int number)
{
	int failure = errno;

	kill((pid_t)child, number);
	errno = failure;
}

/* Reap processes until the child has ended; returns its exit status. */
static int
reap_until_end(pid_t pid)
{
	int status = 0;
	pid_t ended;

	do
		ended = waitpid(-1, &status, 0);
	while (ended != pid && (ended != -1 || errno == EINTR));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

void
worker_parent_reap_all(void)
{
	static const int passed[] = {SIGTERM, SIGINT, SIGHUP};
	struct sigaction action = {.sa_handler = pass_on};
	sigset_t all, before;
	pid_t pid;

	if (getpid() != 1)
		return;
	sigemptyset(&action.sa_mask);
	/* No signal is lost between the fork and the handlers. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == -1)
		cli_die(CLI_UNAVAILABLE, "cannot start: %s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		return;
	}
	child = (sig_atomic_t)pid;
	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++)
		sigaction(passed[i], &action, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	_exit(reap_until_end(pid));
}
