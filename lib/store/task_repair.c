#include "store/task_repair.h"

#include "net/db.h"
#include "net/db_values.h"
#include "store/heartbeat.h"

/* What was begun waits again; for a task given up, it failed. */
#define GIVE_BACK                                                              \
	" j as (update pl.job_documents j set status = case"                   \
	"  when t.status = 'failed' then 'failed' else 'pending' end,"         \
	"  error = t.error, stage = case when t.status = 'failed'"             \
	"   then 'worker' end, finished_at = case when t.status = 'failed'"    \
	"   then now() end from t"                                             \
	"  where j.task_id = t.id and j.status in ('pending', 'processing')"   \
	"  returning j.document_id, j.status, j.error),"                       \
	" d as (update pl.documents d set status = j.status, error = j.error"  \
	"  from j where d.id = j.document_id"                                  \
	"  and (d.status = 'processing' or d.status <> j.status"               \
	"   and d.status = 'pending'))"                                        \
	" select count(*) from t"

static const char reap[] =
    "with l as (select id from pl.tasks where finished_at is null"
    "  and status = 'in_progress' and lease_expires_at < now() for update skip "
    "locked),"
    " t as (update pl.tasks t set crashes = t.crashes + 1,"
    "  worker = null, lease_expires_at = null,"
    "  status = case when t.crashes + 1 >= $1 then 'failed'"
    "   else 'pending' end,"
    "  finished_at = case when t.crashes + 1 >= $1 then now() end,"
    "  error = case when t.crashes + 1 >= $1 then jsonb_build_object("
    "   'stage', 'worker', 'class', 'internal', 'code', 'worker_lost',"
    "   'message', 'lost with its worker ' || t.crashes + 1 || ' times') end"
    "  from l where t.id = l.id returning t.id, t.status, t.error)," GIVE_BACK;

static const char time_out[] =
    "with late as (select id, jsonb_build_object('stage', 'worker',"
    "  'class', 'internal', 'code', 'job_timeout', 'message',"
    "  'the job ran longer than its ' || timeout_seconds || ' s:"
    " raise --timeout, then pl-jobctl retry') as error from pl.jobs"
    "  where status = 'in_progress'"
    "  and started_at + timeout_seconds * interval '1 second' < now()"
    "  for update skip locked),"
    " t as (update pl.tasks t set status = 'failed', finished_at = now(),"
    "  lease_expires_at = null, error = late.error from late"
    "  where t.job_id = late.id"
    "  and t.status in ('pending', 'queued', 'in_progress')),"
    " j as (update pl.job_documents j set status = 'failed', stage = 'worker',"
    "  error = late.error, finished_at = now() from late"
    "  where j.job_id = late.id and j.status in ('pending', 'processing')"
    "  returning j.document_id, j.error),"
    " d as (update pl.documents d set status = 'failed', error = j.error"
    "  from j where d.id = j.document_id"
    "  and d.status in ('pending', 'processing'))"
    " select count(*) from late";

/*
 * Work whose task ended, or is gone, in a job that is open: a new task. What
 * has none yet is its feeder's while that lives. details may be anybody's, so
 * nothing in it may end the statement.
 */
