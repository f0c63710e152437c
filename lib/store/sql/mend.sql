-- mend - repair what is wrong in Postgres
--
-- Each statement takes the jobs $1 (none: all jobs) and a number $2, which is
-- explained where it is used. look_NAME gives the jobs with faults, and the
-- number of faults in each; NAME repairs them and counts the repairs.

-- name: look_leases
select job_id, count(*) from pl.tasks where finished_at is null
 and (cardinality($1::uuid[]) = 0 or job_id = any($1))
 and status = 'in_progress' and lease_expires_at < now()
 group by job_id;

-- name: leases
-- $2 crashes after which a task fails. Documents in progress become pending, or
-- failed if the task failed.
with l as (select id from pl.tasks where finished_at is null
  and (cardinality($1::uuid[]) = 0 or job_id = any($1))
  and status = 'in_progress' and lease_expires_at < now()
  for update skip locked),
 t as (update pl.tasks t set crashes = t.crashes + 1,
  worker = null, lease_expires_at = null,
  status = case when t.crashes + 1 >= $2 then 'failed'
   else 'pending' end,
  finished_at = case when t.crashes + 1 >= $2 then now() end,
  error = case when t.crashes + 1 >= $2 then jsonb_build_object(
   'stage', 'worker', 'class', 'internal', 'code', 'worker_lost',
   'message', 'lost with its worker ' || t.crashes + 1 || ' times')
   else t.error end
  from l where t.id = l.id returning t.id, t.status, t.error),
 j as (update pl.job_documents j set status = case
  when t.status = 'failed' then 'failed' else 'pending' end,
  error = case when t.status = 'failed' then t.error end,
  stage = case when t.status = 'failed'
   then 'worker' end, finished_at = case when t.status = 'failed'
   then now() end from t
  where j.task_id = t.id and j.status in ('pending', 'processing')
  returning j.document_id, j.status, j.error),
 d as (update pl.documents d set status = j.status, error = j.error
  from j where d.id = j.document_id
  and (d.status = 'processing' or d.status <> j.status
   and d.status = 'pending'))
 select count(*) from t;

-- name: look_late
select id, 1::bigint from pl.jobs where status = 'in_progress'
 and (cardinality($1::uuid[]) = 0 or id = any($1))
 and started_at + timeout_seconds * interval '1 second' < now();

-- name: late
with late as (select id, jsonb_build_object('stage', 'worker',
  'class', 'internal', 'code', 'job_timeout', 'message',
  'the job ran longer than its ' || timeout_seconds ||
  ' s: raise --timeout, then pl-jobctl retry') as error from pl.jobs
  where status = 'in_progress'
  and (cardinality($1::uuid[]) = 0 or id = any($1))
  and started_at + timeout_seconds * interval '1 second' < now()
  for update skip locked),
 t as (update pl.tasks t set status = 'failed', finished_at = now(),
  lease_expires_at = null, error = late.error from late
  where t.job_id = late.id
  and t.status in ('pending', 'queued', 'in_progress')),
 j as (update pl.job_documents j set status = 'failed', stage = 'worker',
  error = late.error, finished_at = now() from late
  where j.job_id = late.id and j.status in ('pending', 'processing')
  returning j.document_id, j.error),
 d as (update pl.documents d set status = 'failed', error = j.error
  from j where d.id = j.document_id
  and d.status in ('pending', 'processing'))
 select count(*) from late;

-- name: look_unsealed
-- $2 seconds after which a feeder is dead. An ingest task seals its job itself.
select id, 1::bigint from pl.jobs where not sealed
 and (cardinality($1::uuid[]) = 0 or id = any($1))
 and status in ('pending', 'queued', 'in_progress')
 and fed_at < now() - $2 * interval '1 second'
 and not pl.is_ingesting(id);

-- name: unsealed
-- $2 seconds after which a feeder is dead.
with b as (update pl.jobs set sealed = true where not sealed
  and (cardinality($1::uuid[]) = 0 or id = any($1))
  and status in ('pending', 'queued', 'in_progress')
  and fed_at < now() - $2 * interval '1 second'
  and not pl.is_ingesting(id) returning id)
 select count(*) from b;

-- name: look_unclosed
select id, 1::bigint from pl.jobs where sealed
 and (cardinality($1::uuid[]) = 0 or id = any($1))
 and status in ('pending', 'queued', 'in_progress')
 and documents = stored + unchanged + failed + canceled;

