-- task_adopt - tasks of other programs

-- name: adopt_task
-- $1 task, $2 job, $3 queue.
insert into pl.tasks (id, job_id, queue, status)
 select $1, id, $3, 'queued' from pl.jobs where id = $2
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

-- name: adopt_job
update pl.jobs set status = 'queued', finished_at = null where id = $1
 and status in ('completed', 'partial', 'failed', 'canceled')
 and documents > stored + unchanged + failed + canceled;
