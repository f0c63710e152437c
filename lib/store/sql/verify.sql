-- verify - find and repair violations of the account
--
-- Each check gives a job's id, a document's id and what is wrong, for the job
-- $1, or for all jobs if $1 is null. One statement sees one instant, so work in
-- progress is no violation. fix_... repairs what its check found, in the job or
-- document $1. lock_... has locked that row in the same transaction, so fix_...
-- sees all that was committed before.

-- name: counts
select j.id, null::uuid, 'counts of the job: documents '
 || j.documents || ', stored ' || j.stored || ', incomplete '
 || j.incomplete || ', unchanged ' || j.unchanged || ', failed ' || j.failed || ', canceled '
 || j.canceled || '; its rows: ' || count(d.status) || ', '
 || count(*) filter (where d.status = 'stored') || ', '
 || count(*) filter (where d.status = 'stored' and d.failed_chunks > 0)
 || ', ' || count(*) filter (where d.status = 'unchanged') || ', '
 || count(*) filter (where d.status = 'failed') || ', '
 || count(*) filter (where d.status = 'canceled')
 || ': ''pl-jobctl verify --fix'' counts again'
 from pl.jobs j left join pl.job_documents d on d.job_id = j.id
 where ($1::uuid is null or j.id = $1) group by j.id
 having (j.documents, j.stored, j.incomplete, j.unchanged, j.failed,
 j.canceled) <> (count(d.status),
 count(*) filter (where d.status = 'stored'),
 count(*) filter (where d.status = 'stored' and d.failed_chunks > 0),
 count(*) filter (where d.status = 'unchanged'),
 count(*) filter (where d.status = 'failed'),
 count(*) filter (where d.status = 'canceled'));

-- name: ended_with_work
select j.id, d.document_id, 'the job is ' || j.status ||
 ', the document still ' || d.status || case when j.status = 'canceled'
  then ': ''pl-jobctl documents ' || j.id || ' --document ' || d.document_id
  || ' | pl-enqueue --all'' processes it in another job'
  else ': ''pl-jobctl sync'' opens the job again' end
 from pl.jobs j join pl.job_documents d on d.job_id = j.id
 where ($1::uuid is null or j.id = $1)
 and j.status not in ('pending', 'queued', 'in_progress')
 and d.status in ('pending', 'processing');

-- name: unsealed
-- $2 seconds after which a feeder is dead. A job that waits for its ingest task
-- will be fed.
select j.id, null::uuid, 'nobody feeds the job and it is not sealed: '
 || '''pl-jobctl sync'' ends it' from pl.jobs j
 where ($1::uuid is null or j.id = $1)
 and j.status in ('pending', 'queued', 'in_progress') and not j.sealed
 and j.fed_at < now() - $2 * interval '1 second'
 and not pl.is_ingesting(j.id);

-- name: open_without_work
select j.id, null::uuid, 'the job is ' || j.status || ', sealed, and nothing '
 || 'is left to do: ''pl-jobctl verify --fix'' ends it'
 from pl.jobs j where ($1::uuid is null or j.id = $1)
 and j.status in ('pending', 'queued', 'in_progress')
 and j.sealed and not exists (select from
 pl.job_documents d where d.job_id = j.id
 and d.status in ('pending', 'processing'));

-- name: stranded
select j.id, d.document_id, 'the document is ' || d.status ||
 ', its task ' || t.status || ': ''pl-jobctl sync'' gives it a new one'
 from pl.jobs j join pl.job_documents d on d.job_id = j.id
 join pl.tasks t on t.id = d.task_id
 where ($1::uuid is null or j.id = $1)
 and j.status in ('pending', 'queued', 'in_progress')
 and d.status in ('pending', 'processing')
 and t.status not in ('pending', 'queued', 'in_progress');

-- name: wrong_task
select d.job_id, d.document_id, 'the task is of job ' || t.job_id ||
 ': ''pl-jobctl retry ' || d.job_id || ' --document ' || d.document_id ||
 ''' gives the document another task, when it is done'
 from pl.job_documents d join pl.tasks t on t.id = d.task_id
 where ($1::uuid is null or d.job_id = $1)
 and t.job_id <> d.job_id;

