/* Documents of a job: records to process again, ledger lines, or a table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "commands.h"
#include "documents_table.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/record_out.h"
#include "show.h"
#include "store/job_choice.h"
#include "store/job_documents.h"
#include "tool/cli.h"

struct listing {
	struct jobctl *c;
	struct jobctl_documents *table; /* or NULL */
	int drop;
	struct buf dropped; /* ids, 16 bytes each */
};

static void
note_dropped(struct listing *l, const struct db_result *r)
{
	uint8_t id[DIGEST_UUID];

	if (l->drop && digest_uuid_parse(db_text(r, 0, JOB_DOCUMENT_ID),
			   db_length(r, 0, JOB_DOCUMENT_ID), id) == 0)
		buf_add(&l->dropped, id, sizeof(id));
}

static void
add_text(
    yyjson_mut_doc *doc, const char *key, const struct db_result *r, int column)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	if (!db_is_null(r, 0, column))
		yyjson_mut_obj_add_strn(doc, root, key, db_text(r, 0, column),
		    db_length(r, 0, column));
}

/* Add a JSON column; if it is NULL, the key is left out. */
static void
add_json(
    yyjson_mut_doc *doc, const char *key, const struct db_result *r, int column)
{
	yyjson_doc *value =
	    yyjson_read(db_text(r, 0, column), db_length(r, 0, column), 0);

	if (value != NULL)
		yyjson_mut_obj_add_val(doc, yyjson_mut_doc_get_root(doc), key,
		    yyjson_val_mut_copy(doc, yyjson_doc_get_root(value)));
	yyjson_doc_free(value);
}

/* Write only a document's own keys: other keys would become metadata. */
static int
put_document(void *argument, const struct db_result *r)
{
	struct listing *l = argument;
	yyjson_mut_doc *doc = record_out_new(l->c->out, "document");

	note_dropped(l, r);

	add_text(doc, "id", r, JOB_DOCUMENT_ID);
	add_text(doc, "source", r, JOB_DOCUMENT_SOURCE);
	add_text(doc, "url", r, JOB_DOCUMENT_URL);
	add_text(doc, "title", r, JOB_DOCUMENT_TITLE);
	add_text(doc, "content", r, JOB_DOCUMENT_CONTENT);
	add_text(doc, "content_type", r, JOB_DOCUMENT_CONTENT_TYPE);
	add_text(doc, "content_hash", r, JOB_DOCUMENT_CONTENT_HASH);
	add_json(doc, "metadata", r, JOB_DOCUMENT_METADATA);
	return record_out_put(l->c->out, doc);
}

static void
add_number(
    yyjson_mut_doc *doc, const char *key, const struct db_result *r, int column)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	if (!db_is_null(r, 0, column))
		yyjson_mut_obj_add_int(doc, root, key, db_int(r, 0, column));
}

static int
put_ledger(void *argument, const struct db_result *r)
{
	struct listing *l = argument;
	yyjson_mut_doc *doc = record_out_new(l->c->out, "job_document");

	note_dropped(l, r);

	add_text(doc, "document_id", r, JOB_DOCUMENT_ID);
	add_text(doc, "url", r, JOB_DOCUMENT_URL);
	add_text(doc, "status", r, JOB_DOCUMENT_STATUS);
	add_number(doc, "attempts", r, JOB_DOCUMENT_ATTEMPTS);
	add_text(doc, "stage", r, JOB_DOCUMENT_STAGE);
	add_json(doc, "error", r, JOB_DOCUMENT_ERROR);
	add_number(doc, "chunks", r, JOB_DOCUMENT_CHUNKS);
	add_number(doc, "failed_chunks", r, JOB_DOCUMENT_FAILED_CHUNKS);
	add_json(doc, "first_error", r, JOB_DOCUMENT_FIRST_ERROR);
	add_number(doc, "milliseconds", r, JOB_DOCUMENT_MILLISECONDS);
	add_text(doc, "started_at", r, JOB_DOCUMENT_STARTED_AT);
	add_text(doc, "finished_at", r, JOB_DOCUMENT_FINISHED_AT);
	return record_out_put(l->c->out, doc);
}

static int
put_row(void *argument, const struct db_result *r)
{
	struct listing *l = argument;

	note_dropped(l, r);
	jobctl_documents_add(l->table, r);
	return 0;
}

static int
list_as_table(
    struct listing *l, const uint8_t *id, const struct job_choice *choice)
{
	l->table = jobctl_documents_new();
	if (job_documents(l->c->db, id, choice, 0, put_row, l) == -1)
		return -1;
	if (jobctl_documents_print(l->c, l->table) == 0)
		cli_warn(id ? "there is no such document in the job"
			    : "there is no such document");
	return 0;
}

