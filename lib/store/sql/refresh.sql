-- refresh - documents that a collection holds, but not as it should
--
-- The views pl.collection_states and pl.refreshable say which documents these are.

-- name: list
-- $1 the collection, $2 how many at most. A document has the first reason that
-- holds.
select l.document_id, d.url, s.name, case when l.stale then 'stale'
  when l.behind then 'behind' when l.older then 'older' else 'incomplete' end,
 l.chunks, l.failed_chunks, l.first_error->>'message', l.is_saved,
 pl.api_time(l.stored_at), extract(epoch from now() - l.stored_at)::float8::text
 from pl.collection_states l join pl.documents d on d.id = l.document_id
 join pl.sources s on s.id = l.source_id
 where l.collection = $1
 and (l.stale or l.behind or l.older or l.failed_chunks > 0)
 order by s.name, d.url, d.id limit $2;

-- name: sources
-- $1 the collection. Each source: how many documents can be processed again, and
-- how many cannot, because their text is not saved.
select s.id, s.name, count(*) filter (where r.is_saved),
 count(*) filter (where not r.is_saved)
 from pl.refreshable r join pl.sources s on s.id = r.source_id
 where r.collection = $1 group by s.id order by s.name;

-- name: lock_source
-- One at a time for a source: a new job changes its row, too.
select from pl.sources where id = $1 for no key update;

-- name: add_job
-- $1 the source, $2 the collection, $3 the queue, $4 documents in a task. The job's
-- id, and how many documents and tasks it has.
with work as materialized (select document_id as id, status,
  (row_number() over (order by document_id) - 1) / $4 as place
  from pl.refreshable
  where collection = $2 and source_id = $1 and is_saved),
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