-- name: source_status
select j.id, null::uuid, 'source ' || s.name || ' is ' || s.status ||
 ', its job ' || j.status || ': the end of its next job puts it right'
 from pl.sources s join pl.jobs j on j.id = s.job_id
 where ($1::uuid is null or j.id = $1)
 and s.status <> case when j.status in ('queued', 'in_progress')
 then 'processing' when j.status = 'completed' then 'ready'
 when j.status in ('partial', 'canceled') then 'partial'
 when j.status = 'failed' then 'failed' else s.status end
 and s.status <> 'crawling';

-- name: stored_in_job_only
-- Documents that fix_chunks made pending are left out.
select d.job_id, d.document_id, 'the job has the document as ' ||
 d.status || ', but it is ' || o.status || ': ''pl-jobctl retry ' ||
 d.job_id || ' --document ' || d.document_id || ''' processes it again'
 from pl.job_documents d join pl.documents o on o.id = d.document_id
 where ($1::uuid is null or d.job_id = $1) and d.status = 'stored'
 and o.status in ('pending', 'processing')
 and o.error->>'code' is distinct from 'chunks_gone' and not exists (select
 from pl.job_documents l where l.document_id = d.document_id
 and l.job_id <> d.job_id);

-- name: duplicate_documents
select null::uuid, min(d.id::text)::uuid, count(*) ||
 ' documents with the url ' || d.url ||
 ': delete all but one from pl.documents, then ''pl-enqueue --all'' it'
 from pl.documents d
 where $1::uuid is null or exists (select from pl.job_documents j
 where j.job_id = $1 and j.document_id = d.id)
 group by d.source_id, d.url having count(*) > 1;

-- name: incomplete
-- The job to retry is the last one that stored the document so.
select w.job_id, l.document_id, l.failed_chunks || ' of its chunks in '
 || c.name || ' were refused, the first as '
 || coalesce(l.first_error->>'class', 'internal') || ': ' ||
 coalesce(l.first_error->>'message', 'no reason was given') || ': ' ||
 coalesce('''pl-jobctl retry ' || w.job_id || '''', '''pl-enqueue --all''')
 || ' tries again'
 from pl.collection_documents l join pl.collections c
 on c.id = l.collection_id join pl.documents d
 on d.id = l.document_id and d.status = 'stored'
 left join lateral (select w.job_id
  from pl.job_documents w join pl.jobs j on j.id = w.job_id
  where w.document_id = l.document_id
  and ($1::uuid is null or w.job_id = $1) and j.collection = c.name
  and w.status = 'stored' and w.failed_chunks > 0
  order by w.finished_at desc nulls last limit 1) w on true
 where l.failed_chunks > 0
 and ($1::uuid is null or exists (select from pl.job_documents j
  where j.job_id = $1 and j.document_id = l.document_id));

-- name: chunk_tables
-- The name as a literal, the table, and whether its rows have metadata.
select quote_literal(c.name), t.oid::regclass, exists (select
 from pg_attribute a where a.attrelid = t.oid and a.attname = 'metadata'
  and a.atttypid = 'jsonb'::regtype and not a.attisdropped)
 from pl.collections c join pg_class t on t.oid = coalesce(
  to_regclass('pl.' || quote_ident(c.table_name)),
  to_regclass(c.table_name)) order by c.name;

-- name: no_chunks
-- Stands for the chunk tables if there is no collection.
select ''::text as collection, null::uuid as document_id, 0 as "index",
 null::jsonb as metadata where false

-- name: chunk_rows
-- %s: the collection's name as a literal, its table.
select %s::text as collection, document_id, "index" from %s

-- name: metadata_rows
-- %s: as in chunk_rows.
select %s::text as collection, document_id, metadata from %s

-- name: stale
-- A line for each collection, not for a job.
select null::uuid, null::uuid, 'collection ' || collection || ': ' || count(*)
 || ' documents were stored by another recipe than the collection''s: '
 || '''pl-jobctl collection refresh ' || collection
 || ''' stores them again'
 from pl.stored_documents where stale and $1::uuid is null
 group by collection order by collection;

-- name: behind
-- Another collection has the new text already. A line for each collection, not for
-- a job.
select null::uuid, null::uuid, 'collection ' || l.collection || ': ' || count(*)
 || ' documents have an older text there than elsewhere: '
 || '''pl-jobctl collection refresh ' || l.collection
 || ''' stores the new one'
 from pl.collection_states l
 where $1::uuid is null and l.behind and l.status = 'stored'
 and not exists (select from pl.job_documents w
  where w.document_id = l.document_id
  and w.status in ('pending', 'processing'))
 group by l.collection order by l.collection;

-- name: missing
-- A document that the latest job of its source has stored is in that job's
-- collection. A job that is not bound was done by a program of the user.
select j.id, d.id, 'the document is stored, but not in collection '
 || j.collection || ': ''pl-jobctl documents ' || j.id || ' --document '
 || d.id || ' | pl-enqueue --all --collection ' || j.collection
 || ''' stores it again'
 from pl.sources s join pl.jobs j on j.id = s.job_id
 join pl.collections c on c.name = j.collection
 join pl.job_documents w on w.job_id = j.id
  and w.status in ('stored', 'unchanged')
 join pl.documents d on d.id = w.document_id and d.status = 'stored'
 where ($1::uuid is null or exists (select from pl.job_documents a
  where a.job_id = $1 and a.document_id = d.id))
 and not exists (select from pl.collection_documents l
  where l.document_id = d.id and l.collection_id = c.id);