/* Drop the documents that were printed, after their output was written. */
static void
drop_documents(struct listing *l)
{
	int64_t n = 0;

	if (record_out_flush(l->c->out) == -1)
		cli_die(CLI_FAILED, "standard output: %s: nothing is dropped",
		    strerror(errno));
	if (l->dropped.len > 0)
		n = job_drop_documents(l->c->db,
		    (const uint8_t *)l->dropped.data,
		    l->dropped.len / DIGEST_UUID);
	if (n == -1)
		jobctl_die(l->c);
	cli_warn("%lld documents dropped", (long long)n);
	buf_free(&l->dropped);
}

static size_t
parse_statuses(const char *list, const char ***statuses)
{
	static const char *const known[] = {"pending", "processing", "stored",
	    "incomplete", "unchanged", "failed", "canceled", NULL};

	return jobctl_words("--status", list, known, statuses);
}

struct documents_options {
	int failed, incomplete, ledger, drop;
	const char *status, *class, *document;
	int64_t limit;
};

#define TO(member) OPTION_TO(struct documents_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_FLAG, .name = "failed", TO(failed),
	.help = "as --status failed; without JOB, what is failed now, of all "
		"jobs"},
    {OPTION_FLAG, .name = "incomplete", TO(incomplete),
	.help = "as --status incomplete; without JOB, of all jobs"},
    {OPTION_FLAG, .name = "drop", TO(drop),
	.help = "with --failed: print them, then give them up; the accounts of "
		"the jobs stay as they are"},
    {OPTION_TEXT, .name = "status", .argument = "STATUS,...", TO(status),
	.help = "pending, processing, stored, incomplete, unchanged, failed, "
		"canceled"},
    {OPTION_WORD, .name = "class", .argument = JOBCTL_CLASSES, TO(class),
	.help = "documents that failed with this class of error"},
    {OPTION_TEXT, .name = "document", .argument = "DOCUMENT", TO(document),
	.help = "this document: its id, or its url"},
    {OPTION_FLAG, .name = "ledger", TO(ledger),
	.help = "in a pipe, job_document records instead: state, attempts, "
		"stage, error and times of each"},
    {OPTION_NUMBER, .name = "limit", .argument = "N", TO(limit), .low = 0,
	.high = 1000000000, .standard = "0",
	.help = "at most this many, 0 for all"},
    JOBCTL_ROWS};
/* clang-format on */

static void
check_options(const struct documents_options *o, int has_job)
{
	if (o->failed + o->incomplete + (o->status != NULL) > 1)
		cli_usage("--failed, --incomplete and --status exclude each "
			  "other");
	if (!has_job && !o->failed && !o->incomplete)
		cli_usage("an argument is missing: JOB");
	if (o->drop && !o->failed)
		cli_usage("--drop needs --failed");
}

static int
documents(struct jobctl *c)
{
	struct documents_options o = {0};
	struct job_choice choice = {0};
	const char **statuses = NULL;
	uint8_t id[DIGEST_UUID], document[DIGEST_UUID], *of = NULL;
	struct listing l = {.c = c};
	char **words = jobctl_parse(c, &o);
	int status;

	check_options(&o, *words != NULL);
	l.drop = o.drop;
	choice.limit = o.limit;
	choice.class = o.class;
	if (o.failed || o.incomplete || o.status != NULL)
		choice.n = parse_statuses(o.failed	 ? "failed"
					  : o.incomplete ? "incomplete"
							 : o.status,
		    &statuses);
	choice.statuses = statuses;
	if (o.document != NULL)
		jobctl_choose_document(&choice, o.document, document);
	if (*words == NULL) {
		jobctl_open(c);
	} else {
		jobctl_find(c, *words, id);
		jobctl_need_document(c, id, &choice);
		of = id;
	}
	if (jobctl_wants_table(c))
		status = list_as_table(&l, of, &choice);
	else
		status = job_documents(c->db, of, &choice, !o.ledger,
		    o.ledger ? put_ledger : put_document, &l);
	if (status == -1)
		jobctl_die(c);
	if (l.drop)
		drop_documents(&l);
	free(statuses);
	return CLI_DONE;
}

const struct jobctl_command jobctl_documents = {
    .options = {.name = "documents",
	.usage = "[OPTION]... JOB|--failed|--incomplete",
	.summary = "documents of a job: records to process again, or a table",
	.about = "In a pipe, document records with their content, for the "
		 "other tools:\n"
		 "pl-jobctl documents JOB --failed | pl-chunk | pl-embed | "
		 "pl-store\n",
	.more = JOBCTL_JOB_HELP,
	.rows = rows},
    .least = 0,
    .most = 1,
    .arguments = "JOB",
    .run = documents};
