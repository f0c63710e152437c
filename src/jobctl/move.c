/* Commands that change the state of a job. */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "queue.h"
#include "record/error_record.h"
#include "record/record_out.h"
#include "show.h"
#include "store/job.h"
#include "store/job_choice.h"
#include "store/job_retry.h"
#include "store/schema.h"
#include "tool/cli.h"
#include "tool/option.h"

static int
init(struct jobctl *c)
{
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;
	int from, to = schema_version();

	jobctl_parse(c, NULL);
	cli_set_name("pl-jobctl");
	if (schema_apply(c->db, &from) == -1)
		jobctl_die(c);
	if (from > to)
		cli_die(CLI_FAILED,
		    "Postgres: the database has version %d of the pl schema, "
		    "this program knows %d: install the newer pl",
		    from, to);
	if (jobctl_wants_table(c)) {
		struct buf text = {0};

		if (from == to)
			buf_printf(
			    &text, "schema pl: already at version %d\n", to);
		else if (from == 0)
			buf_printf(
			    &text, "schema pl: created, version %d\n", to);
		else
			buf_printf(&text,
			    "schema pl: upgraded from version %d to %d\n", from,
			    to);
		jobctl_print(c, &text);
		buf_free(&text);
		return CLI_DONE;
	}
	doc = record_out_new(c->out, "schema");
	root = yyjson_mut_doc_get_root(doc);
	yyjson_mut_obj_add_int(doc, root, "version", to);
	yyjson_mut_obj_add_int(doc, root, "from", from);
	yyjson_mut_obj_add_bool(doc, root, "changed", from != to);
	record_out_put(c->out, doc);
	return CLI_DONE;
}

const struct jobctl_command jobctl_init = {
    .options = {.name = "init",
	.usage = "[OPTION]...",
	.summary = "create or upgrade the tables in Postgres",
	.about = "May be run at any time, by any number at once: what is there "
		 "stays.\n",
	.rows = jobctl_plain_rows},
    .run = init};

/* End with a usage error if the text is not a JSON object. */
static void
check_details(const char *json)
{
	yyjson_read_err error;
	int parsed, is_object;
	yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)json,
	    strlen(json), YYJSON_READ_NOFLAG, NULL, &error);

	parsed = doc != NULL;
	is_object = yyjson_is_obj(yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
	if (!parsed)
		cli_usage("--details: %s at byte %zu: expected a JSON object",
		    error.msg, error.pos);
	if (!is_object)
		cli_usage("--details '%s': expected a JSON object", json);
}

struct create_options {
	struct job_new job;
	int64_t timeout; /* ms */
};

#define TO(member) OPTION_TO(struct create_options, member)

/* clang-format off */
static const struct option_row create_rows[] = {
    {OPTION_NAME, .name = "source", .argument = "NAME", TO(job.source),
	.help = "where its documents come from"},
    {OPTION_TEXT, .name = "type", .argument = "TYPE", TO(job.type),
	.help = "a word of your own (default: process_documents)"},
    {OPTION_TEXT, .name = "details", .argument = "JSON", TO(job.details),
	.help = "an object that is kept with the job"},
    {OPTION_TEXT, .name = "unique", .argument = "KEY", TO(job.unique_key),
	.help = "if a job with KEY is open, print that one instead"},
    {OPTION_DURATION, .name = "timeout", .argument = "DURATION", TO(timeout),
	.low = 1000, .high = 365LL * OPTION_DAY, .standard = "1h",
	.help = "the work is wanted for this long"},
    {OPTION_NUMBER, .name = "max-attempts", .argument = "N",
	TO(job.max_attempts), .low = 1, .high = 1000, .standard = "3",
	.help = "attempts for each document"},
    JOBCTL_ROWS};
/* clang-format on */
#undef TO

