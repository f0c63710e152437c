#include "options.h"

#include <getopt.h>
#include <string.h>

#include "base/buf.h"
#include "tool/cli.h"

static const char default_pipeline[] =
    "pl-chunk | pl-embed --encoding base64 | pl-store";

void
worker_options_parse(
    int argc, char **argv, struct worker_options *o, struct buf *command)
{
	enum {
		QUEUE = CLI_OPT_FIRST,
		BURST,
		WAIT,
		WINDOW,
		WINDOW_BYTES,
		DOCUMENT_TIMEOUT,
		GRACE,
		RETRY_FOR,
		WIP,
		NAME,
		MAX_RECORD
	};
	static const struct option table[] = {
	    {"queue", required_argument, NULL, QUEUE},
	    {"burst", no_argument, NULL, BURST},
	    {"wait", no_argument, NULL, WAIT},
	    {"window", required_argument, NULL, WINDOW},
	    {"window-bytes", required_argument, NULL, WINDOW_BYTES},
	    {"document-timeout", required_argument, NULL, DOCUMENT_TIMEOUT},
	    {"grace", required_argument, NULL, GRACE},
	    {"retry-for", required_argument, NULL, RETRY_FOR},
	    {"wip", required_argument, NULL, WIP},
	    {"name", required_argument, NULL, NAME},
	    {"max-record", required_argument, NULL, MAX_RECORD}, CLI_OPTIONS};
	enum { DAY = 86400000 };
	const char *queue = cli_env("PL_QUEUE", NULL);
	int c;

	*o = (struct worker_options){
	    .window = 64,
	    .window_bytes = 8 << 20,
	    .document_timeout = 300000,
	    .grace = 10000,
	    .retry_for = 60000,
	};
	while ((c = cli_next(argc, argv, ":v", table)) != -1)
		switch (c) {
		case QUEUE:
			if (o->n_queues == WORKER_QUEUES_MAX)
				cli_usage(
				    "more than %d queues", WORKER_QUEUES_MAX);
			o->queues[o->n_queues++] = optarg;
			break;
		case BURST:
			o->burst = 1;
			break;
		case WAIT:
			o->wait = 1;
			break;
		case WINDOW:
			o->window =
			    (size_t)cli_int("--window", optarg, 1, 10000);
			break;
		case WINDOW_BYTES:
			o->window_bytes =
			    cli_size("--window-bytes", optarg, 1, 1 << 30);
			break;
		case DOCUMENT_TIMEOUT:
			o->document_timeout = cli_duration(
			    "--document-timeout", optarg, 100, 7LL * DAY);
			break;
		case GRACE:
			o->grace = cli_duration("--grace", optarg, 0, DAY);
			break;
		case RETRY_FOR:
			o->retry_for =
			    cli_duration("--retry-for", optarg, 0, DAY);
			break;
		case WIP:
			if (strcmp(optarg, "plain") == 0)
				o->plain_wip = 1;
			else if (strcmp(optarg, "execution") != 0)
				cli_usage("--wip '%s': expected execution or "
					  "plain",
				    optarg);
			break;
		case NAME:
			o->name = optarg;
			break;
		case MAX_RECORD:
			o->max_record =
			    cli_size("--max-record", optarg, 1024, 1 << 30);
			break;
		default:
			break;
		}
	if (o->wait && !o->burst)
		cli_usage("--wait is for --burst: others always wait");
	if (o->n_queues == 0)
		o->queues[o->n_queues++] = queue ? queue : "processing";
	for (int i = optind; i < argc; i++) {
		buf_puts(command, i > optind ? " " : "");
		buf_puts(command, argv[i]);
	}
	o->command = command->len > 0 ? command->data : default_pipeline;
}
