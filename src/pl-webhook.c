/* pl-webhook - receive webhooks: save events, with the jobs that they cause */

#include <signal.h>

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

int
main(int argc, char **argv)
{
	enum { PATIENCE = 100 }; /* ms that a message may take */
	struct webhook_options options;
	struct receiver receiver;
	int fd, status = CLI_DONE;

	cli_start("pl-webhook");
	webhook_options_parse(argc, argv, &options);
	signal(SIGPIPE, SIG_IGN);
	cli_set_patience(PATIENCE);

	if (options.is_stdin) {
		receiver_open(&receiver, &options);
		stop_catch();
		status = status_of(webhook_once(&receiver));
	} else {
		fd = webhook_listen(options.listen);
		receiver_open(&receiver, &options);
		stop_catch();
		webhook_serve(&receiver, fd);
	}
	receiver_close(&receiver);
	return status;
}