-- name: unclosed
-- The update makes the trigger close the job.
with b as (update pl.jobs set sealed = true where sealed
  and (cardinality($1::uuid[]) = 0 or id = any($1))
  and status in ('pending', 'queued', 'in_progress')
  and documents = stored + unchanged + failed + canceled returning id)
 select count(*) from b;

-- name: look_ended_early
select b.id, 1::bigint from pl.jobs b
 where b.status in ('completed', 'partial', 'failed')
 and (cardinality($1::uuid[]) = 0 or b.id = any($1))
 and exists (select from pl.job_documents j where j.job_id = b.id
  and j.status in ('pending', 'processing'));

-- name: ended_early
with b as (update pl.jobs b set status = 'queued', finished_at = null
  where b.status in ('completed', 'partial', 'failed')
  and (cardinality($1::uuid[]) = 0 or b.id = any($1))
  and exists (select from pl.job_documents j where j.job_id = b.id
   and j.status in ('pending', 'processing')) returning id)
 select count(*) from b;

-- name: look_lost
-- $2 seconds after which a feeder is dead.
select j.job_id, count(*) from pl.job_documents j
 join pl.jobs b on b.id = j.job_id
 left join pl.tasks t on t.id = j.task_id
 where j.status in ('pending', 'processing')
 and (cardinality($1::uuid[]) = 0 or j.job_id = any($1))
 and b.status in ('pending', 'queued', 'in_progress')
 and (t.id is null and (j.task_id is not null or b.sealed
   or b.fed_at < now() - $2 * interval '1 second')
  or t.status in ('completed', 'failed', 'canceled'))
 group by j.job_id;

-- name: lost
-- Documents of an open job whose task ended, or is gone, get a new task. A
-- document that never had a task is left to its feeder, unless the feeder was
-- not heard from for $2 seconds. Any program may have written details, so no
-- value in it may make the statement fail.
with o as (select j.job_id, j.document_id,
   pl.queue_of(pl.base_queue(coalesce(t.queue, b.details->>'queue',
    'processing')), b.collection) as queue,
   case when t.id is null
     and jsonb_typeof(b.details->'run_at') = 'number'
    then to_timestamp(greatest(0, least((b.details->>'run_at')::numeric,
     10000000000))::float8) else now() end as run_at
   from pl.job_documents j
   join pl.jobs b on b.id = j.job_id
   left join pl.tasks t on t.id = j.task_id
   where j.status in ('pending', 'processing')
   and (cardinality($1::uuid[]) = 0 or j.job_id = any($1))
   and b.status in ('pending', 'queued', 'in_progress')
   and (t.id is null and (j.task_id is not null or b.sealed
     or b.fed_at < now() - $2 * interval '1 second')
    or t.status in ('completed', 'failed', 'canceled'))
   for update of j skip locked),
 n as (insert into pl.tasks (id, job_id, queue, run_at)
  select gen_random_uuid(), job_id, queue, max(run_at)
  from o group by job_id, queue
  returning id, job_id, queue),
 j as (update pl.job_documents j set task_id = n.id, status = 'pending'
  from o join n on n.job_id = o.job_id and n.queue = o.queue
  where j.job_id = o.job_id and j.document_id = o.document_id
  returning j.document_id)
 select count(*) from j;

-- name: look_misplaced
select t.job_id, count(*) from pl.tasks t join pl.jobs j on j.id = t.job_id
 where t.finished_at is null and t.ingest is null
 and (cardinality($1::uuid[]) = 0 or t.job_id = any($1))
 and $2::bigint = 0 and t.status in ('pending', 'queued')
 and t.queue <> pl.queue_of(pl.base_queue(t.queue), j.collection)
 and j.collection is not null group by t.job_id;

-- name: misplaced
-- A job may be bound while somebody adds a task to it, or holds one.
with o as (select t.id, pl.queue_of(pl.base_queue(t.queue), j.collection)
   as queue from pl.tasks t join pl.jobs j on j.id = t.job_id
   where t.finished_at is null and t.ingest is null
   and (cardinality($1::uuid[]) = 0 or t.job_id = any($1))
   and $2::bigint = 0 and t.status in ('pending', 'queued')
   and t.queue <> pl.queue_of(pl.base_queue(t.queue), j.collection)
   and j.collection is not null for update of t skip locked),
 t as (update pl.tasks t set queue = o.queue from o where t.id = o.id
  returning t.id)
 select count(*) from t;
