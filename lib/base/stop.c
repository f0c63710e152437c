#include "base/stop.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "base/time.h"

static volatile sig_atomic_t requested;
/* On the clock of time_now; written before the flag is set. */
static struct timespec requested_at;

static void
on_signal(int number)
{
	if (requested != 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &requested_at);
	requested = number;
}

void
stop_catch(void)
{
	/* No SA_RESTART: a blocked read or poll must return with EINTR. */
	struct sigaction action = {.sa_handler = on_signal};

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

int
stop_requested(void)
{
	return requested;
}

double
stop_age(void)
{
	if (!requested)
		return 0;
	return time_now() - (double)requested_at.tv_sec -
	       (double)requested_at.tv_nsec / 1e9;
}
