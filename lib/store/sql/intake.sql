-- intake - save documents, and add them to a job

-- name: create_incoming
create temporary table pl_incoming (kind text, id uuid, source_id uuid,
 url text, title text, content text, content_type text,
 content_hash text, metadata jsonb, stage text, error jsonb,
 old_keys text[]) on commit drop;

-- name: copy_incoming
copy pg_temp.pl_incoming (kind, id, source_id, url, title, content,
 content_type, content_hash, metadata, stage, error)
 from stdin (format binary);

-- name: mark_taken
-- Documents of which the job has another text. The job has no text of a
-- document that failed before it had a task, or that came as an id alone: an id
-- does not change seen_at. The subquery makes each row one lookup in an index.
update pg_temp.pl_incoming i set kind = 't'
 where i.kind = 'd' and i.content_hash <> (select d.content_hash
  from pl.job_documents w join pl.jobs j on j.id = w.job_id
  join pl.documents d on d.id = w.document_id
  where w.job_id = $1 and w.document_id = i.id
   and (w.status <> 'failed' or w.task_id is not null)
   and d.content is not null and d.seen_at >= j.created_at)
 returning i.id, i.url;

-- name: mark_unchanged
-- $1 the job's collection. A document whose text is stored there by the
-- collection's recipe needs no work. A document that lacks chunks is tried three
-- times more, then no longer (pl.is_unchanged says the same). A failure in another
-- job is over. old_keys are the keys of the old metadata, if the metadata changed.
-- The rows are locked first, so that old_keys are of the row that is written; in
-- the order of ids, as everywhere.
with old as materialized (select d.id, d.metadata
  from pg_temp.pl_incoming i join pl.documents d on d.id = i.id
  join pl.stored_documents l on l.document_id = i.id and l.collection = $1
  where i.kind = 'd' and d.status <> 'deleted'
   and d.content_hash = i.content_hash and d.content is not null
   and l.content_hash = i.content_hash and not l.stale
   and (l.failed_chunks = 0 or l.tries > 3)
  order by d.id for no key update of d),
 same as (update pl.documents d set seen_at = now(), delete_at = null,
  metadata = i.metadata,
  status = case d.status when 'failed' then 'stored' else d.status end,
  error = case d.status when 'failed' then null else d.error end
  from pg_temp.pl_incoming i, old
  where i.id = old.id and d.id = old.id
  returning d.id, case when old.metadata <> d.metadata
   then array(select jsonb_object_keys(old.metadata)) end as old_keys)
update pg_temp.pl_incoming i set kind = 'u', old_keys = same.old_keys
 from same where i.id = same.id;

-- name: add_unchanged
insert into pl.job_documents (job_id, document_id, status, finished_at)
 select $1, id, 'unchanged', now() from pg_temp.pl_incoming
 where kind = 'u' on conflict (job_id, document_id) do nothing;

-- name: upsert_documents
-- In the order of ids, so that two such statements never deadlock.
insert into pl.documents as d (id, source_id, url, title, content,
 content_type, content_hash, metadata)
 select id, source_id, url, title, content, content_type, content_hash,
 metadata from pg_temp.pl_incoming where kind = 'd' order by id
 on conflict (id) do update set title = excluded.title,
 content = excluded.content, content_type = excluded.content_type,
 content_hash = excluded.content_hash, metadata = excluded.metadata,
 status = 'pending', error = null, seen_at = now(), delete_at = null,
 changed_at = case when d.content_hash is distinct from
  excluded.content_hash then now() else d.changed_at end;

-- name: upsert_failed
-- A page that failed keeps the content and chunks of an earlier run. One that
-- answered 404 or 410 is gone: a complete listing does not keep it.
insert into pl.documents as d (id, source_id, url, status, error)
 select id, source_id, url, 'failed', error from pg_temp.pl_incoming
 where kind = 'f' order by id
 on conflict (id) do update set error = excluded.error,
 seen_at = case when excluded.error->>'code' in ('http_404', 'http_410')
  then d.seen_at else now() end,
 delete_at = case when excluded.error->>'code' in ('http_404', 'http_410')
  then d.delete_at end;

-- name: add_failed
insert into pl.job_documents (job_id, document_id, status, stage, error,
 finished_at)
 select $1, id, 'failed', stage, error, now() from pg_temp.pl_incoming
 where kind = 'f' on conflict (job_id, document_id) do nothing;

-- name: find_missing
select i.id from pg_temp.pl_incoming i where i.kind = 's' and not exists
 (select from pl.documents d where d.id = i.id
  and d.content is not null);

-- name: reset_saved
update pl.documents d set status = 'pending', error = null, delete_at = null
 from pg_temp.pl_incoming i
 where i.kind = 's' and d.id = i.id and d.content is not null;

-- name: save_source
insert into pl.sources (id, name) values ($1, $2)
 on conflict do nothing;

-- name: save_job
-- $2 the source; if it is null, the source of the document $3. $12 the collection;
-- if it is null, the collection of the source. The collection is the result; it
-- stays null for a job that the first claim will bind.
with s as materialized (select coalesce($2,
  (select source_id from pl.documents where id = $3)) as id),
 new as (insert into pl.jobs (id, source_id, timeout_seconds,
  max_attempts, unique_key, collection, details) select $1, s.id,
  $4, $5, $6, coalesce($12, pl.collection_of(s.id)),
  jsonb_strip_nulls(jsonb_build_object(
   'queue', nullif($7::text, 'processing'),
   'function', $8::text, 'notify', $11::text, 'run_at',
   case when $9 > 0 or $10 > 0 then greatest($9,
    extract(epoch from now())::bigint + $10) end))
  from s on conflict (id) do nothing returning collection)
select collection from new
 union all select collection from pl.jobs where id = $1;

-- name: touch_job
update pl.jobs set fed_at = now() where id = $1
 and status in ('pending', 'queued', 'in_progress');

-- name: set_queued
update pl.tasks set status = 'queued'
 where id = any($1) and status = 'pending';

-- name: start_job
update pl.jobs set status = 'queued', queued_at = now()
 where id = $1 and status = 'pending';

-- name: seal_job
update pl.jobs set sealed = true where id = $1;
