#include "base/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t requested;

static void
on_signal(int number)
{
	if (requested == 0)
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
