/* pl-enqueue - save documents and queue a job that processes them */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"
#include "net/db.h"
#include "queue/queue.h"
#include "record/document.h"
#include "record/record.h"
#include "store/intake.h"
#include "store/job.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/output.h"
#include "tool/progress.h"

static const char help[] =
    "usage: pl-enqueue [option...] < documents\n"
    "\n"
    "Saves each document record in Postgres, together with a job that will\n"
    "process them, and queues the job's tasks in Redis. Prints the job "
    "record.\n"
    "Unchanged documents that are already stored are counted, not queued.\n"
    "\n"
    "  --source NAME       the documents belong to this source, whatever they\n"
    "                      say (default: what they say, else \"default\")\n"
    "  --queue NAME        queue for the tasks (PL_QUEUE, else "
    "\"processing\")\n"
    "  --batch N           documents in a task (50)\n"
    "  --all               queue unchanged documents too\n"
    "  --timeout DURATION  the job may run this long (1h)\n"
    "  --max-attempts N    tries per document (3)\n"
    "  --in DURATION       the tasks become due this much later\n"
    "  --at TIME           or then: 2026-01-31T08:30+01:00, or @ and Unix "
    "seconds\n"
    "  --unique KEY        if a job with this key is open, print that and "
    "stop\n"
    "  --dry-run           say what would be done, and do none of it\n"
    "  --retry-for DURATION  keep trying a lost Postgres this long (30s)\n"
    "  --max-record SIZE   longest line taken (64MiB)\n"
    "  --invalid MODE      replace (default) or reject text that is not UTF-8\n"
    "  --progress          show progress although this is no terminal\n"
    "  --function NAME     what RQ calls the function of the tasks, for "
    "workers\n"
    "                      in Python (PL_FUNCTION, else "
    "\"process_documents\")\n"
    "  -v, --verbose       say more\n"
    "  --help, --version\n"
    "\n"
    "A record {\"type\":\"document\",\"id\":...} without content stands for "
    "the\n"
    "document that is saved under this id. An error record with a url becomes "
    "a\n"
    "failed document of the job.\n"
    "\n"
    "  pl-ingest notes/ | pl-enqueue --source notes\n"
    "  pl-jobctl documents latest --failed | pl-enqueue --all\n";

enum {
	BATCH_DOCUMENTS = 500,
	BATCH_BYTES = 8 << 20,
	POSITION_MAX = 32,
	/* A saved document waits this long for others to share its task. */
	CUT_MS = 2000,
	FAILURES_MAX = 100000
};

struct options {
	struct intake_options docs;
	struct document_defaults defaults;
	struct record_options input;
	int64_t retry_for;
	int progress;
};

/* A document that was refused; it goes into the account with the next save. */
struct failure {
	char *source, *url, *message;
	const char *code;
};

struct enqueue {
	struct options options;
	struct failure *failure;
	size_t failures;
	struct db *db;
	struct queue *queue;
	struct intake *docs;
	struct record_in *in;
	struct record_out *out;
	struct progress progress;
	int refused, redis_failed, saved_once;
	double
	    open_since; /* when the first document without a task was saved */
	uint64_t pushed;
};