-- name: chunks
-- %s: chunk_rows of all collections, or no_chunks. The ledger has no number of
-- chunks for a document of a store of the user.
with c as (%s), n as (select collection, document_id, count(*) as n,
 count(distinct "index") as distinct_n from c
 where $1::uuid is null or document_id in (select document_id
  from pl.job_documents where job_id = $1) group by 1, 2)
 select null::uuid, d.id, 'stored with ' || l.chunks || ' chunks in '
 || l.collection || ', but there are ' || coalesce(n.n::text, 'none') ||
 case when d.content is null then ': ingest and store it again'
  else ': ''pl-jobctl verify --fix'', then ' || coalesce((select
   '''pl-jobctl documents ' || w.job_id || ' --document ' || d.id
   || ' | pl-enqueue'' stores it again'
   from pl.job_documents w where w.document_id = d.id
   order by w.started_at desc nulls last limit 1), 'pl-enqueue it again') end
 from pl.stored_documents l join pl.documents d on d.id = l.document_id
 left join n on n.document_id = d.id and n.collection = l.collection
 where l.chunks <> coalesce(n.n, 0) and d.status <> 'deleted'
 and ($1::uuid is null or exists (select from pl.job_documents j
  where j.job_id = $1 and j.document_id = d.id))
 union all select null::uuid, n.document_id, (n.n - n.distinct_n) ||
 ' duplicate chunks in ' || n.collection || ': ' || coalesce((select
  '''pl-jobctl documents ' || w.job_id || ' --document ' || n.document_id
  || ' | pl-enqueue --all'' stores it again'
  from pl.job_documents w where w.document_id = n.document_id
  order by w.started_at desc nulls last limit 1), 'pl-enqueue --all it')
 from n where n.n > n.distinct_n
 union all select null::uuid, n.document_id, n.n || ' chunks in '
 || n.collection || ' of a document that is not there: delete them' from n
 where not exists (select from pl.documents d
  where d.id = n.document_id);

-- name: rows_of_deleted
-- %s: chunk_rows of all collections, or no_chunks.
with c as (%s), n as (select c.collection, c.document_id, count(*) as n
 from c join pl.documents d on d.id = c.document_id
 where d.status = 'deleted'
 and ($1::uuid is null or d.id in (select document_id
  from pl.job_documents where job_id = $1)) group by 1, 2)
 select null::uuid, document_id, 'the document is deleted, its chunks are not: '
 || string_agg(n || ' in ' || collection, ', ' order by collection) ||
 ': ''pl-jobctl verify --fix'' deletes them' from n group by document_id;

