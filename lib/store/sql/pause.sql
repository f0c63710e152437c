-- pause - paused queues

-- name: set
insert into pl.queues as q (name, paused_at, reason)
 values ($1, now(), $2) on conflict (name) do update
 set paused_at = coalesce(q.paused_at, now()),
 reason = excluded.reason, probe_at = null;

-- name: names
select name from pl.queues union select unnest(queues) from pl.workers
 union select queue from pl.tasks where finished_at is null order by 1;

-- name: end
-- With Q, the pauses of Q for each collection, Q@C, end too.
update pl.queues set paused_at = null, reason = null,
 probe_at = null where name = $1 or pl.base_queue(name) = $1
 returning name;

-- name: park
insert into pl.queues as q (name, paused_at, reason, probe_at)
 values ($1, now(), $2, now() + $3 * interval '1 second')
 on conflict (name) do update
 set paused_at = coalesce(q.paused_at, now()),
 reason = excluded.reason, probe_at = excluded.probe_at
 where q.paused_at is null or q.probe_at is not null;

-- name: unpark
update pl.queues set paused_at = null, reason = null,
 probe_at = null, opened_at = clock_timestamp()
 where name = $1 and probe_at is not null;

-- name: note_open
insert into pl.queues (name, opened_at) values ($1, clock_timestamp())
 on conflict (name) do update set opened_at = excluded.opened_at;

-- name: take_probe
update pl.queues set probe_at = now() + $2 * interval '1 second'
 where name = (select name from pl.queues q
  where name = any($1) and paused_at is not null
  and probe_at <= now() and exists (select from pl.tasks t
   where t.queue = q.name and t.finished_at is null
   and t.status in ('pending', 'queued') and t.run_at <= now())
  order by array_position($1, name) limit 1
  for update skip locked) returning name;

-- name: note_probe
update pl.queues
 set probe_at = now() + $2 * interval '1 second'
 where name = $1 and paused_at is not null
 and probe_at is not null;

-- name: list
select name, paused_at is not null, coalesce(reason, ''),
 case when probe_at is null then 0 else greatest(1,
  ceil(extract(epoch from probe_at - now())))::bigint end
 from pl.queues;

-- name: of_job
with t as (select coalesce(q.name, t.queue) as queue,
   t.status <> 'in_progress' and q.name is not null as held, q.reason
  from pl.tasks t left join lateral (select q.name, q.reason from pl.queues q
   where q.paused_at is not null and (q.name = t.queue
     and (q.probe_at is null or q.probe_at > now())
    or q.name = pl.base_queue(t.queue) and q.probe_at is null)
   limit 1) q on true
  where t.job_id = $1 and t.finished_at is null)
 select queue, coalesce(reason, '') from t
 where (select bool_and(held) from t) order by queue limit 1;
