/* Outcomes of documents that other programs report, singly or as records. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "show.h"
#include "store/job_report.h"
#include "tool/cli.h"

struct reporting {
	struct jobctl *c;
	uint8_t job[DIGEST_UUID];
	int refused;
};

static void
flush(void *argument)
{
	record_out_flush(argument);
}

/* Refuse a record: an error record, and a line on standard error. */
static void
refuse(struct reporting *p, const struct record *r, const char *document,
    const char *message)
{
	struct error_record e = ERROR_RECORD_INIT;

	p->refused = 1;
	e.stage = "jobctl";
	e.class = ERROR_INPUT;
	e.code = "report_refused";
	e.message = message;
	e.document_id = document;
	e.line = r->number;
	error_record_put(p->c->out, &e);
	cli_warn("line %llu: %s", (unsigned long long)r->number, message);
}

/* Save a stored or error record. */
static void
take(struct reporting *p, const struct record *r)
{
	const char *document = record_str(r->root, "document_id", NULL);
	struct job_report report = {
	    .status = "stored", .chunks = -1, .milliseconds = -1};
	struct error_words words;
	struct error_record e;
	uint8_t id[DIGEST_UUID];
	struct buf why = {0};
	char *error = NULL;

	if (document == NULL ||
	    digest_uuid_parse(document, strlen(document), id) == -1) {
		/* An error that names no document is passed on. */
		if (r->type == RECORD_STORED)
			refuse(p, r, document,
			    "the record has no valid document_id");
		else
			record_out_pass(p->c->out, r->line, r->len);
		return;
	}
	report.document = id;
	report.chunks = record_int(r->root, "chunks", -1);
	if (r->type == RECORD_ERROR) {
		error_record_get(r->root, ERROR_INTERNAL, &e, &words);
		error = error_record_json(&e, NULL);
		report.status = "failed";
		report.stage = e.stage;
		report.error = error;
		report.chunks = -1;
	}
	if (job_progress(p->c->db, p->job, &report, &why) == 0)
		record_out_pass(p->c->out, r->line, r->len);
	else if (why.len == 0 && db_fault(p->c->db) != DB_DATA)
		jobctl_die(p->c);
	else
		refuse(p, r, document,
		    why.len > 0 ? why.data : db_error(p->c->db));
	free(error);
	buf_free(&why);
}

/* Not the error of one chunk: the document's stored record counts it. */
static int
concerns_document(const struct record *r)
{
	return r->type == RECORD_STORED ||
	       (r->type == RECORD_ERROR &&
		   record_int(r->root, "chunk", -1) < 0);
}

static int
take_records(struct reporting *p, struct record_in_options *options)
{
	struct record_in *in;
	struct record r;
	enum record_status status;

	options->idle = flush;
	options->idle_argument = p->c->out;
	in = record_in_open(STDIN_FILENO, options);
	while ((status = record_in_read(in, &r)) == RECORD_OK ||
	       status == RECORD_REFUSED) {
		if (status == RECORD_REFUSED) {
			p->refused = 1;
			r.error.stage = "jobctl";
			cli_warn("line %llu: %s", (unsigned long long)r.number,
			    r.error.message);
			error_record_put(p->c->out, &r.error);
		} else if (concerns_document(&r)) {
			take(p, &r);
		} else {
			record_out_pass(p->c->out, r.line, r.len);
		}
	}
	if (status == RECORD_FAILED)
		cli_die(CLI_FAILED, "standard input: %s", strerror(errno));
	record_in_close(in);
	return p->refused ? CLI_PARTIAL : CLI_DONE;
}

struct given {
	const char *document, *status, *stage, *message, *class;
	int64_t chunks;
	struct record_in_options input;
};

#define TO(member) OPTION_TO(struct given, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_TEXT, .name = "document", .argument = "DOCUMENT", TO(document),
	.help = "a document's id, or a url in the job's source, which is added "
		"if it is new"},
    {OPTION_WORD, .name = "status",
	.argument = "pending|processing|stored|unchanged|failed", TO(status),
	.help = "what became of it"},
    {OPTION_TEXT, .name = "stage", .argument = "NAME", TO(stage),
	.help = "where it is, or where it failed"},
    {OPTION_TEXT, .name = "message", .argument = "TEXT", TO(message),
	.help = "why it failed"},
    {OPTION_WORD, .name = "class", .argument = JOBCTL_CLASSES, TO(class),
	.help = "what kind of error it is (default: internal)"},
    {OPTION_NUMBER, .name = "chunks", .argument = "N", TO(chunks), .low = 0,
	.high = INT32_MAX, .help = "chunks that were stored"},
    OPTION_ROW_MAX_RECORD(struct given, input.max_record),
    OPTION_ROW_INVALID(struct given, input.reject_invalid),
    JOBCTL_ROWS};
/* clang-format on */

/* The error that the options give; e has the default values. */
static char *
error_of(const struct given *g, struct error_record *e)
{
	struct error_words words;

	if (g->stage != NULL)
		e->stage = g->stage;
	if (g->message != NULL)
		e->message = g->message;
	if (g->class != NULL)
		e->class = (enum error_class)error_record_class_parse(g->class);
	error_record_bound(e, &words);
	return error_record_json(e, NULL);
}

static int
progress(struct jobctl *c)
{
	struct given g = {.chunks = -1};
	struct error_record e = {.stage = "jobctl",
	    .class = ERROR_INTERNAL,
	    .code = "reported",
	    .message = "no reason was given",
	    .chunk = -1};
	struct job_report report = {.milliseconds = -1};
	struct reporting p = {.c = c};
	uint8_t document[DIGEST_UUID];
	struct buf why = {0};
	char **words = jobctl_parse(c, &g), *error = NULL;

	if (g.document == NULL &&
	    (g.status || g.stage || g.message || g.class || g.chunks != -1))
		cli_usage("--document is missing: which one?");
	if (g.document != NULL && g.status == NULL)
		cli_usage("--status is missing: what became of the document?");
	jobctl_find(c, *words, p.job);
	if (g.document == NULL)
		return take_records(&p, &g.input);
	if (digest_uuid_parse(g.document, strlen(g.document), document) == 0)
		report.document = document;
	else
		report.url = g.document;
	report.status = g.status;
	report.stage = g.stage;
	report.chunks = g.chunks;
	if (g.message != NULL || g.class != NULL ||
	    strcmp(g.status, "failed") == 0)
		report.error = error = error_of(&g, &e);
	if (job_progress(c->db, p.job, &report, &why) == -1)
		jobctl_refused(c, &why);
	free(error);
	jobctl_print_job(c, p.job);
	return CLI_DONE;
}

const struct jobctl_command jobctl_progress = {
    .options = {.name = "progress",
	.usage = "[OPTION]... JOB",
	.summary = "record what became of documents of a job",
	.about = "Without --document, reads records on standard input, takes "
		 "what 'stored'\n"
		 "and 'error' records say, and passes every record on.\n",
	.more = JOBCTL_JOB_HELP,
	.rows = rows},
    JOBCTL_TAKES_JOB,
    .run = progress};
