#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/collection_name.h"
#include "store/ingest_task.h"
#include "store/pipeline_text.h"
#include "tool/cli.h"
#include "tool/option_parse.h"
#include "tool/output.h"

static void
take_queue(void *target, const struct option_row *row, const char *name,
    const char *value)
{
	struct worker_options *o = target;

	(void)row;
	if (o->n_queues == WORKER_QUEUES_MAX)
		cli_usage("more than %d queues", WORKER_QUEUES_MAX);
	o->base_queues[o->n_queues++] = option_parse_queue(name, value);
}

#define TO(member) OPTION_TO(struct worker_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_CALL, .name = "queue", .argument = "NAME", .take = take_queue,
	.help = "take tasks from this queue; may be repeated, the first is "
		"served first (default: $PL_QUEUE, else processing)"},
    {OPTION_COLLECTION, .name = "collection", .argument = "NAME",
	TO(collection), .environment = "PL_COLLECTION",
	.help = "take tasks of jobs for this collection (default: the one that "
		"PIPELINE gives to pl-store, else default)"},
    {OPTION_FLAG, .name = "print-collection", TO(print_collection),
	.help = "print the collection that --collection or PIPELINE names, and "
		"stop"},
    {OPTION_FLAG, .name = "no-unbound", TO(no_unbound),
	.help = "leave jobs that no collection has taken yet to other workers"},
    {OPTION_FLAG, .name = "no-ingest", TO(no_ingest),
	.help = "leave tasks that read crawls and events to other workers"},
    {OPTION_FLAG, .name = "burst", TO(burst),
	.help = "end when no task of the queues is left to be done"},
    {OPTION_FLAG, .name = "wait", TO(wait),
	.help = "with --burst, wait for tasks that are due later, too"},
    {OPTION_NUMBER, .name = "window", .argument = "N", TO(window), .low = 1,
	.high = 10000, .standard = "64",
	.help = "documents in the pipeline at a time"},
    {OPTION_SIZE, .name = "window-bytes", .argument = "SIZE",
	TO(window_bytes), .low = 1, .high = 1 << 30, .standard = "8MiB",
	.help = "bytes of the documents in it"},
    {OPTION_DURATION, .name = "document-timeout", .argument = "DURATION",
	TO(document_timeout), .low = 100, .high = 7LL * OPTION_DAY, .standard = "5m",
	.help = "without an answer for this long, the pipeline is killed and "
		"the document fails"},
    {OPTION_DURATION, .name = "grace", .argument = "DURATION", TO(grace),
	.low = 0, .high = OPTION_DAY, .standard = "10s",
	.help = "on SIGTERM, wait this long for what is in flight"},
    {OPTION_DURATION, .name = "retry-for", .argument = "DURATION",
	TO(retry_for), .low = 0, .high = OPTION_DAY, .standard = "1m",
	.help = "with --burst, keep trying a lost Postgres this long"},
    {OPTION_CHOICE, .name = "wip", .argument = "execution|plain",
	TO(plain_wip), .standard = "execution",
	.help = "plain where RQ before 2.0 reads the queue"},
    {OPTION_NAME, .name = "name", .argument = "NAME", TO(name),
	.help = "name in the lists of workers (default: host.pid.random)"},
    OPTION_ROW_MAX_RECORD(struct worker_options, max_record),
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]... [-- PIPELINE]",
    .about =
	"Claims tasks from the queue, writes their documents to the shell\n"
	"pipeline PIPELINE, reads what became of each document, and keeps the\n"
	"account in Postgres. Any number may run, on any number of machines.\n"
	"PIPELINE is \"" WORKER_PIPELINE "\" by default.\n",
    .rows = rows,
    .more = "Examples:\n"
	    "  pl-worker --burst\n"
	    "  pl-worker --queue urgent --queue processing -- \\\n"
	    "      'pl-chunk --max 800c | pl-embed | pl-store --collection "
	    "small'\n",
};

static _Noreturn void
print_and_exit(const char *collection)
{
	if (collection != NULL)
		puts(collection);
	output_close(NULL);
	exit(CLI_DONE);
}

/*
 * The worker has one collection, and its pl-store the same. A pipeline that
 * hides pl-store in a script gets PL_COLLECTION, pl-store's default.
 */
static void
choose_collection(struct worker_options *o)
{
	char *named = pipeline_text_collection(o->command);

	if (named != NULL && !collection_name_ok(named))
		cli_usage("pl-store --collection '%s': give the collection's "
			  "name to pl-worker --collection",
		    named);
	if (named != NULL && o->collection != NULL &&
	    strcmp(named, o->collection) != 0)
		cli_usage("the collection is %s, but the pipeline stores into "
			  "%s",
		    o->collection, named);
	if (o->collection == NULL)
		o->collection = named;
	if (o->print_collection)
		print_and_exit(o->collection);
	if (o->collection == NULL)
		o->collection = COLLECTION_DEFAULT;
	setenv("PL_COLLECTION", o->collection, 1);
}

/* Name the queues of the collection. The names are kept until the end. */
static void
name_queues(struct worker_options *o)
{
	const char *queue = cli_env("PL_QUEUE", NULL);

	if (o->n_queues == 0)
		o->base_queues[o->n_queues++] =
		    queue != NULL ? option_parse_queue("PL_QUEUE", queue)
				  : "processing";
	for (size_t i = 0; i < o->n_queues; i++)
		o->queues[i] =
		    collection_queue(o->base_queues[i], o->collection);
	o->queues[o->n_queues] = INGEST_QUEUE;
	o->n_served = o->n_queues + (o->no_ingest ? 0 : 1);
	/* Tasks of jobs without a collection wait in the queues of "default".
	 */
	if (strcmp(o->collection, COLLECTION_DEFAULT) == 0)
		o->no_unbound = 1;
}

void
worker_options_parse(
    int argc, char **argv, struct worker_options *o, struct buf *command)
{
	int first;

	*o = (struct worker_options){0};
	first = option_parse(&set, argc, argv, o);
	if (o->wait && !o->burst)
		cli_usage("--wait is for --burst: others always wait");
	for (int i = first; i < argc; i++) {
		buf_puts(command, i > first ? " " : "");
		buf_puts(command, argv[i]);
	}
	o->command = command->len > 0 ? command->data : WORKER_PIPELINE;
	choose_collection(o);
	name_queues(o);
}