static const char rescue[] =
    "with o as (select j.job_id, j.document_id,"
    "   coalesce(t.queue, b.details->>'queue', 'processing') as queue,"
    "   case when t.id is null"
    "     and jsonb_typeof(b.details->'run_at') = 'number'"
    "    then to_timestamp(greatest(0, least((b.details->>'run_at')::numeric,"
    "     10000000000))::float8) else now() end as run_at"
    "   from pl.job_documents j"
    "   join pl.jobs b on b.id = j.job_id"
    "   left join pl.tasks t on t.id = j.task_id"
    "   where j.status in ('pending', 'processing')"
    "   and b.status in ('pending', 'queued', 'in_progress')"
    "   and (t.id is null and (j.task_id is not null or b.sealed"
    "     or b.fed_at < now() - interval '90 seconds')"
    "    or t.status in ('completed', 'failed', 'canceled'))"
    "   for update of j skip locked),"
    " n as (insert into pl.tasks (id, job_id, queue, run_at)"
    "  select gen_random_uuid(), job_id, queue, max(run_at)"
    "  from o group by job_id, queue"
    "  returning id, job_id, queue),"
    " j as (update pl.job_documents j set task_id = n.id, status = 'pending'"
    "  from o join n on n.job_id = o.job_id and n.queue = o.queue"
    "  where j.job_id = o.job_id and j.document_id = o.document_id"
    "  returning j.document_id)"
    " select count(*) from j";

/* A job that ended although something of it is left to do. */
static const char reopen[] =
    "with b as (update pl.jobs b set status = 'queued', finished_at = null"
    "  where b.status in ('completed', 'partial', 'failed')"
    "  and exists (select from pl.job_documents j where j.job_id = b.id"
    "   and j.status in ('pending', 'processing')) returning id)"
    " select count(*) from b";

/* $1 task, $2 job, $3 queue, $4 documents. */
static const char adopt_task[] =
    "insert into pl.tasks (id, job_id, queue, status)"
    " select $1, id, $3, 'queued' from pl.jobs where id = $2"
    " on conflict (id) do nothing";
static const char adopt_documents[] =
    "insert into pl.job_documents (job_id, document_id, task_id)"
    " select $2, d.id, $1 from pl.documents d where d.id = any($3)"
    " on conflict (job_id, document_id) do update set"
    " task_id = excluded.task_id, status = 'pending', attempts = 0,"
    " stage = null, error = null, finished_at = null"
    " where job_documents.status not in ('pending', 'processing')";
static const char adopt_job[] =
    "update pl.jobs set status = 'queued', finished_at = null where id = $1"
    " and status in ('completed', 'partial', 'failed', 'canceled')"
    " and documents > stored + unchanged + failed + canceled";

int
task_reap(struct db *db)
{
	struct db_args a = {0};
	int n;

	db_arg_int(&a, TASK_CRASHES_MAX);
	n = db_count(db, reap, &a);
	db_args_free(&a);
	if (n != -1 && heartbeat_forget(db) == -1)
		n = -1;
	return n;
}

int
task_time_out(struct db *db)
{
	return db_count(db, time_out, NULL);
}

int
task_rescue(struct db *db)
{
	int reopened = db_count(db, reopen, NULL);
	int rescued = reopened == -1 ? -1 : db_count(db, rescue, NULL);

	return rescued == -1 ? -1 : reopened + rescued;
}

struct adoption {
	const uint8_t *task, *job, *documents;
	const char *queue;
	size_t n;
};

static int
adopt_work(struct db *db, void *argument)
{
	const struct adoption *o = argument;
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, o->task);
	db_arg_uuid(&a, o->job);
	db_arg_text(&a, o->queue);
	n = db_do(db, adopt_task, &a);
	if (n == 1) {
		db_args_reset(&a);
		db_arg_uuid(&a, o->task);
		db_arg_uuid(&a, o->job);
		db_arg_uuids(&a, o->documents, o->n);
		if (db_do(db, adopt_documents, &a) == -1)
			n = -1;
	}
	if (n == 1) {
		db_args_reset(&a);
		db_arg_uuid(&a, o->job);
		if (db_do(db, adopt_job, &a) == -1)
			n = -1;
	}
	db_args_free(&a);
	return (int)n;
}

int
task_adopt(struct db *db, const uint8_t task[static DIGEST_UUID],
    const uint8_t job[static DIGEST_UUID], const char *queue,
    const uint8_t *documents, size_t n)
{
	struct adoption o = {task, job, documents, queue, n};

	return db_transact(db, DB_KEYED, adopt_work, &o);
}
