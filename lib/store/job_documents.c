#include "store/job_documents.h"

#include "net/db.h"
#include "net/db_values.h"
#include "store/job_choice.h"

#define JOB_ISO(name)                                                          \
	"to_char(" name " at time zone 'UTC',"                                 \
	" 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

#define LEDGER                                                                 \
	"select j.document_id::text, d.url, j.status, j.attempts::text,"       \
	" j.stage, j.error::text, j.chunks::text, "                            \
	"j.milliseconds::text, " JOB_ISO("j.started_at") ", " JOB_ISO(         \
	    "j.finished_at")

#define OF_JOB                                                                 \
	" from pl.job_documents j join pl.documents d"                         \
	" on d.id = j.document_id join pl.sources s on s.id = d.source_id"     \
	" where" CHOSEN " order by j.document_id limit $6"

/* The last failure of each document that is failed now, whatever the job. */
#define OF_ALL                                                                 \
	" from pl.documents d join pl.sources s on s.id = d.source_id,"        \
	" lateral (select * from pl.job_documents l"                           \
	"  where l.document_id = d.id and l.status = 'failed'"                 \
	"  order by l.finished_at desc nulls last limit 1) j"                  \
	" where d.status = 'failed' and $1::uuid is null"                      \
	" and (cardinality($2) = 0 or j.status = any($2))"                     \
	" and ($3::uuid is null or j.document_id = $3)"                        \
	" and ($4::text is null or d.url = $4)"                                \
	" and ($5::text is null or j.error->>'class' = $5)"                    \
	" order by j.document_id limit $6"

#define CONTENT                                                                \
	", s.name, d.title, d.content, d.content_type, d.content_hash,"        \
	" d.metadata::text"

int
job_documents(struct db *d, const uint8_t *id, const struct job_choice *choice,
    int with_content, int (*row)(void *argument, const struct db_result *r),
    void *argument)
{
	struct db_args a = {0};
	int status;

	db_arg_uuid(&a, id);
	job_choice_args(&a, choice);
	if (id == NULL)
		status = db_stream(d,
		    with_content ? LEDGER CONTENT OF_ALL : LEDGER OF_ALL, &a,
		    row, argument);
	else
		status = db_stream(d,
		    with_content ? LEDGER CONTENT OF_JOB : LEDGER OF_JOB, &a,
		    row, argument);
	db_args_free(&a);
	return status;
}

int64_t
job_drop_documents(struct db *d, const uint8_t *ids, size_t n)
{
	struct db_args a = {0};
	int64_t dropped;

	db_arg_uuids(&a, ids, n);
	dropped = db_do(d,
	    "update pl.documents set status = 'deleted'"
	    " where id = any($1) and status = 'failed'",
	    &a);
	db_args_free(&a);
	return dropped;
}
