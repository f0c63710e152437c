/* Check the account: every violation is a record. */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "jobctl.h"
#include "net/db.h"
#include "record/record_out.h"
#include "store/job.h"
#include "tool/cli.h"
#include "tool/table.h"

#define OPEN "('pending', 'queued', 'in_progress')"

/*
 * Each query gives a job's id, a document's id and what is wrong, for the job
 * $1 or, when that is null, for all. One statement sees one instant, so work
 * in progress is no violation.
 */
static const struct check {
	const char *name, *sql;
} checks[] = {
    {"counts",
	"select j.id, null::uuid, 'counts of the job: documents '"
	" || j.documents || ', stored ' || j.stored || ', unchanged '"
	" || j.unchanged || ', failed ' || j.failed || ', canceled '"
	" || j.canceled || '; its rows: ' || count(d.status) || ', '"
	" || count(*) filter (where d.status = 'stored') || ', '"
	" || count(*) filter (where d.status = 'unchanged') || ', '"
	" || count(*) filter (where d.status = 'failed') || ', '"
	" || count(*) filter (where d.status = 'canceled')"
	" from pl.jobs j left join pl.job_documents d on d.job_id = j.id"
	" where ($1::uuid is null or j.id = $1) group by j.id"
	" having (j.documents, j.stored, j.unchanged, j.failed, j.canceled)"
	" <> (count(d.status),"
	" count(*) filter (where d.status = 'stored'),"
	" count(*) filter (where d.status = 'unchanged'),"
	" count(*) filter (where d.status = 'failed'),"
	" count(*) filter (where d.status = 'canceled'))"},
    {"ended_with_work",
	"select j.id, d.document_id, 'the job is ' || j.status ||"
	" ', the document still ' || d.status"
	" from pl.jobs j join pl.job_documents d on d.job_id = j.id"
	" where ($1::uuid is null or j.id = $1) and j.status not in " OPEN
	" and d.status in ('pending', 'processing')"},
    {"open_without_work",
	"select j.id, null::uuid, 'the job is ' || j.status ||"
	" ', sealed, and nothing of it is left to do'"
	" from pl.jobs j where ($1::uuid is null or j.id = $1)"
	" and j.status in " OPEN " and j.sealed and not exists (select from"
	" pl.job_documents d where d.job_id = j.id"
	" and d.status in ('pending', 'processing'))"},
    {"stranded",
	"select j.id, d.document_id, 'the document is ' || d.status ||"
	" ', its task ' || coalesce(t.status, 'gone')"
	" from pl.jobs j join pl.job_documents d on d.job_id = j.id"
	" left join pl.tasks t on t.id = d.task_id"
	" where ($1::uuid is null or j.id = $1) and j.status in " OPEN
	" and d.status in ('pending', 'processing') and d.task_id is not null"
	" and t.status not in " OPEN},
    {"wrong_task",
	"select d.job_id, d.document_id, 'the task is of job ' || t.job_id"
	" from pl.job_documents d join pl.tasks t on t.id = d.task_id"
	" where ($1::uuid is null or d.job_id = $1)"
	" and t.job_id <> d.job_id"},
    {"source_status",
	"select j.id, null::uuid, 'source ' || s.name || ' is ' || s.status ||"
	" ', its job ' || j.status"
	" from pl.sources s join pl.jobs j on j.id = s.job_id"
	" where ($1::uuid is null or j.id = $1)"
	" and s.status <> case when j.status in ('queued', 'in_progress')"
	" then 'processing' when j.status = 'completed' then 'ready'"
	" when j.status in ('partial', 'canceled') then 'partial'"
	" when j.status = 'failed' then 'failed' else s.status end"
	" and s.status <> 'crawling'"},
    {"stored_in_job_only",
	"select d.job_id, d.document_id, 'the job''s latest word is ' ||"
	" d.status || ', the document is ' || o.status"
	" from pl.job_documents d join pl.documents o on o.id = d.document_id"
	" where ($1::uuid is null or d.job_id = $1) and d.status = 'stored'"
	" and o.status in ('pending', 'processing') and not exists (select"
	" from pl.job_documents l where l.document_id = d.document_id"
	" and l.job_id <> d.job_id)"},
    {"duplicate_documents",
	"select null::uuid, min(d.id::text)::uuid, count(*) ||"
	" ' documents with the url ' || d.url from pl.documents d"
	" where $1::uuid is null or exists (select from pl.job_documents j"
	" where j.job_id = $1 and j.document_id = d.id)"
	" group by d.source_id, d.url having count(*) > 1"},
};

