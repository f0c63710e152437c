-- metrics - numbers about the whole system

-- name: totals
select coalesce(sum(stored), 0), coalesce(sum(unchanged), 0),
 coalesce(sum(failed), 0), coalesce(sum(canceled), 0),
 coalesce(sum(documents - stored - unchanged - failed
  - canceled), 0) from pl.jobs;

-- name: in_flight
select count(*) from pl.job_documents d join pl.jobs j
 on j.id = d.job_id where d.status = 'processing' and
 j.status in ('pending', 'queued', 'in_progress');

-- name: jobs
select status, count(*) from pl.jobs group by status;

-- name: stuck
-- Jobs that a sync would end. $1 seconds after which a feeder is dead.
select count(*) from pl.jobs where status in
 ('pending', 'queued', 'in_progress') and case when sealed
  then documents = stored + unchanged + failed + canceled
  else fed_at < now() - $1 * interval '1 second'
   and not pl.is_ingesting(id) end;

-- name: workers
-- $1 seconds after which a worker is lost, $2 after which it is forgotten.
select count(*) filter (where heard and status = 'busy'),
 count(*) filter (where heard and status not in ('busy',
  'stopped')),
 count(*) filter (where not heard and status <> 'stopped')
 from (select status, heartbeat_at >
  now() - $1 * interval '1 second' as heard from pl.workers
  where heartbeat_at > now() - $2 * interval '1 second') as w;

-- name: queues
with open as (select queue,
  count(*) filter (where status = 'pending') as pending,
  count(*) filter (where status = 'queued') as queued,
  count(*) filter (where status = 'in_progress') as in_progress,
  extract(epoch from now() - min(greatest(run_at, created_at))
   filter (where status <> 'in_progress' and run_at <= now()))
   as oldest
  from pl.tasks where finished_at is null group by queue),
 waits as (select t.queue, count(*) as documents
  from pl.tasks t join pl.job_documents d on d.task_id = t.id
  where t.finished_at is null and d.status = 'pending'
  group by t.queue)
 select coalesce(o.queue, q.name), coalesce(o.pending, 0),
 coalesce(o.queued, 0), coalesce(o.in_progress, 0),
 coalesce(o.oldest, 0)::float8, coalesce(w.documents, 0),
 q.paused_at is not null or b.name is not null, coalesce(q.reason, b.reason)
 from open o full join pl.queues q on q.name = o.queue
 left join pl.queues b on b.name = pl.base_queue(coalesce(o.queue, q.name))
  and b.name <> coalesce(o.queue, q.name) and b.paused_at is not null
  and b.probe_at is null
 left join waits w on w.queue = o.queue order by 1;

-- name: count_rows
-- %s: the table, its name quoted by the server.
select count(*) from %s;

-- name: collections
-- Above 100000 rows counting is slow, and the planner's estimate is good
-- enough.
select c.name, coalesce(c.model, 'unknown'), coalesce(c.dimensions, 0),
 t.oid::regclass, t.reltuples::bigint, t.reltuples > 100000,
 coalesce(l.stored, 0), coalesce(l.stale, 0), coalesce(l.older, 0),
 coalesce(l.incomplete, 0)
 from pl.collections c left join pg_class t on t.oid = coalesce(
  to_regclass('pl.' || quote_ident(c.table_name)),
  to_regclass(c.table_name))
 left join (select collection, count(*) as stored,
  count(*) filter (where stale) as stale,
  count(*) filter (where older) as older,
  count(*) filter (where failed_chunks > 0) as incomplete
  from pl.stored_documents group by 1) as l on l.collection = c.name
 order by 1;

-- name: unserved
-- Queues with due tasks that no worker serves; $1 seconds after which a worker is
-- lost.
select t.queue, pl.base_queue(t.queue), count(*) from pl.tasks t
 where t.finished_at is null and t.ingest is null
 and t.status in ('pending', 'queued') and t.run_at <= now()
 and not exists (select from pl.workers w where w.status <> 'stopped'
  and w.heartbeat_at > now() - $1 * interval '1 second'
  and t.queue = any(w.queues))
 group by t.queue order by t.queue;

-- name: round_trip
select 1;
