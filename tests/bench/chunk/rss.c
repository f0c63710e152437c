/* rss COMMAND...: run it; its user seconds and peak KiB on standard error.
 * A small parent, as the peak of a forked child begins with its parent's. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct rusage r;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = vfork();
	if (pid == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return 1;
	getrusage(RUSAGE_CHILDREN, &r);
	fprintf(stderr, "%.3f %ld\n",
	    (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6,
	    r.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
