/*
 * Check the account, and repair it: a record for each violation and each
 * repair.
 */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/record.h"
#include "record/record_out.h"
#include "show.h"
#include "store/mend.h"
#include "store/verify.h"
#include "tool/cli.h"
#include "tool/table.h"

struct verifying {
	struct jobctl *c;
	const uint8_t *job;    /* or NULL */
	struct table *table;   /* of violations; NULL if records are printed */
	struct table *repairs; /* of repairs; NULL if records are printed */
	int64_t violations;
	uint64_t repaired, refused;
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
report_repair(
    struct verifying *v, const struct jobctl_repair *r, int is_refused)
{
	*(is_refused ? &v->refused : &v->repaired) += r->count;
	if (v->repairs == NULL) {
		jobctl_put_repair(v->c, r);
		return;
	}
	table_cell(v->repairs, r->check ? r->check : r->what);
	table_cellf(v->repairs, "%.13s", r->job ? r->job : "");
	table_cell(v->repairs, r->document ? r->document : "");
	table_cellf(v->repairs, "%s%s%s", is_refused ? r->what : "",
	    is_refused ? ": " : "", r->message);
}

/*
 * The database failed: print the repairs that were made, then end the process.
 */
_Noreturn static void
die(struct verifying *v)
{
	if (v->repairs != NULL && v->repaired + v->refused > 0)
		jobctl_print_table(v->c, v->repairs);
	record_out_flush(v->c->out);
	jobctl_die(v->c);
}

static struct db_result *
find(struct verifying *v, size_t i)
{
	struct db_result *r = verify_run(v->c->db, i, v->job);

	if (r == NULL)
		die(v);
	cli_note("%s: %d", verify_name(i), db_rows(r));
	return r;
}

static void
run_check(struct verifying *v, size_t i)
{
	struct db_result *r = find(v, i);

	for (int row = 0; row < db_rows(r); row++)
		report(v, verify_name(i), r, row);
	db_result_free(r);
}

static const char *
text_or_null(const struct db_result *r, int row, int column)
{
	return db_is_null(r, row, column) ? NULL : db_text(r, row, column);
}

/* Repair a row. If the database refuses it, report that and go on. */
static void
repair_row(struct verifying *v, size_t i, const struct db_result *r, int row)
{
	struct jobctl_repair repair = {.check = verify_name(i),
	    .job = text_or_null(r, row, VERIFY_JOB),
	    .document = text_or_null(r, row, VERIFY_DOCUMENT),
	    .count = 1};
	struct buf message = {0};
	int n = verify_repair(v->c->db, i, r, row, &message);

	if (n == -1 && db_fault(v->c->db) != DB_DATA)
		die(v);
	repair.message = n == -1 ? db_error(v->c->db) : message.data;
	if (n == -1)
		repair.what = mend_refused;
	if (n != 0)
		report_repair(v, &repair, n == -1);
	buf_free(&message);
}

static void
repair_check(struct verifying *v, size_t i)
{
	struct db_result *r = find(v, i);

	for (int row = 0; row < db_rows(r); row++)
		repair_row(v, i, r, row);
	db_result_free(r);
}

static void
report_mend(void *argument, const struct mend_repair *r)
{
	report_repair(argument,
	    &(struct jobctl_repair){.check = r->check,
		.what = r->what,
		.task = r->task,
		.job = r->job,
		.count = r->count,
		.message = r->message},
	    r->job != NULL);
}

/* Repair counts first, because they show which jobs should have ended. */
static void
repair_all(struct verifying *v)
{
	struct mend_options options = {
	    .job = v->job, .report = report_mend, .argument = v};
	struct mend_counts counts = {0};

	for (size_t i = 0; verify_name(i) != NULL; i++)
		if (verify_is_repaired(i))
			repair_check(v, i);
	if (mend_all(v->c->db, &options, &counts) == -1)
		die(v);
	if (v->repairs != NULL && v->repaired + v->refused > 0)
		jobctl_print_table(v->c, v->repairs);
	else
		table_free(v->repairs);
	v->repairs = NULL;
	cli_warn("%llu repair%s made", (unsigned long long)v->repaired,
	    v->repaired == 1 ? "" : "s");
	if (v->refused > 0)
		cli_warn("%llu that the database refuses",
		    (unsigned long long)v->refused);
}

static void
check_all(struct verifying *v)
{
	for (size_t i = 0; verify_name(i) != NULL; i++)
		run_check(v, i);
	if (v->violations > 0 && v->table != NULL)
		jobctl_print_table(v->c, v->table);
	else
		table_free(v->table);
	if (v->violations == 0)
		cli_note("no violation");
	else
		cli_warn("%lld violation%s of the account",
		    (long long)v->violations, v->violations == 1 ? "" : "s");
}

struct verify_options {
	int fix;
};

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_FLAG, .name = "fix", OPTION_TO(struct verify_options, fix),
	.help = "repair what can be, with a record for every repair, then "
		"check; without it nothing is changed"},
    JOBCTL_ROWS};
/* clang-format on */

static int
verify(struct jobctl *c)
{
	static const struct table_column columns[] = {{"CHECK", 0}, {"JOB", 0},
	    {"DOCUMENT", TABLE_TAIL}, {"WHAT", TABLE_WRAP}};
	static const struct table_column repairs[] = {{"REPAIR", 0}, {"JOB", 0},
	    {"DOCUMENT", TABLE_TAIL}, {"WHAT WAS DONE", TABLE_WRAP}};
	struct verifying v = {.c = c};
	struct verify_options o = {0};
	uint8_t id[DIGEST_UUID];
	char **words = jobctl_parse(c, &o);

	if (*words != NULL) {
		jobctl_find(c, *words, id);
		v.job = id;
	} else {
		jobctl_open(c);
	}
	if (jobctl_wants_table(c)) {
		v.table = table_new(columns, 4);
		v.repairs = o.fix ? table_new(repairs, 4) : NULL;
	}
	if (o.fix)
		repair_all(&v);
	check_all(&v);
	return v.violations == 0 ? CLI_DONE : CLI_FAILED;
}

const struct jobctl_command jobctl_verify = {
    .options = {.name = "verify",
	.usage = "[OPTION]... [JOB]",
	.summary =
	    "check the account: a record for every violation, then exit 1",
	.about = "Conservation law, counts against rows, work that nobody "
		 "does, stored\n"
		 "documents without chunks, chunks of deleted ones or with "
		 "other metadata,\n"
		 "duplicates. Each record says what to do.\n",
	.rows = rows},
    .least = 0,
    .most = 1,
    .arguments = "[JOB]",
    .run = verify};
