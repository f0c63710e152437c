-- retention - history that nobody needs any more; a statement is a small
-- transaction, or a part of one

-- name: choose
-- $1 seconds since the end, $2 statuses, $3 the id after which, $4 limit. A newer job
-- of the same source must be there, and one with a collection if this one has one. A
-- job that ended with an open task is left to sync, which mends it.
select j.id, j.documents from pl.jobs j
 where j.id > $3::uuid and j.status = any($2)
 and j.finished_at < now() - $1 * interval '1 second'
 and not exists (select from pl.tasks t where t.job_id = j.id
  and t.finished_at is null)
 and (j.source_id is null or (exists (select from pl.jobs l
   where l.source_id = j.source_id
   and (l.created_at, l.id) > (j.created_at, j.id))
  and (j.collection is null or exists (select from pl.jobs l
   where l.source_id = j.source_id and l.collection is not null
   and (l.created_at, l.id) > (j.created_at, j.id)))
  and not exists (select from pl.sources s where s.job_id = j.id
   and s.id = j.source_id)))
 order by j.id limit $4;

-- name: lock
-- Of the jobs $3, those that nobody has retried since, or deletes right now.
select id from pl.jobs where id = any($3) and status = any($2)
 and finished_at < now() - $1 * interval '1 second'
 order by id for update skip locked;

-- name: delete_documents
-- $1 jobs, $2 limit. Before the tasks: else each task that goes would change its
-- rows here.
delete from pl.job_documents where ctid = any(array(select ctid
 from pl.job_documents where job_id = any($1) limit $2));

-- name: delete_tasks
delete from pl.tasks where id = any(array(select id
 from pl.tasks where job_id = any($1) limit $2));

-- name: delete_jobs
delete from pl.jobs where id = any($1);

-- name: count_tasks
select count(*) from pl.tasks where job_id = any($1);

-- name: open_tasks
select id from pl.tasks where id = any($1) and finished_at is null;

-- name: delete_events
-- $1 seconds, $2 limit, $3 the id after which. How many, and the last id. The
-- statements for notifications and workers take and give the same.
with gone as (delete from pl.webhook_events where id = any(array(
  select e.id from pl.webhook_events e left join pl.jobs j on j.id = e.job_id
   where e.id > $3::bigint and e.handled_at is not null
   and e.received_at < now() - $1 * interval '1 second'
   and coalesce(j.status not in ('pending', 'queued', 'in_progress'), true)
   order by e.id limit $2 for update of e skip locked)) returning id)
select count(*), max(id) from gone;

-- name: count_events
select count(*) from pl.webhook_events e left join pl.jobs j on j.id = e.job_id
 where e.handled_at is not null
 and e.received_at < now() - $1 * interval '1 second'
 and coalesce(j.status not in ('pending', 'queued', 'in_progress'), true);

-- name: delete_notifications
with gone as (delete from pl.notifications where id = any(array(
  select n.id from pl.notifications n where n.id > $3::uuid
   and n.next_at is null and n.created_at < now() - $1 * interval '1 second'
   order by n.id limit $2 for update skip locked)) returning id)
select count(*), max(id::text) from gone;

-- name: count_notifications
select count(*) from pl.notifications n where n.next_at is null
 and n.created_at < now() - $1 * interval '1 second';

-- name: delete_workers
with gone as (delete from pl.workers where name = any(array(
  select w.name from pl.workers w where w.name > $3
   and w.heartbeat_at < now() - $1 * interval '1 second'
   order by w.name limit $2 for update skip locked)) returning name)
select count(*), max(name) from gone;

-- name: count_workers
select count(*) from pl.workers
 where heartbeat_at < now() - $1 * interval '1 second';
