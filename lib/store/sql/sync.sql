-- sync - what is amiss in Postgres, and known in Redis
--
-- look_... count what the repairs will find; see repair_postgres.

-- name: seal
-- $1 seconds after which a feeder is dead.
update pl.jobs set sealed = true where not sealed and status in
 ('pending', 'queued', 'in_progress')
 and fed_at < now() - $1 * interval '1 second';

-- name: close
-- The trigger closes it.
update pl.jobs set sealed = true where sealed and status in
 ('pending', 'queued', 'in_progress')
 and documents = stored + unchanged + failed + canceled;

-- name: look_lease
select count(*) from pl.tasks where finished_at is null
 and status = 'in_progress'
 and lease_expires_at < now();

-- name: look_timeout
select count(*) from pl.jobs where status = 'in_progress'
 and started_at + timeout_seconds * interval '1 second'
  < now();

-- name: look_not_sealed
select count(*) from pl.jobs where not sealed and status in
 ('pending', 'queued', 'in_progress')
 and fed_at < now() - $1 * interval '1 second';

-- name: look_not_closed
select count(*) from pl.jobs where sealed and status in
 ('pending', 'queued', 'in_progress')
 and documents = stored + unchanged + failed + canceled;

-- name: look_task_lost
select (select count(*) from pl.job_documents j
 join pl.jobs b on b.id = j.job_id
 left join pl.tasks t on t.id = j.task_id
 where j.status in ('pending', 'processing')
 and b.status in ('pending', 'queued', 'in_progress')
 and (t.id is null and (j.task_id is not null or b.sealed
   or b.fed_at < now() - $1 * interval '1 second')
  or t.status in ('completed', 'failed', 'canceled')))
 + (select count(*) from pl.jobs b where b.status in
  ('completed', 'partial', 'failed') and exists
  (select from pl.job_documents j where j.job_id = b.id
  and j.status in ('pending', 'processing')));

-- name: has_job
select count(*) from pl.jobs where id = $1;

-- name: known_queues
select name from unnest($1::text[]) as q(name) where exists
 (select from pl.tasks t where t.queue = name) or exists
 (select from pl.workers w where name = any(w.queues));
