-- task - read tasks

-- name: fates
select n::int, case status when 'completed' then 1
  when 'failed' then 4 when 'canceled' then 5 else case
 when status = 'in_progress' and lease_expires_at >= now() then 2
 else 3 end end from unnest($1::uuid[]) with ordinality as a(id, n)
 join pl.tasks using (id);

-- name: is_due
select exists (select from pl.tasks t where finished_at is null
 and queue = any($1) and status in ('pending', 'queued') and run_at <= now()
 and not exists (select from pl.queues q where q.name = t.queue
  and q.paused_at is not null))::int;

-- name: open
-- Tasks due within a minute: those in open queues, those in paused queues.
select count(*) filter (where not held),
 count(*) filter (where held) from pl.tasks t
 cross join lateral (select t.status <> 'in_progress' and exists
  (select from pl.queues q where q.name = t.queue
   and q.paused_at is not null
   and (q.probe_at is null or q.probe_at > now()))) as h(held)
 where queue = any($1) and id <> all($2) and finished_at is null
 and run_at <= now() + interval '1 minute';

-- name: later
select count(*), to_char(min(run_at) at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS"Z"')
 from pl.tasks where queue = any($1) and id <> all($2)
 and finished_at is null and run_at > now() + interval '1 minute';
