-- task_lease - renew and give back leases

-- name: renew
-- $3 seconds of the lease.
with c as (select * from unnest($1::uuid[], $2::int[]) as c(id, attempt)),
 t as (update pl.tasks t
  set lease_expires_at = now() + $3 * interval '1 second' from c
  where t.id = c.id and t.attempt = c.attempt
  and t.status = 'in_progress' returning t.id, t.job_id)
 select t.id, extract(epoch from now() - j.started_at)
  > j.timeout_seconds as late from t join pl.jobs j on j.id = t.job_id;

-- name: canceled
select id from pl.tasks where id = any($1) and status = 'canceled';

-- name: note_alone
-- $3 the document that is the only one in the pipeline.
update pl.tasks set alone = $3 where id = $1 and attempt = $2
 and status = 'in_progress';

-- name: release
-- Documents in progress become pending.
with t as (update pl.tasks t set status = 'pending', worker = null,
  lease_expires_at = null, alone = null
  from unnest($1::uuid[], $2::int[]) as c(id, attempt)
  where t.id = c.id and t.attempt = c.attempt
  and t.status = 'in_progress' returning t.id),
 j as (update pl.job_documents j set status = 'pending',
  error = null, stage = null, finished_at = null from t
  where j.task_id = t.id and j.status in ('pending', 'processing')
  returning j.document_id, j.status, j.error),
 d as (update pl.documents d set status = j.status, error = j.error
  from j where d.id = j.document_id
  and (d.status = 'processing' or d.status <> j.status
   and d.status = 'pending'))
 select count(*) from t;
