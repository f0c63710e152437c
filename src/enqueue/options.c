#include "options.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "base/time.h"
#include "queue/queue.h"
#include "record/document.h"
#include "tool/cli.h"
#include "tool/option_parse.h"

/* A percentage, with its sign or without. */
static void
take_percent(void *target, const struct option_row *row, const char *name,
    const char *value)
{
	struct enqueue_options *o = target;
	size_t n = strcspn(value, "%");
	char digits[8];

	(void)row;
	snprintf(digits, sizeof(digits), "%.*s", n < 8 ? (int)n : 0, value);
	if (strcmp(value + n, "%") != 0 && value[n] != '\0')
		digits[0] = '\0';
	if (num_int(digits, 0, 100, &o->prune.max_delete) == -1)
		cli_usage("%s '%s': expected a percentage from 0 to 100", name,
		    value);
}

#define TO(member) OPTION_TO(struct enqueue_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_NAME, .name = "source", .argument = "NAME", TO(source),
	.help = "the documents belong to this source, whatever they say "
		"(default: what they say, else default)"},
    {OPTION_QUEUE, .name = "queue", .argument = "NAME", TO(docs.queue),
	.environment = "PL_QUEUE", .standard = "processing",
	.help = "queue for the tasks"},
    {OPTION_COLLECTION, .name = "collection", .argument = "NAME",
	TO(docs.collection), .environment = "PL_COLLECTION",
	.help = "the job stores into this collection (default: the source's, "
		"else that of its latest job)"},
    {OPTION_NUMBER, .name = "batch", .argument = "N", TO(docs.task_documents),
	.low = 1, .high = 10000, .standard = "50",
	.help = "documents in a task"},
    {OPTION_NUMBER, .name = "workers", .argument = "N", TO(docs.workers),
	.low = 1, .high = 10000,
	.help = "smaller tasks while the job is small, so that N workers have "
		"an even share of it"},
    {OPTION_FLAG, .name = "all", TO(docs.all),
	.help = "queue unchanged documents too"},
    {OPTION_DURATION, .name = "timeout", .argument = "DURATION", TO(timeout),
	.low = 1000, .high = 30LL * OPTION_DAY, .standard = "1h",
	.help = "the job may run this long"},
    {OPTION_NUMBER, .name = "max-attempts", .argument = "N",
	TO(docs.max_attempts), .low = 1, .high = 1000, .standard = "3",
	.help = "attempts for each document"},
    {OPTION_DURATION, .name = "in", .argument = "DURATION", TO(delay),
	.low = 0, .high = 365LL * OPTION_DAY,
	.help = "the tasks become due this much later"},
    {OPTION_TEXT, .name = "at", .argument = "TIME", TO(at),
	.help = "the tasks become due at this time: 2026-01-31T08:30+01:00, or "
		"@ and Unix seconds"},
    {OPTION_NAME, .name = "unique", .argument = "KEY", TO(docs.unique_key),
	.help = "if a job with this key is open, print that job and stop"},
    {OPTION_NAME, .name = "job", .argument = "JOB", TO(job_text),
	.help = "add the documents to this open job, and leave it open"},
    {OPTION_NAME, .name = "job-file", .argument = "FILE", TO(job_file),
	.help = "write the job record here, too, as soon as its first "
		"documents are saved"},
    {OPTION_FLAG, .name = "prune", TO(prune.force),
	.help = "after a complete listing, delete documents of its source that "
		"it lacks (a source may be set to this)"},
    {OPTION_DURATION, .name = "grace", .argument = "DURATION",
	TO(prune.grace), .low = 0, .high = 3650LL * OPTION_DAY,
	.help = "delete them this much later, unless they come again (default: "
		"what the source is set to, else 7d)"},
    {OPTION_CALL, .name = "max-delete", .argument = "PERCENT",
	.take = take_percent,
	.help = "delete none if they are more than this part of the source's "
		"documents (default: what the source is set to, else 10%)"},
    {OPTION_TEXT, .name = "notify", .argument = "URL", TO(docs.notify),
	.help = "tell this URL when the job has ended (pl-jobctl notify)"},
    {OPTION_FLAG, .name = "dry-run", TO(docs.dry_run),
	.help = "say what would be done, and do none of it"},
    OPTION_ROW_RETRY_FOR(struct enqueue_options, retry_for),
    OPTION_ROW_MAX_RECORD(struct enqueue_options, input.max_record),
    OPTION_ROW_INVALID(struct enqueue_options, input.reject_invalid),
    OPTION_ROW_PROGRESS(struct enqueue_options, progress),
    {OPTION_FLAG, .name = "quiet", TO(quiet),
	.help = "say nothing of unchanged documents"},
    {OPTION_TEXT, .name = "function", .argument = "NAME", TO(docs.function),
	.environment = "PL_FUNCTION",
	.help = "the function of the tasks, as workers in Python call it; "
		"process_documents if not given"},
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]... <DOCUMENTS",
    .about = "Saves each document record in Postgres, together with a job that "
	     "will\n"
	     "process the documents, and queues the tasks of the job in Redis. "
	     "Prints\n"
	     "the job record. Unchanged documents that are already stored are\n"
	     "counted, not queued.\n",
    .rows = rows,
    .more =
	"A record {\"type\":\"document\",\"id\":...} without content stands "
	"for\n"
	"the document that is saved under this id. An error record with a url\n"
	"becomes a failed document of the job.\n"
	"\n"
	"Examples:\n"
	"  pl-ingest notes/ | pl-enqueue --source notes\n"
	"  pl-jobctl documents latest --failed | pl-enqueue --all\n",
};

static void
take_job(struct enqueue_options *o)
{
	if (o->job_text == NULL)
		return;
	if (digest_uuid_parse(o->job_text, strlen(o->job_text), o->job) == -1)
		cli_usage("--job '%s': expected the id of a job", o->job_text);
	if (o->docs.unique_key != NULL || o->docs.dry_run)
		cli_usage("--job goes with neither --unique nor --dry-run");
	o->docs.job = o->job;
}

void
enqueue_options_parse(int argc, char **argv, struct enqueue_options *o)
{
	int first;

	*o = (struct enqueue_options){.defaults.source = DOCUMENT_SOURCE,
	    .prune = {.grace = -1, .max_delete = -1}};
	first = option_parse(&set, argc, argv, o);
	if (o->source != NULL) {
		o->defaults.source = o->source;
		o->defaults.override_source = 1;
	}
	o->docs.timeout_seconds = o->timeout / 1000;
	/* Not before the delay is over. */
	o->docs.delay_seconds = (o->delay + 999) / 1000;
	if (o->at != NULL && time_parse(o->at, &o->docs.run_at) == -1)
		cli_usage("--at '%s': expected a time such as "
			  "2026-01-31T08:30Z, or @ and Unix seconds",
		    o->at);
	if (o->at != NULL && o->delay > 0)
		cli_usage("--at and --in: one of them");
	if (o->docs.function != NULL && !queue_function_ok(o->docs.function))
		cli_usage("--function '%s': expected a name of Python such as "
			  "shop.tasks.process_documents",
		    o->docs.function);
	take_job(o);
	if (o->docs.notify != NULL &&
	    strncasecmp(o->docs.notify, "http://", 7) != 0 &&
	    strncasecmp(o->docs.notify, "https://", 8) != 0)
		cli_usage("--notify '%s': expected a URL with http or https",
		    o->docs.notify);
	if (first < argc)
		cli_usage("'%s': documents are read from standard input",
		    argv[first]);
}
