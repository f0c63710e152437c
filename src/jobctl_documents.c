/* Documents of a job: records to process again, ledger lines, or a table. */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "cli.h"
#include "db.h"
#include "jobctl.h"
#include "jobs.h"
#include "num.h"
#include "rec.h"
#include "table.h"

struct listing {
	struct jobctl *c;
	struct table *table; /* or NULL */
};

static void
add_text(
    yyjson_mut_doc *doc, const char *key, const struct db_result *r, int column)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	if (!db_is_null(r, 0, column))
		yyjson_mut_obj_add_strncpy(doc, root, key,
		    db_text(r, 0, column), db_length(r, 0, column));
}

/* A JSON column; key is left out when it is NULL. */
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

/* Exactly a document's keys: any other would end up in its metadata. */
static int
put_document(void *argument, const struct db_result *r)
{
	struct listing *l = argument;
	yyjson_mut_doc *doc = rec_new(l->c->out, "document");

	add_text(doc, "id", r, JOBS_DOCUMENT_ID);
	add_text(doc, "source", r, JOBS_DOCUMENT_SOURCE);
	add_text(doc, "url", r, JOBS_DOCUMENT_URL);
	add_text(doc, "title", r, JOBS_DOCUMENT_TITLE);
	add_text(doc, "content", r, JOBS_DOCUMENT_CONTENT);
	add_text(doc, "content_type", r, JOBS_DOCUMENT_CONTENT_TYPE);
	add_text(doc, "content_hash", r, JOBS_DOCUMENT_CONTENT_HASH);
	add_json(doc, "metadata", r, JOBS_DOCUMENT_METADATA);
	return rec_put(l->c->out, doc);
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
	yyjson_mut_doc *doc = rec_new(l->c->out, "job_document");

	add_text(doc, "document_id", r, JOBS_DOCUMENT_ID);
	add_text(doc, "url", r, JOBS_DOCUMENT_URL);
	add_text(doc, "status", r, JOBS_DOCUMENT_STATUS);
	add_number(doc, "attempts", r, JOBS_DOCUMENT_ATTEMPTS);
	add_text(doc, "stage", r, JOBS_DOCUMENT_STAGE);
	add_json(doc, "error", r, JOBS_DOCUMENT_ERROR);
	add_number(doc, "chunks", r, JOBS_DOCUMENT_CHUNKS);
	add_number(doc, "milliseconds", r, JOBS_DOCUMENT_MILLISECONDS);
	add_text(doc, "started_at", r, JOBS_DOCUMENT_STARTED_AT);
	add_text(doc, "finished_at", r, JOBS_DOCUMENT_FINISHED_AT);
	return rec_put(l->c->out, doc);
}

static int
put_row(void *argument, const struct db_result *r)
{
	struct listing *l = argument;
	yyjson_doc *error = yyjson_read(db_text(r, 0, JOBS_DOCUMENT_ERROR),
	    db_length(r, 0, JOBS_DOCUMENT_ERROR), 0);
	yyjson_val *root = yyjson_doc_get_root(error);
	const char *class = rec_str(root, "class", NULL);
	const char *message = rec_str(root, "message", NULL);

	table_cell(l->table, db_text(r, 0, JOBS_DOCUMENT_URL));
	table_cell(l->table, db_text(r, 0, JOBS_DOCUMENT_STATUS));
	table_cell(l->table, db_text(r, 0, JOBS_DOCUMENT_ATTEMPTS));
	table_cell(l->table, db_text(r, 0, JOBS_DOCUMENT_STAGE));
	table_cellf(l->table, "%s%s%.400s", class ? class : "",
	    class && message ? ": " : "", message ? message : "");
	yyjson_doc_free(error);
	return 0;
}

static int
list_as_table(
    struct jobctl *c, const uint8_t *id, const struct jobs_choice *choice)
{
	static const struct table_column columns[] = {{"URL", TABLE_TAIL},
	    {"STATUS", 0}, {"TRIES", TABLE_RIGHT}, {"STAGE", TABLE_FLEX},
	    {"ERROR", TABLE_FLEX}};
	struct listing l = {c, table_new(columns, 5)};

	if (jobs_documents(c->db, id, choice, 0, put_row, &l) == -1)
		return -1;
	if (table_rows(l.table) > 0) {
		jobctl_print_table(c, l.table);
	} else {
		cli_warn("there is no such document in the job");
		table_free(l.table);
	}
	return 0;
}

static size_t
parse_statuses(const char *list, const char ***statuses)
{
	static const char *const known[] = {"pending", "processing", "stored",
	    "unchanged", "failed", "canceled", NULL};

	free(*statuses);
	return jobctl_words("--status", list, known, statuses);
}

int
jobctl_documents(struct jobctl *c, int argc, char **argv)
{
	enum {
		FAILED = JOBCTL_OPT_FIRST,
		STATUS,
		CLASS,
		DOCUMENT,
		LEDGER,
		LIMIT
	};
	static const struct option options[] = {
	    {"failed", no_argument, NULL, FAILED},
	    {"status", required_argument, NULL, STATUS},
	    {"class", required_argument, NULL, CLASS},
	    {"document", required_argument, NULL, DOCUMENT},
	    {"ledger", no_argument, NULL, LEDGER},
	    {"limit", required_argument, NULL, LIMIT}, JOBCTL_OPTIONS};
	struct jobs_choice choice = {0};
	const char **statuses = NULL;
	uint8_t id[DIGEST_UUID], document[DIGEST_UUID];
	struct listing l = {c, NULL};
	int o, ledger = 0, status;

	while ((o = jobctl_next(c, argc, argv, options)) != -1)
		switch (o) {
		case FAILED:
			choice.n = parse_statuses("failed", &statuses);
			break;
		case STATUS:
			choice.n = parse_statuses(optarg, &statuses);
			break;
		case CLASS:
			jobctl_check_class(optarg);
			choice.class = optarg;
			break;
		case DOCUMENT:
			jobctl_choose_document(&choice, optarg, document);
			break;
		case LEDGER:
			ledger = 1;
			break;
		case LIMIT:
			choice.limit =
			    cli_int("--limit", optarg, 0, 1000000000);
			break;
		}
	jobctl_expect(argc, 1, 1, "JOB");
	choice.statuses = statuses;
	jobctl_find(c, argv[optind], id);
	jobctl_need_document(c, id, &choice);
	if (jobctl_wants_table(c))
		status = list_as_table(c, id, &choice);
	else
		status = jobs_documents(c->db, id, &choice, !ledger,
		    ledger ? put_ledger : put_document, &l);
	if (status == -1)
		jobctl_die(c);
	free(statuses);
	return CLI_DONE;
}
