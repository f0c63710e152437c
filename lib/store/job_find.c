#include "store/job_find.h"

#include <string.h>

#include "base/buf.h"
#include "net/db.h"
#include "net/db_values.h"
#include "store/job_change.h"

enum { DIGITS_MIN = 4 };

/* Seconds from now until column name, as text; ISO 8601 of it in UTC. */
#define JOB_AGE(name) "extract(epoch from now() - " name ")::float8::text"
#define JOB_ISO(name)                                                          \
	"to_char(" name " at time zone 'UTC',"                                 \
	" 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

#define ACCOUNT                                                                                                                                                   \
	"select a.id, a.type, a.source, a.status, a.documents, a.stored,"                                                                                         \
	" a.unchanged, a.failed, a.canceled, a.waiting, a.in_flight, a.tasks,"                                                                                    \
	" a.error, a.details, a.sealed, " JOB_ISO(                                                                                                                \
	    "a.created_at") ","                                                                                                                                   \
			    " " JOB_ISO("a.started_at") ", " JOB_ISO(                                                                                             \
				"a."                                                                                                                              \
				"finis"                                                                                                                           \
				"hed_"                                                                                                                            \
				"at") ", " JOB_AGE("a."                                                                                                           \
						   "creat"                                                                                                        \
						   "ed_"                                                                                                          \
						   "at") ", " JOB_AGE("a."                                                                                        \
								      "star"                                                                                      \
								      "ted_"                                                                                      \
								      "at") ","                                                                                   \
									    " " JOB_AGE(                                                                          \
										"a.finished_at") ","                                                              \
												 " (select s.status from pl.sources s where s.id = a.source_id)," \
												 " a.unique_key, (select coalesce(sum(d.chunks), 0)"              \
												 "  from pl.job_documents d where d.job_id = a.id)"               \
												 " from pl.job_accounts a"

/* The only row's id in id. 1 found, 0 no row, -1 failed, 2 several rows. */
static int
find_with(struct db *d, const char *sql, const char *text, uint8_t *id)
{
	struct db_args a = {0};
	struct db_result *r;
	int n;

	if (text != NULL)
		db_arg_text(&a, text);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	n = db_rows(r);
	if (n > 0)
		digest_uuid_parse(db_text(r, 0, 0), db_length(r, 0, 0), id);
	db_result_free(r);
	return n > 2 ? 2 : n;
}

static int
is_beginning(const char *s)
{
	size_t n = strlen(s);

	return n >= DIGITS_MIN && n < DIGEST_UUID_TEXT &&
	       strspn(s, "0123456789abcdefABCDEF-") == n;
}

int
job_find(struct db *d, const char *meant, uint8_t id[static DIGEST_UUID],
    struct buf *why)
{
	int found;

	if (digest_uuid_parse(meant, strlen(meant), id) == 0)
		found = find_with(
		    d, "select id from pl.jobs where id = $1::uuid", meant, id);
	else if (strcmp(meant, "latest") == 0)
		found = find_with(d,
		    "select id from pl.jobs order by created_at desc, id desc"
		    " limit 1",
		    NULL, id);
	else
		found = find_with(d,
		    "select j.id from pl.jobs j join pl.sources s"
		    " on s.id = j.source_id where s.name = $1"
		    " order by j.created_at desc, j.id desc limit 1",
		    meant, id);
	if (found == 0 && is_beginning(meant))
		found = find_with(d,
		    "select id from pl.jobs"
		    " where id::text like lower($1) || '%' limit 2",
		    meant, id);
	if (found == 0)
		buf_printf(why,
		    "job '%s': no job has this id or source: see 'pl-jobctl "
		    "list'",
		    meant);
	else if (found == 2)
		buf_printf(why,
		    "job '%s': several ids begin so: give more of it", meant);
	return found == 1 ? 0 : -1;
}

struct db_result *
job_get(struct db *d, const uint8_t id[static DIGEST_UUID])
{
	return job_change_ask(d, id, ACCOUNT " where a.id = $1");
}

struct db_result *
job_list(struct db *d, const struct job_filter *f)
{
	struct db_args a = {0};
	struct db_result *r;

	/* The counting is expensive: first the ids, then their accounts. */
	db_arg_text(&a, f->source);
	db_arg_texts(&a, f->statuses, f->n);
	db_arg_int(&a, f->limit > 0 ? f->limit : INT64_MAX);
	r = db_run(d,
	    "with chosen as materialized (select j.id from pl.jobs j"
	    " left join pl.sources s on s.id = j.source_id"
	    " where ($1::text is null or s.name = $1)"
	    " and (cardinality($2) = 0 or j.status = any($2))"
	    " order by j.created_at desc, j.id desc limit $3) " ACCOUNT
	    " where a.id in (select id from chosen)"
	    " order by a.created_at desc, a.id desc",
	    &a);
	db_args_free(&a);
	return r;
}

int
job_find_open(
    struct db *d, const char *unique_key, uint8_t id[static DIGEST_UUID])
{
	return find_with(d,
	    "select id from pl.jobs where unique_key = $1"
	    " and status in " OPEN_JOB,
	    unique_key, id);
}