static int
create(struct jobctl *c)
{
	struct create_options o = {0};
	uint8_t id[DIGEST_UUID];
	int made;

	jobctl_parse(c, &o);
	o.job.timeout_seconds = o.timeout / 1000;
	if (o.job.details != NULL)
		check_details(o.job.details);
	jobctl_open(c);
	made = job_create(c->db, &o.job, id);
	if (made == -1)
		jobctl_die(c);
	if (made == 0)
		cli_warn("a job with the unique key '%s' is open already",
		    o.job.unique_key);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

const struct jobctl_command jobctl_create = {
    .options = {.name = "create",
	.usage = "[OPTION]...",
	.summary = "make an open job without documents, print its record",
	.about = "For programs that do the work themselves: add documents with "
		 "'progress',\n"
		 "end the job with 'complete'. (pl-enqueue makes its jobs "
		 "itself.)\n",
	.rows = create_rows},
    .run = create};

/* Run a command that moves the job, its only argument, to another state. */
static void
move(struct jobctl *c,
    int (*function)(struct db *, const uint8_t *, struct buf *), uint8_t *id)
{
	struct buf why = {0};

	jobctl_find(c, *jobctl_parse(c, NULL), id);
	if (function(c->db, id, &why) == -1)
		jobctl_refused(c, &why);
}

static int
start(struct jobctl *c)
{
	uint8_t id[DIGEST_UUID];

	move(c, job_start, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

const struct jobctl_command jobctl_start = {
    .options = {.name = "start",
	.usage = "[OPTION]... JOB",
	.summary = "mark a pending or queued job as in progress",
	.about = "Only one of two that start the same job succeeds.\n",
	.more = JOBCTL_JOB_HELP,
	.rows = jobctl_plain_rows},
    JOBCTL_TAKES_JOB,
    .run = start};

static int
complete(struct jobctl *c)
{
	uint8_t id[DIGEST_UUID];

	move(c, job_complete, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

const struct jobctl_command jobctl_complete = {
    .options = {.name = "complete",
	.usage = "[OPTION]... JOB",
	.summary = "close a job all of whose documents are done",
	.about = "No more documents can be added. If some of them failed the "
		 "job is then\n"
		 "partial, if all did it is failed.\n",
	.more = JOBCTL_JOB_HELP,
	.rows = jobctl_plain_rows},
    JOBCTL_TAKES_JOB,
    .run = complete};

static int
cancel(struct jobctl *c)
{
	uint8_t id[DIGEST_UUID];

	move(c, job_cancel, id);
	jobctl_forget(c, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

const struct jobctl_command jobctl_cancel = {
    .options = {.name = "cancel",
	.usage = "[OPTION]... JOB",
	.summary = "stop a job: what is not done is canceled",
	.about = "Workers notice within one heartbeat (5 s). The job ends as "
		 "canceled if\n"
		 "nothing of it was stored, else as partial.\n",
	.more = JOBCTL_JOB_HELP,
	.rows = jobctl_plain_rows},
    JOBCTL_TAKES_JOB,
    .run = cancel};

struct fail_options {
	const char *message, *code;
	int class; /* enum error_class */
};

#define TO(member) OPTION_TO(struct fail_options, member)

/* clang-format off */
static const struct option_row fail_rows[] = {
    {OPTION_TEXT, .name = "message", .argument = "TEXT", TO(message),
	.help = "why"},
    {OPTION_CHOICE, .name = "class", .argument = JOBCTL_CLASSES, TO(class),
	.standard = "internal", .help = "what kind of error it is"},
    {OPTION_TEXT, .name = "code", .argument = "WORD", TO(code),
	.standard = "job_failed", .help = "a short word for programs"},
    JOBCTL_ROWS};
/* clang-format on */
#undef TO

static int
fail(struct jobctl *c)
{
	struct error_record e = ERROR_RECORD_INIT;
	struct fail_options o = {0};
	struct buf why = {0};
	uint8_t id[DIGEST_UUID];
	char **words = jobctl_parse(c, &o), *error;

	if (o.message == NULL)
		cli_usage("--message is missing: say why the job failed");
	e.stage = "jobctl";
	e.class = (enum error_class)o.class;
	e.code = o.code;
	e.message = o.message;
	jobctl_find(c, *words, id);
	error = error_record_json(&e, NULL);
	if (job_fail(c->db, id, error, &why) == -1)
		jobctl_refused(c, &why);
	free(error);
	jobctl_forget(c, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

const struct jobctl_command jobctl_fail = {
    .options = {.name = "fail",
	.usage = "[OPTION]... JOB",
	.summary = "close a job as failed, with the reason",
	.about = "Documents that are not done fail with it; its tasks are "
		 "canceled.\n",
	.more = JOBCTL_JOB_HELP,
	.rows = fail_rows},
    JOBCTL_TAKES_JOB,
    .run = fail};

/* Report documents that could not be retried, or that there was none. */
static void
tell_retried(const struct job_retried *done)
{
	if (done->without_content > 0)
		cli_warn("%lld of the documents have no text of this job: "
			 "ingest them again",
		    (long long)done->without_content);
	if (done->documents == 0)
		cli_warn("no document to retry");
	else
		cli_note("%lld documents in %lld tasks",
		    (long long)done->documents, (long long)done->tasks);
}

struct retry_options {
	int failed, all;
	const char *document, *class;
	size_t batch;
};

#define TO(member) OPTION_TO(struct retry_options, member)

/* clang-format off */
static const struct option_row retry_rows[] = {
    {OPTION_FLAG, .name = "failed", TO(failed),
	.help = "failed documents only"},
    {OPTION_FLAG, .name = "all", TO(all),
	.help = "all documents that are not waiting or in flight"},
    {OPTION_TEXT, .name = "document", .argument = "DOCUMENT", TO(document),
	.help = "this document: its id, or its url"},
    {OPTION_WORD, .name = "class", .argument = JOBCTL_CLASSES, TO(class),
	.help = "documents that failed with this class of error"},
    {OPTION_NUMBER, .name = "batch", .argument = "N", TO(batch), .low = 1,
	.high = 10000, .standard = "50", .help = "documents in a task"},
    JOBCTL_ROWS};
/* clang-format on */
#undef TO

static int
retry(struct jobctl *c)
{
	static const char *const undone[] = {
	    "failed", "canceled", "incomplete"};
	struct job_choice choice = {.statuses = undone, .n = 3};
	struct retry_options o = {0};
	struct job_retried done = {0};
	uint8_t id[DIGEST_UUID], document[DIGEST_UUID];
	struct buf why = {0};
	char **words = jobctl_parse(c, &o);

	if (o.failed + o.all + (o.document != NULL) + (o.class != NULL) > 1)
		cli_usage("--failed, --all, --document and --class exclude "
			  "each other");
	if (o.all || o.document != NULL)
		choice.n = 0;
	else if (o.failed || o.class != NULL)
		choice.n = 1;
	choice.class = o.class;
	if (o.document != NULL)
		jobctl_choose_document(&choice, o.document, document);
	jobctl_find(c, *words, id);
	jobctl_need_document(c, id, &choice);
	if (job_retry(c->db, id, &choice, o.batch, &done, &why) == -1)
		jobctl_refused(c, &why);
	tell_retried(&done);
	if (done.documents > 0)
		jobctl_push(c, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

const struct jobctl_command jobctl_retry = {
    .options = {.name = "retry",
	.usage = "[OPTION]... JOB",
	.summary = "process documents of a job once more",
	.about = "Without an option: the failed and the canceled ones. Their "
		 "attempts count\n"
		 "from the beginning, and an ended job is queued again.\n",
	.more = JOBCTL_JOB_HELP,
	.rows = retry_rows},
    JOBCTL_TAKES_JOB,
    .run = retry};
