-- task_order - what Redis must know about tasks

-- name: unclaimed
select id from pl.tasks where finished_at is null
 and status in ('pending', 'queued') and id > $1 and ingest is null
 order by id limit $2;

-- name: orders
select t.id, t.job_id, t.queue, j.timeout_seconds,
 case when t.run_at <= now() then 0
  else ceil(extract(epoch from t.run_at))::bigint end,
 (select string_agg(uuid_send(d.document_id), ''::bytea
   order by d.document_id) from pl.job_documents d
   where d.task_id = t.id and d.status in ('pending', 'processing')),
 j.details->>'function'
 from pl.tasks t join pl.jobs j on j.id = t.job_id
 where t.id = any($1) and t.status in ('pending', 'queued')
 order by t.run_at, t.id;

-- name: count_queued
select count(*) from pl.tasks where id = any($1) and status = 'queued';

-- name: set_queued
with t as (update pl.tasks set status = 'queued'
  where id = any($1) and status = 'pending' returning job_id)
 update pl.jobs set status = 'queued', queued_at = now()
 where id in (select job_id from t) and status = 'pending';
