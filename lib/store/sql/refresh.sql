-- refresh - documents that a collection holds, but not as it should
--
-- A document is stale (stored by another recipe), behind (another text of it is
-- saved), older (stored by an older version of the same recipe), or incomplete.

-- name: list
-- $1 the collection, $2 how many at most. A document has the first reason that
-- holds.
select d.id, d.url, s.name, case when l.stale then 'stale'
  when d.content is not null and d.content_hash is distinct from l.content_hash
  then 'behind' when l.older then 'older' else 'incomplete' end,
 l.chunks, l.failed_chunks, l.first_error->>'message', d.content is not null,
 pl.api_time(l.stored_at), extract(epoch from now() - l.stored_at)::float8::text
 from pl.stored_documents l join pl.documents d on d.id = l.document_id
 join pl.sources s on s.id = d.source_id
 where l.collection = $1 and d.status <> 'deleted'
 and (l.stale or l.older or l.failed_chunks > 0 or d.content is not null
  and d.content_hash is distinct from l.content_hash)
 order by s.name, d.url, d.id limit $2;

-- name: sources
-- $1 the collection. Each source: how many documents can be processed again, and
-- how many cannot, because their text is not saved. Documents that wait in an open
-- job of the collection are left out.
select s.id, s.name, count(*) filter (where d.content is not null),
 count(*) filter (where d.content is null)
 from pl.stored_documents l join pl.documents d on d.id = l.document_id
 join pl.sources s on s.id = d.source_id
 where l.collection = $1 and d.status <> 'deleted'
 and (l.stale or l.older or d.content is not null
  and d.content_hash is distinct from l.content_hash)
 and not exists (select from pl.job_documents w join pl.jobs j
  on j.id = w.job_id where w.document_id = d.id
  and w.status in ('pending', 'processing') and j.collection = $1
  and j.status in ('pending', 'queued', 'in_progress'))
 group by s.id order by s.name;

-- name: lock_source
-- One at a time for a source: a new job changes its row, too.
select from pl.sources where id = $1 for no key update;

-- name: add_job
-- $1 the source, $2 the collection, $3 the queue, $4 documents in a task. The
-- documents are chosen as in sources. The job's id, and how many there are.
with work as materialized (select d.id, d.status,
  (row_number() over (order by d.id) - 1) / $4 as place
  from pl.stored_documents l join pl.documents d on d.id = l.document_id
  where l.collection = $2 and d.source_id = $1 and d.status <> 'deleted'
  and d.content is not null and (l.stale or l.older
   or d.content_hash is distinct from l.content_hash)
  and not exists (select from pl.job_documents w join pl.jobs j
   on j.id = w.job_id where w.document_id = d.id
   and w.status in ('pending', 'processing') and j.collection = $2
   and j.status in ('pending', 'queued', 'in_progress'))),
 job as (insert into pl.jobs (id, source_id, sealed, collection, details)
  select pl.new_id(), $1, true, $2, jsonb_strip_nulls(jsonb_build_object(
   'refresh', true, 'queue', nullif($3, 'processing')))
  where exists (select from work) returning id),
 task as materialized (select place, pl.new_id() as id
  from (select distinct place from work) as p),
 tasks as (insert into pl.tasks (id, job_id, queue)
  select t.id, j.id, pl.queue_of($3, $2) from task t, job j),
 given as (insert into pl.job_documents (job_id, document_id, task_id)
  select j.id, w.id, t.id from job j, work w join task t
  on t.place = w.place),
 waiting as (update pl.documents d set status = 'pending', error = null
  from work w where d.id = w.id and pl.legal_move('document', w.status,
  'pending'))
select j.id, (select count(*) from work), (select count(*) from task) from job j;
