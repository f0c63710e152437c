-- task - read tasks

-- name: fates
-- $2 a collection; null: whatever the collection of a task's job is.
select n::int, case t.status when 'completed' then 1
  when 'failed' then 4 when 'canceled' then 5 else case
 when t.status = 'in_progress' and t.lease_expires_at >= now() then 2
 when j.collection <> $2 then 6
 else 3 end end from unnest($1::uuid[]) with ordinality as a(id, n)
 join pl.tasks t using (id) join pl.jobs j on j.id = t.job_id;

-- name: move
-- Move waiting tasks to the queue of their job's collection.
update pl.tasks t set queue = pl.queue_of(pl.base_queue(t.queue), j.collection)
 from pl.jobs j where t.id = any($1) and j.id = t.job_id
 and t.status in ('pending', 'queued');

-- name: is_due
select exists (select from pl.tasks t where finished_at is null
 and queue = any($1) and status in ('pending', 'queued') and run_at <= now()
 and not exists (select from pl.queues q where q.paused_at is not null
  and (q.name = t.queue or q.name = pl.base_queue(t.queue)
   and q.probe_at is null)))::int;

-- name: open
-- Tasks due within a minute: those in open queues, those in paused queues. $3
-- queues of which only tasks count whose job no collection has taken.
select count(*) filter (where not held),
 count(*) filter (where held) from pl.tasks t
 cross join lateral (select t.status <> 'in_progress' and exists
  (select from pl.queues q where q.paused_at is not null
   and (q.name = t.queue and (q.probe_at is null or q.probe_at > now())
    or q.name = pl.base_queue(t.queue) and q.probe_at is null))) as h(held)
 where (queue = any($1) or queue = any($3) and exists (select from pl.jobs j
  where j.id = t.job_id and j.collection is null))
 and id <> all($2) and finished_at is null
 and run_at <= now() + interval '1 minute';

-- name: elsewhere
-- Tasks that are due in the queues $1 (without collections) but that a worker of
-- the collection $2 does not take; $3 whether it takes those of jobs that no
-- collection has taken.
select coalesce(j.collection, ''), count(*) from pl.tasks t
 join pl.jobs j on j.id = t.job_id
 where t.finished_at is null and t.ingest is null
 and t.status in ('pending', 'queued') and t.run_at <= now()
 and pl.base_queue(t.queue) = any($1)
 and case when j.collection is null then not $3
  else j.collection <> $2 end
 group by 1 order by 1;

-- name: later
select count(*), to_char(min(run_at) at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS"Z"')
 from pl.tasks where queue = any($1) and id <> all($2)
 and finished_at is null and run_at > now() + interval '1 minute';
