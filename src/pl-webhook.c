/* pl-webhook - receive webhooks: save events, with the jobs that they cause */

#include <signal.h>
#include <sys/resource.h>

#include "base/stop.h"
#include "tool/cli.h"
#include "webhook/listen.h"
#include "webhook/once.h"
#include "webhook/options.h"
#include "webhook/receiver.h"
#include "webhook/server.h"

/* The exit status for the answer to one request. */
static int
status_of(int answer)
{
	return answer >= 500   ? CLI_UNAVAILABLE
	       : answer >= 400 ? CLI_PARTIAL
			       : CLI_DONE;
}

/* A connection is a descriptor; the usual limit of 1024 is a soft one. */
static void
allow_connections(int connections)
{
	enum { OTHERS = 64 };
	struct rlimit limit;
	rlim_t wanted = (rlim_t)connections + OTHERS;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int
main(int argc, char **argv)
{
	enum { PATIENCE = 100 }; /* ms that a message may take */
	struct webhook_options options;
	struct receiver receiver;
	int fd, status = CLI_DONE;

	cli_start("pl-webhook");
	webhook_options_parse(argc, argv, &options);
	cli_set_patience(PATIENCE);

	if (options.is_stdin) {
		receiver_open(&receiver, &options);
		stop_catch();
		status = status_of(webhook_once(&receiver));
	} else {
		signal(SIGPIPE, SIG_IGN);
		allow_connections(options.connections);
		fd = webhook_listen(options.listen);
		receiver_open(&receiver, &options);
		stop_catch();
		webhook_serve(&receiver, fd);
	}
	receiver_close(&receiver);
	return status;
}
