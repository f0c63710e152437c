-- job_retry - process documents of a job again

-- name: lock_chosen
-- $1 job; $2 statuses, $3 document, $4 url, $5 class and $6 limit choose
-- (job_choice.h). A page that failed before it had a task has no content from
-- this job; content that an earlier job saved does not count.
select j.document_id, d.content is not null and (j.status <> 'failed'
  or j.task_id is not null or j.attempts > 0)
 from pl.job_documents j join pl.documents d
 on d.id = j.document_id
 where j.job_id = $1 and (cardinality($2) = 0 or j.status = any($2)
  or 'incomplete' = any($2) and j.status = 'stored' and j.failed_chunks > 0)
 and ($3::uuid is null or j.document_id = $3)
 and ($4::text is null or d.url = $4)
 and ($5::text is null or j.error->>'class' = $5)
 and j.status not in ('pending', 'processing')
 order by j.document_id limit $6 for update of j;

-- name: insert_tasks
insert into pl.tasks (id, job_id, queue) select t.id, $1,
 pl.queue_of(coalesce((select pl.base_queue(queue) from pl.tasks
  where job_id = $1 and ingest is null order by created_at limit 1),
  j.details->>'queue', 'processing'), j.collection)
 from pl.jobs j, unnest($2::uuid[]) as t(id) where j.id = $1;

-- name: give_to_tasks
update pl.job_documents j set task_id = w.task_id,
 status = 'pending', attempts = 0, kills = 0, stage = null,
 error = null, failed_chunks = 0, first_error = null, parked_at = null,
 chunks = null, milliseconds = null,
 started_at = null, finished_at = null
 from unnest($2::uuid[], $3::uuid[])
  as w(document_id, task_id)
 where j.job_id = $1 and j.document_id = w.document_id;

-- name: reset_documents
update pl.documents set status = 'pending', error = null
 where id = any($1) and pl.legal_move('document', status,
 'pending');

-- name: ingest_again
-- If the last ingest task of the job failed, there is another one like it.
with n as (insert into pl.tasks (id, job_id, queue, ingest)
  select gen_random_uuid(), job_id, queue, ingest
  from (select * from pl.tasks where job_id = $1 and ingest is not null
   order by created_at desc limit 1) as t where status = 'failed'
  returning job_id)
 update pl.jobs j set sealed = false, error = null from n
 where j.id = n.job_id;

-- name: queue_again
-- An ingest task seals the job at its end.
update pl.jobs set status = 'queued', sealed = not pl.is_ingesting(id),
 error = null, queued_at = now(), started_at = null,
 finished_at = null where id = $1
 and status not in ('pending', 'queued', 'in_progress');
