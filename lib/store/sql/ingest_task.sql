-- ingest_task - tasks that read documents for a job

-- name: claim
-- $1 worker, $2 seconds of the lease, $3 seconds that a task must be due.
update pl.tasks t set attempt = t.attempt + 1, status = 'in_progress',
 worker = $1, crashes = t.crashes + (t.status = 'in_progress')::int,
 lease_expires_at = now() + $2 * interval '1 second', started_at = now()
 from pl.jobs j left join pl.sources s on s.id = j.source_id,
 (select id, ingest from pl.tasks
  where ingest is not null and finished_at is null
  and run_at <= now() - $3 * interval '1 second'
  and (status in ('pending', 'queued')
   or status = 'in_progress' and lease_expires_at < now())
  and not exists (select from pl.queues q where q.name = 'ingest'
   and q.paused_at is not null)
  order by run_at, id limit 1 for update skip locked) c
 left join pl.webhook_events e on e.id = case
  when c.ingest->>'event' ~ '^[0-9]{1,18}$'
  then (c.ingest->>'event')::bigint end
 where t.id = c.id and j.id = t.job_id
 returning t.id, t.attempt, j.id, coalesce(s.name, 'default'),
 t.ingest->>'crawl', s.map, e.body;

-- name: renew
-- $3 seconds of the lease.
update pl.tasks t set lease_expires_at = now() + $3 * interval '1 second'
 from pl.jobs j where t.id = $1 and t.attempt = $2
 and t.status = 'in_progress' and j.id = t.job_id
 and j.status in ('pending', 'queued', 'in_progress');

-- name: complete
update pl.tasks set status = 'completed', finished_at = now(),
 lease_expires_at = null, error = null
 where id = $1 and attempt = $2 and status = 'in_progress';

-- name: fail
update pl.tasks set status = 'failed', finished_at = now(),
 lease_expires_at = null, error = $3::jsonb
 where id = $1 and attempt = $2 and status = 'in_progress';

-- name: wait
-- $3: the task waits for a crawl; else it is free at once.
update pl.tasks set status = 'pending', worker = null,
 lease_expires_at = null,
 run_at = case when $3 then now() + pl.crawl_pause() else now() end
 where id = $1 and attempt = $2 and status = 'in_progress';

-- name: retry
-- The task failed with error $3 for a reason that may pass: after the job's
-- number of attempts it fails for good. The pause doubles from $4 seconds to $5.
update pl.tasks t set tries = t.tries + 1, error = $3::jsonb, worker = null,
 lease_expires_at = null,
 status = case when t.tries + 1 >= j.max_attempts then 'failed'
  else 'pending' end,
 finished_at = case when t.tries + 1 >= j.max_attempts then now() end,
 run_at = now() + least($4 * 2 ^ t.tries, $5) * interval '1 second'
 from pl.jobs j where t.id = $1 and t.attempt = $2
 and t.status = 'in_progress' and j.id = t.job_id;

-- name: save_source
insert into pl.sources (id, name) values ($1, $2) on conflict do nothing;

-- name: crawl
-- $1 source, $2 id of the crawl, $3 whether it ended.
select pl.note_crawl($1, $2, $3);