static void
parse_options(int argc, char **argv, struct options *o)
{
	enum {
		SOURCE = CLI_OPT_FIRST,
		QUEUE,
		BATCH,
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

	*o = (struct options){
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

/* An error record in the place of what was refused, and a line for people. */
static void
refuse(struct enqueue *e, const struct record_error *error)
{
	if (error->line > 0)
		cli_warn("standard input:%llu: %s",
		    (unsigned long long)error->line, error->message);
	else
		cli_warn("document %s: %s",
		    error->url ? error->url : error->document_id,
		    error->message);
	output_check(record_put_error(e->out, error));
	e->refused = 1;
}

static _Noreturn void
die_of_database(const struct enqueue *e)
{
	if (!e->saved_once)
		connect_die(e->db);
	cli_die(connect_status(e->db),
	    "Postgres: %s: what was saved before is kept; the same input again "
	    "is safe",
	    db_error(e->db));
}

/* What cannot be saved is a failed document of the job, if it has a url. */
static void
note_failed(
    struct enqueue *e, const char *source, const struct record_error *error)
{
	if (error->url == NULL || e->failures == FAILURES_MAX)
		return;
	e->failure =
	    x_realloc(e->failure, e->failures + 1, sizeof(*e->failure));
	e->failure[e->failures++] = (struct failure){
	    .source = x_strdup(source),
	    .url = x_strdup(error->url),
	    .code = error->code,
	    .message = x_strdup(error->message),
	};
}

/* A document that the server does not take, found by saving it alone. */
static void
refuse_saved(void *argument, const char *id, const char *url, const char *why)
{
	struct record_error error = RECORD_ERROR_INIT;
	struct buf message = {0};

	buf_printf(&message, "Postgres does not take it: %s", why);
	error.stage = "enqueue";
	error.class = RECORD_INPUT;
	error.code = "refused_by_database";
	error.message = message.data;
	error.document_id = id;
	error.url = url;
	refuse(argument, &error);
	note_failed(argument, intake_source(((struct enqueue *)argument)->docs),
	    &error);
	buf_free(&message);
}

static void
report_missing(struct enqueue *e)
{
	size_t n;
	const uint8_t *ids = intake_missing(e->docs, &n);
	char id[DIGEST_UUID_TEXT];

	for (size_t i = 0; i < n; i++) {
		struct record_error error = RECORD_ERROR_INIT;

		digest_uuid_text(ids + i * DIGEST_UUID, id);
		error.stage = "enqueue";
		error.class = RECORD_INPUT;
		error.code = "not_saved";
		error.message = "no document is saved under this id";
		error.document_id = id;
		refuse(e, &error);
	}
}

/* Redis may be away: sync and the workers find the tasks in Postgres. */
static void
push_tasks(struct enqueue *e)
{
	size_t n;
	const struct intake_task *tasks = intake_tasks(e->docs, &n);
	int64_t run_at = e->options.docs.run_at;
	struct queue_task *push;
	char(*ids)[DIGEST_UUID_TEXT];

	if (n == 0 || e->redis_failed)
		return;
	if (e->options.docs.delay_seconds > 0)
		run_at = time_unix() + e->options.docs.delay_seconds;
	push = x_calloc(n, sizeof(*push));
	ids = x_calloc(n, sizeof(*ids));
	for (size_t i = 0; i < n; i++) {
		digest_uuid_text(tasks[i].id, ids[i]);
		push[i] = (struct queue_task){.id = ids[i],
		    .queue = e->options.docs.queue,
		    .job_id = intake_job(e->docs),
		    .document_ids =
			(const uint8_t(*)[16])(const void *)tasks[i].documents,
		    .count = tasks[i].n,
		    .timeout_seconds = e->options.docs.timeout_seconds,
		    .run_at = run_at,
		    .function = e->options.docs.function};
	}
	if (queue_push(e->queue, push, n) == -1) {
		if (!queue_is_none(e->queue))
			cli_warn(
			    "Redis: %s: the job is saved, workers take it from "
			    "Postgres",
			    queue_error(e->queue));
		e->redis_failed = 1;
	} else if (intake_pushed(e->docs) == -1) {
		cli_note(
		    "Postgres: %s: tasks stay marked pending", db_error(e->db));
	}
	free(push);
	free(ids);
}

static int
save_batch(struct enqueue *e)
{
	if (intake_save(e->docs) == 0)
		return 0;
	if (db_fault(e->db) != DB_DATA)
		return -1;
	return intake_save_singly(e->docs, refuse_saved, e);
}

static int
cut_tasks(struct enqueue *e)
{
	return intake_cut(e->docs);
}

static int
seal_job(struct enqueue *e)
{
	return intake_seal(e->docs);
}

/* Do a transaction; try again while Postgres is only away for a moment. */
static void
insist(struct enqueue *e, int (*transaction)(struct enqueue *))
{
	static const struct backoff away = {0.1, 4, 0};
	double until = time_now() + (double)e->options.retry_for / 1000;
	int failures = 0;

	while (transaction(e) == -1) {
		enum db_fault fault = db_fault(e->db);

		if (intake_job_ended(e->docs))
			cli_die(CLI_FAILED,
			    "job %s was canceled: nothing more is added",
			    intake_job(e->docs));
		if ((fault != DB_UNAVAILABLE || !e->saved_once) &&
		    fault != DB_CONFLICT)
			die_of_database(e);
		if (time_now() > until)
			die_of_database(e);
		cli_warn("Postgres: %s: trying again", db_error(e->db));
		time_sleep(backoff_wait(&away, ++failures));
	}
	push_tasks(e);
}

/* How long the oldest document without a task may wait for others; ms. */
static int
cut_in(const struct enqueue *e)
{
	double left = e->open_since + CUT_MS / 1000.0 - time_now();

	return left > 0 ? (int)(left * 1000) + 1 : 0;
}

/* Save the batch. What fills no task waits a moment for more of its kind. */
static void
save(struct enqueue *e)
{
	size_t open = intake_open_documents(e->docs);

	insist(e, save_batch);
	e->saved_once = 1;
	report_missing(e);
	/* Those that were open are the first to be put into tasks. */
	if (open == 0 || intake_open_documents(e->docs) < open)
		e->open_since = time_now();
	if (intake_open_documents(e->docs) > 0 && cut_in(e) == 0)
		insist(e, cut_tasks);
}

/* Put the refused documents into the job's account. */
static void
save_failures(struct enqueue *e)
{
	for (size_t i = 0; i < e->failures; i++) {
		struct failure *f = &e->failure[i];
		struct record_error error = RECORD_ERROR_INIT;

		error.stage = "enqueue";
		error.class = RECORD_INPUT;
		error.code = f->code;
		error.message = f->message;
		error.url = f->url;
		while (intake_add_failed(e->docs, f->source, &error) == 1)
			save(e);
		if (intake_pending(e->docs) >= BATCH_DOCUMENTS)
			save(e);
		free(f->source);
		free(f->url);
		free(f->message);
	}
	free(e->failure);
	e->failure = NULL;
	e->failures = 0;
	save(e);
}

static void
save_when_idle(struct enqueue *e)
{
	save(e);
	output_check(record_flush(e->out));
}

/* Add by f until it says that the batch need not be saved first. */
static void
add_document(struct enqueue *e, const struct document *doc)
{
	while (intake_add(e->docs, doc) == 1)
		save(e);
	if (intake_pending(e->docs) >= BATCH_DOCUMENTS ||
	    intake_pending_bytes(e->docs) >= BATCH_BYTES)
		save(e);
}

/*
 * A page that failed in an earlier stage is part of the job's account. An
 * error that names no page is for whoever reads our output.
 */
static void
take_error(struct enqueue *e, const struct record *r)
{
	const char *source = record_str(r->root, "source", NULL);
	struct record_error error;

	record_get_error(r->root, RECORD_INPUT, &error);
	if (error.url == NULL) {
		output_check(record_pass(e->out, r->line, r->len));
		return;
	}
	if (source == NULL || e->options.defaults.override_source)
		source = e->options.defaults.source;
	while (intake_add_failed(e->docs, source, &error) == 1)
		save(e);
}

/* A record that is no document; with a url of its own it is accounted for. */
static void
refuse_record(struct enqueue *e, const struct record *r,
    const struct document *doc, const char *code, const char *why,
    const char *position)
{
	struct record_error error = RECORD_ERROR_INIT;
	char *url = x_memdup(doc->url.s, doc->url.n);
	char *source = x_memdup(doc->source.s, doc->source.n);

	error.stage = "enqueue";
	error.class = RECORD_INPUT;
	error.code = code;
	error.message = why;
	error.line = r->number;
	if (*url != '\0' && strcmp(url, position) != 0)
		error.url = url;
	refuse(e, &error);
	note_failed(e, *source != '\0' ? source : DOCUMENT_SOURCE, &error);
	free(url);
	free(source);
}

static void
take_record(struct enqueue *e, struct record *r)
{
	struct document_defaults defaults = e->options.defaults;
	char position[POSITION_MAX];
	const char *why;
	struct document doc;

	if (r->type == RECORD_ERROR) {
		take_error(e, r);
		return;
	}
	if (r->type != RECORD_DOCUMENT && r->type != RECORD_UNTYPED) {
		output_check(record_pass(e->out, r->line, r->len));
		return;
	}
	if (r->repaired > 0)
		cli_note("standard input:%llu: %zu characters replaced",
		    (unsigned long long)r->number, r->repaired);
	snprintf(position, sizeof(position), "stdin#%llu",
	    (unsigned long long)r->number);
	defaults.position = position;
	if (document_read(&doc, r->root, &defaults, &why) == -1)
		refuse_record(e, r, &doc, doc.code, why, position);
	else if (doc.content.s != NULL && document_is_blank(doc.content))
		refuse_record(e, r, &doc, "no_text",
		    "the document has no text: nothing to store", position);
	else
		add_document(e, &doc);
}

/*
 * Before waiting for more, save what there is, and soon queue it. While
 * waiting, say that we live: a job that nobody feeds any more is sealed by
 * others.
 */
static void
wait_for_input(struct enqueue *e)
{
	int ready = record_in_wait(e->in, 0);

	if (ready == 0)
		save_when_idle(e);
	/* A read that blocks would not see a signal that came before it. */
	while (ready != 1 && !stop_requested()) {
		int open = intake_open_documents(e->docs) > 0;

		ready = record_in_wait(
		    e->in, open ? cut_in(e) : INTAKE_TOUCH_SECONDS * 1000);
		if (ready == -1 && errno != EINTR)
			return;
		if (ready == 0 && open)
			insist(e, cut_tasks);
		else if (ready == 0 && intake_touch(e->docs) == -1)
			cli_note("Postgres: %s", db_error(e->db));
	}
}

static void
read_all(struct enqueue *e)
{
	struct record r;

	for (;;) {
		wait_for_input(e);
		if (stop_requested())
			return;
		switch (record_read(e->in, &r)) {
		case RECORD_EOF:
			return;
		case RECORD_FAILED:
			cli_die(
			    CLI_FAILED, "standard input: %s", strerror(errno));
		case RECORD_REFUSED:
			r.error.stage = "enqueue";
			refuse(e, &r.error);
			break;
		case RECORD_OK:
			take_record(e, &r);
			break;
		}
		progress_update(&e->progress, r.number);
	}
}

/* The counts of a dry run, which has no job. */
static void
print_counts(struct enqueue *e)
{
	struct intake_counts n = intake_counted(e->docs);
	yyjson_mut_doc *doc = record_new(e->out, "job");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_str(doc, root, "status", "dry_run");
	yyjson_mut_obj_add_uint(doc, root, "documents", n.documents);
	yyjson_mut_obj_add_uint(doc, root, "unchanged", n.unchanged);
	yyjson_mut_obj_add_uint(doc, root, "failed", n.failed);
	yyjson_mut_obj_add_uint(doc, root, "tasks", n.tasks);
	output_check(record_put(e->out, doc));
}

static void
print_job(struct enqueue *e, const char *id)
{
	uint8_t uuid[DIGEST_UUID];
	struct db_result *r = NULL;

	if (digest_uuid_parse(id, strlen(id), uuid) == 0)
		r = job_get(e->db, uuid);
	if (r == NULL)
		die_of_database(e);
	if (db_rows(r) > 0)
		output_check(job_put(e->out, r, 0));
	db_result_free(r);
}

static void
open_all(struct enqueue *e)
{
	e->queue = connect_queue(NULL);
	e->db = connect_database();
	e->docs = intake_open(e->db, &e->options.docs);
	e->in = record_in_open(STDIN_FILENO, &e->options.input);
	e->out = record_out_open(STDOUT_FILENO);
}

static void
close_all(struct enqueue *e)
{
	intake_close(e->docs);
	record_in_close(e->in);
	queue_close(e->queue);
	db_close(e->db);
	output_close(e->out);
}

int
main(int argc, char **argv)
{
	struct enqueue e = {0};
	char running[DIGEST_UUID_TEXT];
	int found = 0;

	cli_start("pl-enqueue", help);
	parse_options(argc, argv, &e.options);
	open_all(&e);

	if (e.options.docs.unique_key != NULL) {
		found = intake_find_unique(e.docs, running);
		if (found == -1)
			die_of_database(&e);
	}
	if (found) {
		cli_warn("job %s with key '%s' is open: nothing is added",
		    running, e.options.docs.unique_key);
		print_job(&e, running);
		close_all(&e);
		return CLI_DONE;
	}
	stop_catch();
	progress_start(&e.progress, "documents", 0, e.options.progress);
	read_all(&e);
	save(&e);
	save_failures(&e);
	progress_end(&e.progress, intake_counted(e.docs).documents);
	insist(&e, seal_job);
	if (e.options.docs.dry_run)
		print_counts(&e);
	else
		print_job(&e, intake_job(e.docs));
	if (stop_requested())
		cli_warn("interrupted: what came before is saved as this job; "
			 "the same input again is safe");
	close_all(&e);
	return stop_requested() ? CLI_UNAVAILABLE
	       : e.refused	? CLI_PARTIAL
				: CLI_DONE;
}
