-- task_adopt - tasks of other programs

-- name: adopt_task
-- $1 task, $2 job, $3 queue.
insert into pl.tasks (id, job_id, queue, status)
 select $1, id, pl.queue_of(pl.base_queue($3), collection), 'queued'
 from pl.jobs where id = $2
 on conflict (id) do nothing;

-- name: adopt_documents
-- $1 task, $2 job, $3 documents.
insert into pl.job_documents (job_id, document_id, task_id)
 select $2, d.id, $1 from pl.documents d where d.id = any($3)
 on conflict (job_id, document_id) do update set
 task_id = excluded.task_id, status = 'pending', attempts = 0,
 stage = null, error = null, failed_chunks = 0, first_error = null,
 parked_at = null, finished_at = null
 where job_documents.status not in ('pending', 'processing');

-- name: refuse_unknown
-- $1 task, $2 job, $3 documents. If no document has one of the ids, the task
-- fails when its other documents are done. The job's error names the ids.
with u as (select id, row_number() over (order by min(n)) as n
  from unnest($3::uuid[]) with ordinality as a(id, n)
  where not exists (select from pl.documents d where d.id = a.id)
  group by id),
 m as (select count(*) || ' of the task''s documents are not in the database: '
   || string_agg(id::text, ', ' order by n) filter (where n <= 10)
   || case when count(*) > 10 then ' and ' || count(*) - 10 || ' more'
   else '' end || ': save them with pl-enqueue, then queue a new task'
   as text from u having count(*) > 0),
 t as (update pl.tasks set error = jsonb_build_object('stage', 'worker',
  'class', 'input', 'code', 'unknown_documents', 'message', text)
  from m where id = $1 returning id, error)
 update pl.jobs j set error = jsonb_set(t.error, '{message}',
  to_jsonb('task ' || t.id || ': ' || (t.error->>'message')))
 from t where j.id = $2;

-- name: adopt_job
update pl.jobs set status = 'queued', finished_at = null where id = $1
 and status in ('completed', 'partial', 'failed', 'canceled')
 and documents > stored + unchanged + failed + canceled;
