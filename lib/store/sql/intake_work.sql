-- intake_work - documents that need a task, and tasks for them

-- name: find_work
-- Documents that need a task. A document that is pending in this job may have
-- one already: it came twice, or this is the second try of a commit that did
-- succeed.
select i.id from pg_temp.pl_incoming i join pl.documents d on d.id = i.id
 where i.kind in ('d', 's') and d.content is not null
   and not exists (select from pl.job_documents j where j.job_id = $1
    and j.document_id = i.id and j.status = 'pending'
    and j.task_id is not null)
 order by i.ctid;

-- name: find_open
-- Documents that are still open: another process gives them tasks if it takes
-- the feeder for dead.
select j.document_id from unnest($2::uuid[]) with ordinality as o(id, n)
 join pl.job_documents j on j.job_id = $1 and j.document_id = o.id
 where j.status = 'pending' and j.task_id is null
 order by o.n for update of j;

-- name: add_tasks
insert into pl.tasks (id, job_id, queue, run_at)
 select id, $1, $2, greatest(to_timestamp($5),
  now() + $3 * interval '1 second')
 from unnest($4::uuid[]) as t(id);

-- name: add_work
-- A task id of zeros means no task.
insert into pl.job_documents (job_id, document_id, task_id)
 select $1, document_id,
 nullif(task_id, '00000000-0000-0000-0000-000000000000')
 from unnest($2::uuid[], $3::uuid[]) as w(document_id, task_id)
 on conflict (job_id, document_id) do update set
 task_id = excluded.task_id, status = 'pending', attempts = 0,
 stage = null, error = null, failed_chunks = 0, first_error = null,
 parked_at = null, chunks = null, milliseconds = null,
 started_at = null, finished_at = null;