/* With the chunk tables of all collections between the two. */
static const char chunks_head[] = "with c as (";
static const char chunks_tail[] =
    "), n as (select collection, document_id, count(*) as n,"
    " count(distinct \"index\") as distinct_n from c"
    " where $1::uuid is null or document_id in (select document_id"
    "  from pl.job_documents where job_id = $1) group by 1, 2)"
    " select null::uuid, d.id, 'stored with ' || d.chunk_count ||"
    " ' chunks, but there are ' || coalesce((select string_agg(n.n || ' in '"
    "  || n.collection, ', ') from n where n.document_id = d.id), 'none')"
    " from pl.documents d where d.status = 'stored' and d.chunk_count > 0"
    " and ($1::uuid is null or exists (select from pl.job_documents j"
    "  where j.job_id = $1 and j.document_id = d.id))"
    " and not exists (select from n where n.document_id = d.id"
    "  and n.n = d.chunk_count)"
    " union all select null::uuid, n.document_id, (n.n - n.distinct_n) ||"
    " ' duplicate chunks in ' || n.collection from n where n.n > n.distinct_n"
    " union all select null::uuid, n.document_id, n.n || ' chunks in '"
    " || n.collection || ' of a document that is not there' from n"
    " where not exists (select from pl.documents d"
    "  where d.id = n.document_id)";

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
		table_cellf(v->table, "%.13s", db_text(r, row, 0));
		table_cell(v->table, db_text(r, row, 1));
		table_cell(v->table, db_text(r, row, 2));
		return;
	}
	doc = record_out_new(v->c->out, "violation");
	yyjson_mut_obj_add_str(
	    doc, yyjson_mut_doc_get_root(doc), "check", name);
	add_id(doc, "job_id", r, row, 0);
	add_id(doc, "document_id", r, row, 1);
	add_id(doc, "message", r, row, 2);
	record_out_put(v->c->out, doc);
}

static void
run_check(struct verifying *v, const char *name, const char *sql)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, v->job);
	r = db_run(v->c->db, sql, &a);
	db_args_free(&a);
	if (r == NULL)
		jobctl_die(v->c);
	cli_note("%s: %d", name, db_rows(r));
	for (int i = 0; i < db_rows(r); i++)
		report(v, name, r, i);
	db_result_free(r);
}

static void
check_chunks(struct verifying *v)
{
	struct db_result *r = db_run(v->c->db,
	    "select quote_literal(c.name), t.oid::regclass"
	    " from pl.collections c join pg_class t on t.oid = coalesce("
	    "  to_regclass('pl.' || quote_ident(c.table_name)),"
	    "  to_regclass(c.table_name))",
	    NULL);
	struct buf sql = {0};

	if (r == NULL)
		jobctl_die(v->c);
	buf_puts(&sql, chunks_head);
	/* Without a collection, an empty table of the same form. */
	if (db_rows(r) == 0)
		buf_puts(&sql, "select ''::text as collection, null::uuid as "
			       "document_id, 0 as \"index\" where false");
	for (int i = 0; i < db_rows(r); i++)
		buf_printf(&sql,
		    "%sselect %s::text as collection, document_id, \"index\""
		    " from %s",
		    i == 0 ? "" : " union all ", db_text(r, i, 0),
		    db_text(r, i, 1));
	buf_puts(&sql, chunks_tail);
	db_result_free(r);
	run_check(v, "chunks", sql.data);
	buf_free(&sql);
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
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		run_check(&v, checks[i].name, checks[i].sql);
	check_chunks(&v);
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
