#include "options.h"

#include <getopt.h>
#include <string.h>

#include "base/time.h"
#include "queue/queue.h"
#include "record/document.h"
#include "tool/cli.h"

void
enqueue_options_parse(int argc, char **argv, struct enqueue_options *o)
{
	enum {
		SOURCE = CLI_OPT_FIRST,
		QUEUE,
		BATCH,
		WORKERS,
		ALL,
		TIMEOUT,
		ATTEMPTS,
		DELAY,
		AT,
		UNIQUE,
		DRY_RUN,
		RETRY_FOR,
		MAX_RECORD,
		INVALID,
		FUNCTION,
		PROGRESS
	};
	static const struct option table[] = {
	    {"source", required_argument, NULL, SOURCE},
	    {"queue", required_argument, NULL, QUEUE},
	    {"batch", required_argument, NULL, BATCH},
	    {"workers", required_argument, NULL, WORKERS},
	    {"all", no_argument, NULL, ALL},
	    {"timeout", required_argument, NULL, TIMEOUT},
	    {"max-attempts", required_argument, NULL, ATTEMPTS},
	    {"in", required_argument, NULL, DELAY},
	    {"at", required_argument, NULL, AT},
	    {"unique", required_argument, NULL, UNIQUE},
	    {"dry-run", no_argument, NULL, DRY_RUN},
	    {"retry-for", required_argument, NULL, RETRY_FOR},
	    {"max-record", required_argument, NULL, MAX_RECORD},
	    {"invalid", required_argument, NULL, INVALID},
	    {"function", required_argument, NULL, FUNCTION},
	    {"progress", no_argument, NULL, PROGRESS}, CLI_OPTIONS};
	enum { DAY = 86400000 };
	const char *name = cli_env("PL_QUEUE", NULL);
	int c;

	*o = (struct enqueue_options){
	    .docs = {.queue = name ? name : "processing",
		.task_documents = 50,
		.timeout_seconds = 3600,
		.max_attempts = 3,
		.function = cli_env("PL_FUNCTION", NULL)},
	    .defaults = {.source = DOCUMENT_SOURCE},
	    .retry_for = 30000,
	};
	while ((c = cli_next(argc, argv, ":v", table)) != -1)
		switch (c) {
		case SOURCE:
			if (*optarg == '\0')
				cli_usage("--source needs a name");
			o->defaults.source = optarg;
			o->defaults.override_source = 1;
			break;
		case QUEUE:
			o->docs.queue = optarg;
			break;
		case BATCH:
			o->docs.task_documents =
			    (size_t)cli_int("--batch", optarg, 1, 10000);
			break;
		case WORKERS:
			o->docs.workers =
			    (size_t)cli_int("--workers", optarg, 1, 10000);
			break;
		case ALL:
			o->docs.all = 1;
			break;
		case TIMEOUT:
			o->docs.timeout_seconds =
			    cli_duration(
				"--timeout", optarg, 1000, 30LL * DAY) /
			    1000;
			break;
		case ATTEMPTS:
			o->docs.max_attempts =
			    cli_int("--max-attempts", optarg, 1, 1000);
			break;
		case DELAY:
			o->docs.delay_seconds =
			    cli_duration("--in", optarg, 0, 365LL * DAY) / 1000;
			break;
		case AT:
			if (time_parse(optarg, &o->docs.run_at) == -1)
				cli_usage("--at '%s': expected a time such as "
					  "2026-01-31T08:30Z, or @ and Unix "
					  "seconds",
				    optarg);
			break;
		case UNIQUE:
			o->docs.unique_key = optarg;
			break;
		case DRY_RUN:
			o->docs.dry_run = 1;
			break;
		case RETRY_FOR:
			o->retry_for =
			    cli_duration("--retry-for", optarg, 0, DAY);
			break;
		case MAX_RECORD:
			o->input.max_record =
			    cli_size("--max-record", optarg, 1024, 1 << 30);
			break;
		case INVALID:
			if (strcmp(optarg, "reject") == 0)
				o->input.reject_invalid = 1;
			else if (strcmp(optarg, "replace") != 0)
				cli_usage("--invalid '%s': expected replace "
					  "or reject",
				    optarg);
			break;
		case FUNCTION:
			o->docs.function = optarg;
			break;
		case PROGRESS:
			o->progress = 1;
			break;
		default:
			break;
		}
	if (o->docs.run_at > 0 && o->docs.delay_seconds > 0)
		cli_usage("--at and --in: one of them");
	if (o->docs.function != NULL && !queue_function_ok(o->docs.function))
		cli_usage("--function '%s': expected a name of Python such as "
			  "shop.tasks.process_documents",
		    o->docs.function);
	if (optind < argc)
		cli_usage("'%s': documents are read from standard input",
		    argv[optind]);
}
