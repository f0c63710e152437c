-- job_report - outside programs report on documents

-- name: source
select source_id from pl.jobs where id = $1;

-- name: add_document
insert into pl.documents (id, source_id, url)
 values ($1, $2, $3) on conflict do nothing;

-- name: save_report
insert into pl.job_documents as o (job_id, document_id, status,
 attempts, stage, error, chunks, milliseconds, started_at,
 finished_at)
 select $1, d.id, $3, ($3 <> 'pending')::int, $4, $5::jsonb,
 nullif($6, -1), nullif($7, -1),
 case when $3 <> 'pending' then now() end,
 case when $3 not in ('pending', 'processing')
 then now() end
 from pl.documents d where d.id = $2 and (exists
  (select from pl.jobs j where j.id = $1 and not j.sealed)
  or exists (select from pl.job_documents e
  where e.job_id = $1 and e.document_id = $2))
 on conflict (job_id, document_id) do update
 set status = excluded.status, stage = excluded.stage,
 error = excluded.error,
 attempts = o.attempts + (excluded.status = 'processing'
  or (o.attempts = 0 and excluded.status <> 'pending'))::int,
 chunks = coalesce(excluded.chunks, o.chunks),
 milliseconds = coalesce(excluded.milliseconds, case when
  excluded.finished_at is not null and o.started_at is not null
  then extract(epoch from now() - o.started_at) * 1000 end),
 started_at = case when o.status = 'processing'
  then o.started_at else excluded.started_at end,
 finished_at = excluded.finished_at
 where not exists (select from pl.tasks t
  where t.id = o.task_id and t.status in ('pending', 'queued', 'in_progress'));

-- name: tell_document
update pl.documents set status = $2, error = $3::jsonb,
 processed_at = case when $2 = 'stored' then now()
  else processed_at end
 where id = $1 and status <> 'deleted' and (status = $2
  or pl.legal_move('document', status, $2));

-- name: whereabouts
select exists (select from pl.documents where id = $2),
 exists (select from pl.job_documents where job_id = $1
 and document_id = $2);

-- name: status
select status from pl.jobs where id = $1;

-- name: touch_job
update pl.jobs set fed_at = now(), status = 'in_progress',
 queued_at = coalesce(queued_at, now()),
 started_at = coalesce(started_at, now())
 where id = $1 and status in ('pending', 'queued', 'in_progress');
