/* Check the account: every violation is a record. */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/record.h"
#include "record/record_out.h"
#include "show.h"
#include "store/verify.h"
#include "tool/cli.h"
#include "tool/table.h"

struct verifying {
	struct jobctl *c;
	const uint8_t *job; /* or NULL */
	struct table *table;
	int64_t violations;
};

static void
add_id(yyjson_mut_doc *doc, const char *key, const struct db_result *r, int row,
    int column)
{
	if (!db_is_null(r, row, column))
		yyjson_mut_obj_add_strcpy(doc, yyjson_mut_doc_get_root(doc),
		    key, db_text(r, row, column));
}

static void
report(
    struct verifying *v, const char *name, const struct db_result *r, int row)
{
	yyjson_mut_doc *doc;

	v->violations++;
	if (v->table != NULL) {
		table_cell(v->table, name);
		table_cellf(v->table, "%.13s", db_text(r, row, VERIFY_JOB));
		table_cell(v->table, db_text(r, row, VERIFY_DOCUMENT));
		table_cell(v->table, db_text(r, row, VERIFY_MESSAGE));
		return;
	}
	doc = record_out_new(v->c->out, "violation");
	yyjson_mut_obj_add_str(
	    doc, yyjson_mut_doc_get_root(doc), "check", name);
	add_id(doc, "job_id", r, row, VERIFY_JOB);
	add_id(doc, "document_id", r, row, VERIFY_DOCUMENT);
	add_id(doc, "message", r, row, VERIFY_MESSAGE);
	record_out_put(v->c->out, doc);
}

static void
run_check(struct verifying *v, size_t i)
{
	struct db_result *r = verify_run(v->c->db, i, v->job);

	if (r == NULL)
		jobctl_die(v->c);
	cli_note("%s: %d", verify_name(i), db_rows(r));
	for (int row = 0; row < db_rows(r); row++)
		report(v, verify_name(i), r, row);
	db_result_free(r);
}

int
jobctl_verify(struct jobctl *c, int argc, char **argv)
{
	static const struct option options[] = {JOBCTL_OPTIONS};
	static const struct table_column columns[] = {{"CHECK", 0}, {"JOB", 0},
	    {"DOCUMENT", TABLE_TAIL}, {"WHAT", TABLE_WRAP}};
	struct verifying v = {.c = c};
	uint8_t id[DIGEST_UUID];

	while (jobctl_next(c, argc, argv, options) != -1)
		;
	jobctl_expect(argc, 0, 1, "[JOB]");
	if (optind < argc) {
		jobctl_find(c, argv[optind], id);
		v.job = id;
	} else {
		jobctl_open(c);
	}
	if (jobctl_wants_table(c))
		v.table = table_new(columns, 4);
	for (size_t i = 0; verify_name(i) != NULL; i++)
		run_check(&v, i);
	if (v.violations > 0 && v.table != NULL)
		jobctl_print_table(c, v.table);
	else
		table_free(v.table);
	if (v.violations == 0)
		cli_note("no violation");
	else
		cli_warn("%lld violation%s of the account",
		    (long long)v.violations, v.violations == 1 ? "" : "s");
	return v.violations == 0 ? CLI_DONE : CLI_FAILED;
}
