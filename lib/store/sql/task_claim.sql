-- task_claim - claims of tasks
--
-- A task is claimable when it waits and is due, or when its lease has lapsed. A
-- lapsed lease counts as a crash. The job of a task must be for the worker's
-- collection, or not bound yet.

-- name: claim_named
-- $1 worker, $2 ids, $3 seconds of the lease, $4 the collection.
update pl.tasks t set attempt = t.attempt + 1,
 status = 'in_progress', worker = $1,
 crashes = t.crashes + (t.status = 'in_progress')::int,
 lease_expires_at = now() + $3 * interval '1 second',
 started_at = coalesce(t.started_at, now())
 from pl.jobs j, (select id from pl.tasks
 where id = any($2) and ingest is null and (status in ('pending', 'queued')
  and run_at <= now() + interval '1 second'
  or status = 'in_progress' and lease_expires_at < now())
 order by id for update skip locked) c
 where t.id = c.id and j.id = t.job_id
 and (j.collection = $4 or j.collection is null)
 returning t.id, t.job_id, t.queue, t.attempt, t.crashes,
 j.max_attempts, t.error->>'message', j.collection is null;

-- name: bind_jobs
select pl.bind_jobs($1, $2);

-- name: lock_due
-- $1 queues, $2 how many, $3 whether also from paused queues, $4 ids to leave
-- out.
select t.id from pl.tasks t
 where t.finished_at is null and t.ingest is null and t.queue = any($1)
  and t.run_at <= now()
  and (t.status in ('pending', 'queued')
  or t.status = 'in_progress' and t.lease_expires_at < now())
  and ($3 or not exists (select from pl.queues q
   where q.paused_at is not null and (q.name = t.queue
    or q.name = pl.base_queue(t.queue) and q.probe_at is null)))
  and t.id <> all($4)
 order by array_position($1, t.queue), t.run_at, t.id
 limit $2 for update of t skip locked;

-- name: lock_unbound
-- As lock_due, of the jobs that no collection has taken.
select t.id from pl.jobs j join pl.tasks t on t.job_id = j.id
 where j.collection is null and j.status in ('pending', 'queued', 'in_progress')
  and t.finished_at is null and t.ingest is null and t.queue = any($1)
  and t.run_at <= now()
  and (t.status in ('pending', 'queued')
  or t.status = 'in_progress' and t.lease_expires_at < now())
  and ($3 or not exists (select from pl.queues q
   where q.name = t.queue and q.paused_at is not null))
  and t.id <> all($4)
 order by array_position($1, t.queue), t.run_at, t.id
 limit $2 for update of t skip locked;

-- name: start_jobs
update pl.jobs set status = 'in_progress',
 started_at = coalesce(started_at, now())
 where id in (select job_id from pl.tasks where id = any($1))
 and status in ('pending', 'queued');

-- name: start_documents
-- Documents that killed their worker or parked their queue come last, so that
-- other documents are done first, or probe the queue. A document that parked
-- its queue is cleared if a stored document has opened the queue since. The time
-- is of the new attempt alone.
with w as (update pl.job_documents set status = 'processing',
  milliseconds = null, started_at = now() where task_id = any($1)
  and status in ('pending', 'processing')
  returning document_id, task_id, attempts, parked_at, kills),
 d as (update pl.documents d set status = 'processing' from w
  where d.id = w.document_id and d.status in ('pending', 'failed'))
 select w.task_id, w.document_id, w.attempts,
 coalesce(octet_length(d.content), 0), coalesce(q.opened_at > w.parked_at, false)
 from w join pl.documents d on d.id = w.document_id
 join pl.tasks t on t.id = w.task_id left join pl.queues q on q.name = t.queue
 order by w.task_id, w.kills, w.parked_at nulls first, w.document_id;
