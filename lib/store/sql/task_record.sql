-- task_record - outcomes of documents

-- name: add_retries
-- A retry is due at the job's timeout at the latest: nobody wants it later.
insert into pl.tasks (id, job_id, queue, run_at)
 select r.id, t.job_id, t.queue, least(now() + r.delay * interval '1 second',
  greatest(now(), j.started_at + j.timeout_seconds * interval '1 second'))
 from unnest($1::uuid[], $2::uuid[], $3::int[])
  as r(id, from_task, delay) join pl.tasks t on t.id = r.from_task
 join pl.jobs j on j.id = t.job_id;

-- name: record
-- The share lock makes a claim that comes meanwhile wait for our commit. The
-- outcome of a document that was deleted meanwhile is canceled.
with fence as (select id, attempt from pl.tasks where id = any($1)
  and status = 'in_progress' for share),
 r as (select r.*, case when d.status = 'deleted' and r.status <> 'pending'
   then 'canceled' else r.status end as outcome
  from unnest($1::uuid[], $2::int[], $3::uuid[],
  $4::text[], $5::uuid[], $6::int[], $7::int[], $8::int[], $9::text[],
  $10::text[], $11::int[], $12::text[], $13::int[]) as r(task_id, attempt,
  document_id, status, new_task_id, burn, chunks, milliseconds, stage, error,
  failed_chunks, first_error, parked)
  join fence f on f.id = r.task_id and f.attempt = r.attempt
  join pl.documents d on d.id = r.document_id),
 j as (update pl.job_documents j set status = r.outcome,
  task_id = coalesce(nullif(r.new_task_id, uuid(lpad('', 32, '0'))),
   j.task_id),
  attempts = j.attempts + r.burn, stage = r.stage,
  error = r.error::jsonb, chunks = nullif(r.chunks, -1),
  failed_chunks = r.failed_chunks, first_error = r.first_error::jsonb,
  parked_at = case when r.parked = 1 then now() else j.parked_at end,
  milliseconds = nullif(r.milliseconds, -1),
  finished_at = case when r.outcome <> 'pending' then now() end
  from r where j.task_id = r.task_id and j.document_id = r.document_id
  and j.status = 'processing'
  returning j.document_id, j.status, j.error),
 a as (update pl.tasks t set alone = null from r
  where t.id = r.task_id and t.alone = r.document_id),
 d as (update pl.documents d set status = j.status, error = j.error,
  processed_at = case when j.status = 'stored' then now()
   else d.processed_at end
  from j where d.id = j.document_id and d.status = 'processing')
 select count(*) from j;

-- name: add_collections
-- $1 tasks.
insert into pl.collections (name, table_name)
 select distinct j.collection, 'chunks_' || j.collection
 from pl.tasks t join pl.jobs j on j.id = t.job_id
 where t.id = any($1) and j.collection is not null
 on conflict do nothing;

-- name: note_stored
-- $1 tasks, $2 their documents. The recipe is not known; the text is not known
-- either if the document changed since the worker read it.
insert into pl.collection_documents as l (collection_id, document_id,
 content_hash)
 select c.id, d.id, case when d.changed_at <= w.started_at
  then d.content_hash end
 from unnest($1::uuid[], $2::uuid[]) as v(task_id, document_id)
 join pl.tasks t on t.id = v.task_id join pl.jobs j on j.id = t.job_id
 join pl.collections c on c.name = j.collection
 join pl.job_documents w on w.job_id = j.id
  and w.document_id = v.document_id and w.status = 'stored'
 join pl.documents d on d.id = v.document_id
 on conflict (collection_id, document_id) do update set
 content_hash = excluded.content_hash, recipe = null, chunks = null, failed_chunks = 0, first_error = null, tries = 0,
 stored_at = now();

-- name: drop_empty
delete from pl.tasks t where id = any($1) and not exists
 (select from pl.job_documents j where j.task_id = t.id);

-- name: finish
-- A task that has an error lacked some of its documents (refuse_unknown): it
-- fails.
update pl.tasks t set status = case when t.error is null then 'completed'
  else 'failed' end, finished_at = now(), lease_expires_at = null
 from unnest($1::uuid[], $2::int[]) as c(id, attempt)
 where t.id = c.id and t.attempt = c.attempt and t.status = 'in_progress'
 and not exists (select from pl.job_documents j where j.task_id = t.id
  and j.status in ('pending', 'processing'));