-- name: metadata
-- %s: metadata_rows of all collections, or no_chunks. A chunk may lack keys of
-- the document, and may have other keys. A key that both have must have the
-- same value. While a job has still to store the document, its chunks may be
-- older.
with c as (%s), n as (select c.collection, c.document_id, count(*) as n,
 min(k.key) as key
 from c join pl.documents d on d.id = c.document_id
 cross join lateral (select min(e.key) as key from jsonb_each(
  case when jsonb_typeof(d.metadata) = 'object' then d.metadata end) e
  where c.metadata->e.key <> e.value) k
 where d.status = 'stored' and c.metadata <> '{}'
 and c.metadata <> d.metadata and k.key is not null
 and ($1::uuid is null or d.id in (select document_id
  from pl.job_documents where job_id = $1))
 and not exists (select from pl.job_documents w where w.document_id = d.id
  and w.status in ('pending', 'processing')) group by 1, 2)
 select null::uuid, document_id, 'other metadata than the document''s: ' ||
 string_agg(n || ' chunks in ' || collection || ' (' || key || ')', ', '
  order by collection) ||
 ': ''pl-jobctl verify --fix'' writes the document''s' from n
 group by document_id;

-- name: lock_job
select from pl.jobs where id = $1 for no key update;

-- name: lock_document
select from pl.documents where id = $1 for no key update;

-- name: fix_counts
-- If all documents are done by the new counts, the trigger ends the job. A
-- process that changes its documents meanwhile waits for the lock, and then
-- adds its change.
with n as (select count(*) as documents,
 count(*) filter (where status = 'stored') as stored,
 count(*) filter (where status = 'stored' and failed_chunks > 0) as incomplete,
 count(*) filter (where status = 'unchanged') as unchanged,
 count(*) filter (where status = 'failed') as failed,
 count(*) filter (where status = 'canceled') as canceled
 from pl.job_documents where job_id = $1)
update pl.jobs j set documents = n.documents, stored = n.stored,
 incomplete = n.incomplete, unchanged = n.unchanged, failed = n.failed,
 canceled = n.canceled from n where j.id = $1
 and (j.documents, j.stored, j.incomplete, j.unchanged, j.failed, j.canceled)
 <> (n.documents, n.stored, n.incomplete, n.unchanged, n.failed, n.canceled)
 returning 'counted again: documents ' || j.documents || ', stored ' ||
 j.stored || ', incomplete ' || j.incomplete || ', unchanged ' ||
 j.unchanged || ', failed ' || j.failed || ', canceled ' || j.canceled ||
 '; the job is ' || j.status;

-- name: fix_chunks
-- %s: as in chunks. The error says why the document is pending without a job.
with c as (%s), n as (select collection, count(*) as n from c
  where document_id = $1 group by collection),
 gone as (delete from pl.collection_documents l using pl.collections o,
  pl.documents d where l.document_id = $1 and o.id = l.collection_id
  and d.id = $1 and d.status <> 'deleted' and d.content is not null
  and l.chunks <> coalesce((select n.n from n where n.collection = o.name), 0)
  returning o.name, l.chunks)
update pl.documents d set status = 'pending', chunk_count = null,
 error = jsonb_build_object('stage', 'verify', 'class', 'internal',
  'code', 'chunks_gone', 'message', 'it was stored with ' || gone.chunks ||
  ' chunks in ' || gone.name || ', which are not there: enqueue it again')
 from (select * from gone order by name limit 1) as gone
 where d.id = $1
 returning 'the document is pending: use pl-enqueue or ''pl-jobctl retry'' '
 || 'to store it again';

-- name: fix_deleted
-- %s: a collection's table.
delete from %s c using pl.documents d where d.id = $1
 and c.document_id = d.id and d.status = 'deleted';

-- name: fix_metadata
-- %s: a collection's table. Only keys with another value are written: the user
-- may have removed the keys that the chunk lacks.
update %s c set metadata = c.metadata || (select
  jsonb_object_agg(e.key, e.value) from jsonb_each(d.metadata) e
  where c.metadata->e.key <> e.value)
 from pl.documents d where d.id = $1 and c.document_id = d.id
 and d.status = 'stored' and exists (select from jsonb_each(
  case when jsonb_typeof(d.metadata) = 'object' then d.metadata end) e
  where c.metadata->e.key <> e.value);
