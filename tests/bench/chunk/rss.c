/* rss [-a] COMMAND...: run it, on one processor unless -a; its user seconds,
 * peak KiB and seconds by the clock on standard error. A small parent, as the
 * peak of a forked child begins with its parent's. */
#define _GNU_SOURCE /* processors */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* On this processor from now on, so that caches and clocks stay the same. */
static void
stay(void)
{
	int here = sched_getcpu();
	cpu_set_t one;

	if (here < 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(here, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

int
main(int argc, char **argv)
{
	int first = argc > 1 && strcmp(argv[1], "-a") == 0 ? 2 : 1, status;
	double start = now();
	struct rusage r;
	pid_t pid;

	if (argc <= first)
		return 2;
	if (first == 1)
		stay();
	pid = vfork();
	if (pid == 0) {
		execvp(argv[first], argv + first);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return 1;
	getrusage(RUSAGE_CHILDREN, &r);
	fprintf(stderr, "%.3f %ld %.3f\n",
	    (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6,
	    r.ru_maxrss, now() - start);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
