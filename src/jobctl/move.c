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

enum {
	DAY_MS = 86400 * 1000,
	YEAR_MS_MAX = 365, /* days */
	TIMEOUT_SECONDS = 3600,
	ATTEMPTS = 3,
	TASK_DOCUMENTS = 50
};

int
jobctl_init(struct jobctl *c, int argc, char **argv)
{
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;
	int from, to = schema_version();

	jobctl_arguments(c, argc, argv, 0, "");
	cli_start("pl-jobctl", "");
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
			    &text, "schema pl: version %d was there\n", to);
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

/* An object, or a usage error that says what is wrong with it. */
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

int
jobctl_create(struct jobctl *c, int argc, char **argv)
{
	enum {
		SOURCE = JOBCTL_OPT_FIRST,
		TYPE,
		DETAILS,
		UNIQUE,
		TIMEOUT,
		MAX_ATTEMPTS
	};
	static const struct option options[] = {
	    {"source", required_argument, NULL, SOURCE},
	    {"type", required_argument, NULL, TYPE},
	    {"details", required_argument, NULL, DETAILS},
	    {"unique", required_argument, NULL, UNIQUE},
	    {"timeout", required_argument, NULL, TIMEOUT},
	    {"max-attempts", required_argument, NULL, MAX_ATTEMPTS},
	    JOBCTL_OPTIONS};
	struct job_new job = {
	    .timeout_seconds = TIMEOUT_SECONDS, .max_attempts = ATTEMPTS};
	uint8_t id[DIGEST_UUID];
	int o, made;

	while ((o = jobctl_next(c, argc, argv, options)) != -1)
		switch (o) {
		case SOURCE:
			job.source = optarg;
			break;
		case TYPE:
			job.type = optarg;
			break;
		case DETAILS:
			check_details(optarg);
			job.details = optarg;
			break;
		case UNIQUE:
			job.unique_key = optarg;
			break;
		case TIMEOUT:
			job.timeout_seconds =
			    cli_duration("--timeout", optarg, 1000,
				(int64_t)YEAR_MS_MAX * DAY_MS) /
			    1000;
			break;
		case MAX_ATTEMPTS:
			job.max_attempts =
			    cli_int("--max-attempts", optarg, 1, 1000);
			break;
		}
	jobctl_expect(argc, 0, 0, "");
	if (job.source != NULL && *job.source == '\0')
		cli_usage("--source: the name is empty");
	jobctl_open(c);
	made = job_create(c->db, &job, id);
	if (made == -1)
		jobctl_die(c);
	if (made == 0)
		cli_warn("a job with the unique key '%s' is open already",
		    job.unique_key);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

/* A command whose only argument is a job that moves. */
static void
move(struct jobctl *c, int argc, char **argv,
    int (*function)(struct db *, const uint8_t *, struct buf *), uint8_t *id)
{
	struct buf why = {0};

	jobctl_arguments(c, argc, argv, 1, "JOB");
	jobctl_find(c, argv[optind], id);
	if (function(c->db, id, &why) == -1)
		jobctl_refused(c, &why);
}

int
jobctl_start(struct jobctl *c, int argc, char **argv)
{
	uint8_t id[DIGEST_UUID];

	move(c, argc, argv, job_start, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

int
jobctl_complete(struct jobctl *c, int argc, char **argv)
{
	uint8_t id[DIGEST_UUID];

	move(c, argc, argv, job_complete, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

int
jobctl_cancel(struct jobctl *c, int argc, char **argv)
{
	uint8_t id[DIGEST_UUID];

	move(c, argc, argv, job_cancel, id);
	jobctl_forget(c, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

int
jobctl_fail(struct jobctl *c, int argc, char **argv)
{
	enum { MESSAGE = JOBCTL_OPT_FIRST, CLASS, CODE };
	static const struct option options[] = {
	    {"message", required_argument, NULL, MESSAGE},
	    {"class", required_argument, NULL, CLASS},
	    {"code", required_argument, NULL, CODE}, JOBCTL_OPTIONS};
	struct error_record e = ERROR_RECORD_INIT;
	struct buf why = {0};
	uint8_t id[DIGEST_UUID];
	char *error;
	int o;

	e.stage = "jobctl";
	e.class = ERROR_INTERNAL;
	e.code = "job_failed";
	while ((o = jobctl_next(c, argc, argv, options)) != -1)
		switch (o) {
		case MESSAGE:
			e.message = optarg;
			break;
		case CLASS:
			e.class = jobctl_read_class(optarg);
			break;
		case CODE:
			e.code = optarg;
			break;
		}
	jobctl_expect(argc, 1, 1, "JOB");
	if (e.message == NULL)
		cli_usage("--message is missing: say why the job failed");
	jobctl_find(c, argv[optind], id);
	error = error_record_json(&e, NULL);
	if (job_fail(c->db, id, error, &why) == -1)
		jobctl_refused(c, &why);
	free(error);
	jobctl_forget(c, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

/* Say what was done where it is not what was asked for. */
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

int
jobctl_retry(struct jobctl *c, int argc, char **argv)
{
	enum { FAILED = JOBCTL_OPT_FIRST, ALL, DOCUMENT, CLASS, BATCH };
	static const struct option options[] = {
	    {"failed", no_argument, NULL, FAILED},
	    {"all", no_argument, NULL, ALL},
	    {"document", required_argument, NULL, DOCUMENT},
	    {"class", required_argument, NULL, CLASS},
	    {"batch", required_argument, NULL, BATCH}, JOBCTL_OPTIONS};
	static const char *const undone[] = {
	    "failed", "canceled", "incomplete"};
	struct job_choice choice = {.statuses = undone, .n = 3};
	struct job_retried done = {0};
	size_t batch = TASK_DOCUMENTS;
	uint8_t id[DIGEST_UUID], document[DIGEST_UUID];
	struct buf why = {0};
	int o, chosen = 0;

	while ((o = jobctl_next(c, argc, argv, options)) != -1) {
		chosen += o != BATCH;
		switch (o) {
		case FAILED:
			choice.n = 1;
			break;
		case ALL:
			choice.n = 0;
			break;
		case DOCUMENT:
			choice.n = 0;
			jobctl_choose_document(&choice, optarg, document);
			break;
		case CLASS:
			jobctl_read_class(optarg);
			choice.n = 1;
			choice.class = optarg;
			break;
		case BATCH:
			batch = (size_t)cli_int("--batch", optarg, 1, 10000);
			break;
		}
	}
	if (chosen > 1)
		cli_usage("--failed, --all, --document and --class exclude "
			  "each other");
	jobctl_expect(argc, 1, 1, "JOB");
	jobctl_find(c, argv[optind], id);
	jobctl_need_document(c, id, &choice);
	if (job_retry(c->db, id, &choice, batch, &done, &why) == -1)
		jobctl_refused(c, &why);
	tell_retried(&done);
	if (done.documents > 0)
		jobctl_push(c, id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}
