-- job - moves of a job

-- name: lock_tasks
select id from pl.tasks where job_id = $1
 and status in ('pending', 'queued', 'in_progress')
 order by id for update;

-- name: lock_documents
select document_id from pl.job_documents
 where job_id = $1 and status in ('pending', 'processing')
 order by document_id for update;

-- name: save_source
insert into pl.sources (id, name) values ($1, $2)
 on conflict do nothing;

-- name: insert_job
insert into pl.jobs (id, type, source_id, details, unique_key,
 timeout_seconds, max_attempts)
 values ($1, coalesce($2, 'process_documents'), $3,
 coalesce($4, '{}')::jsonb, $5, $6, $7)
 on conflict (unique_key) where status in ('pending', 'queued', 'in_progress')
 do nothing;

-- name: start
update pl.jobs set status = 'in_progress',
 queued_at = coalesce(queued_at, now()),
 started_at = coalesce(started_at, now()) where id = $1;

-- name: complete
update pl.jobs set sealed = true,
 started_at = coalesce(started_at, now())
 where id = $1;

-- name: cancel_tasks
update pl.tasks set status = 'canceled',
 lease_expires_at = null, finished_at = now()
 where job_id = $1 and status in ('pending', 'queued', 'in_progress');

-- name: fail
update pl.jobs set status = 'failed', sealed = true,
 error = $2::jsonb, finished_at = now() where id = $1;

-- name: fail_documents
with left_over as (update pl.job_documents
 set status = 'failed', stage = 'jobctl', error = $2::jsonb,
 finished_at = now() where job_id = $1
 and status in ('pending', 'processing')
 returning document_id)
 update pl.documents d set status = 'failed',
 error = $2::jsonb from left_over l
 where d.id = l.document_id and d.status in ('pending', 'processing');

-- name: cancel_documents
with left_over as (update pl.job_documents
 set status = 'canceled', finished_at = now()
 where job_id = $1 and status in ('pending', 'processing')
 returning document_id)
 update pl.documents d set status = 'pending'
 from left_over l where d.id = l.document_id
 and d.status = 'processing';

-- name: cancel
update pl.jobs set sealed = true,
 status = case when canceled = 0 then 'canceled'
  else status end,
 finished_at = now() where id = $1
 and status in ('pending', 'queued', 'in_progress');
