/* What outside programs report of documents, one by one or as records. */
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

/* The record was not taken: say so in band and on standard error. */
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
		/* An error that names no document is nobody's. */
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

/* A failed chunk is told again by its document's stored record. */
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
	const char *document, *status;
	struct error_record error; /* stage, class and message */
	int has_class;
	int64_t chunks;
	struct record_in_options input;
};

static void
parse_options(struct jobctl *c, int argc, char **argv, struct given *g)
{
	enum {
		DOCUMENT = JOBCTL_OPT_FIRST,
		STATUS,
		STAGE,
		MESSAGE,
		CLASS,
		CHUNKS,
		MAX_RECORD,
		INVALID
	};
	static const struct option options[] = {
	    {"document", required_argument, NULL, DOCUMENT},
	    {"status", required_argument, NULL, STATUS},
	    {"stage", required_argument, NULL, STAGE},
	    {"message", required_argument, NULL, MESSAGE},
	    {"class", required_argument, NULL, CLASS},
	    {"chunks", required_argument, NULL, CHUNKS},
	    {"max-record", required_argument, NULL, MAX_RECORD},
	    {"invalid", required_argument, NULL, INVALID}, JOBCTL_OPTIONS};
	static const char *const statuses[] = {
	    "pending", "processing", "stored", "unchanged", "failed", NULL};
	static const char *const invalid[] = {"replace", "reject", NULL};
	const char **word;
	int o;

	while ((o = jobctl_next(c, argc, argv, options)) != -1)
		switch (o) {
		case DOCUMENT:
			g->document = optarg;
			break;
		case STATUS:
			if (jobctl_words("--status", optarg, statuses, &word) !=
			    1)
				cli_usage("--status: expected one status");
			g->status = *word;
			free(word);
			break;
		case STAGE:
			g->error.stage = optarg;
			break;
		case MESSAGE:
			g->error.message = optarg;
			break;
		case CLASS:
			g->error.class = jobctl_read_class(optarg);
			g->has_class = 1;
			break;
		case CHUNKS:
			g->chunks = cli_int("--chunks", optarg, 0, INT32_MAX);
			break;
		case MAX_RECORD:
			g->input.max_record = cli_size(
			    "--max-record", optarg, 1024, (size_t)1 << 40);
			break;
		case INVALID:
			if (jobctl_words("--invalid", optarg, invalid, &word) !=
			    1)
				cli_usage("--invalid: expected one word");
			g->input.reject_invalid = *word == invalid[1];
			free(word);
			break;
		}
}

int
jobctl_progress(struct jobctl *c, int argc, char **argv)
{
	struct given g = {
	    .error = {.class = ERROR_INTERNAL, .code = "reported", .chunk = -1},
	    .chunks = -1};
	struct job_report report = {.milliseconds = -1};
	struct reporting p = {.c = c};
	struct error_words words;
	uint8_t document[DIGEST_UUID];
	struct buf why = {0};
	char *error = NULL;

	parse_options(c, argc, argv, &g);
	jobctl_expect(argc, 1, 1, "JOB");
	if (g.document == NULL &&
	    (g.status || g.error.stage || g.error.message || g.has_class ||
		g.chunks != -1))
		cli_usage("--document is missing: which one?");
	if (g.document != NULL && g.status == NULL)
		cli_usage("--status is missing: what became of the document?");
	jobctl_find(c, argv[optind], p.job);
	if (g.document == NULL)
		return take_records(&p, &g.input);
	if (digest_uuid_parse(g.document, strlen(g.document), document) == 0)
		report.document = document;
	else
		report.url = g.document;
	error_record_bound(&g.error, &words);
	report.status = g.status;
	report.stage = g.error.stage;
	report.chunks = g.chunks;
	if (g.error.message != NULL || g.has_class ||
	    strcmp(g.status, "failed") == 0) {
		if (g.error.stage == NULL)
			g.error.stage = "jobctl";
		if (g.error.message == NULL)
			g.error.message = "no reason was given";
		report.error = error = error_record_json(&g.error, NULL);
	}
	if (job_progress(c->db, p.job, &report, &why) == -1)
		jobctl_refused(c, &why);
	free(error);
	jobctl_print_job(c, p.job);
	return CLI_DONE;
}
