-- verify - violations of the account
--
-- Each statement gives a job's id, a document's id and what is wrong, for the
-- job $1 or, when that is null, for all. One statement sees one instant, so
-- work in progress is no violation.

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
 ', the document still ' || d.status
 from pl.jobs j join pl.job_documents d on d.job_id = j.id
 where ($1::uuid is null or j.id = $1)
 and j.status not in ('pending', 'queued', 'in_progress')
 and d.status in ('pending', 'processing');

-- name: open_without_work
select j.id, null::uuid, 'the job is ' || j.status ||
 ', sealed, and nothing of it is left to do'
 from pl.jobs j where ($1::uuid is null or j.id = $1)
 and j.status in ('pending', 'queued', 'in_progress')
 and j.sealed and not exists (select from
 pl.job_documents d where d.job_id = j.id
 and d.status in ('pending', 'processing'));

-- name: stranded
select j.id, d.document_id, 'the document is ' || d.status ||
 ', its task ' || coalesce(t.status, 'gone')
 from pl.jobs j join pl.job_documents d on d.job_id = j.id
 left join pl.tasks t on t.id = d.task_id
 where ($1::uuid is null or j.id = $1)
 and j.status in ('pending', 'queued', 'in_progress')
 and d.status in ('pending', 'processing') and d.task_id is not null
 and t.status not in ('pending', 'queued', 'in_progress');

-- name: wrong_task
select d.job_id, d.document_id, 'the task is of job ' || t.job_id
 from pl.job_documents d join pl.tasks t on t.id = d.task_id
 where ($1::uuid is null or d.job_id = $1)
 and t.job_id <> d.job_id;

-- name: source_status
select j.id, null::uuid, 'source ' || s.name || ' is ' || s.status ||
 ', its job ' || j.status
 from pl.sources s join pl.jobs j on j.id = s.job_id
 where ($1::uuid is null or j.id = $1)
 and s.status <> case when j.status in ('queued', 'in_progress')
 then 'processing' when j.status = 'completed' then 'ready'
 when j.status in ('partial', 'canceled') then 'partial'
 when j.status = 'failed' then 'failed' else s.status end
 and s.status <> 'crawling';

-- name: stored_in_job_only
select d.job_id, d.document_id, 'the job''s latest word is ' ||
 d.status || ', the document is ' || o.status
 from pl.job_documents d join pl.documents o on o.id = d.document_id
 where ($1::uuid is null or d.job_id = $1) and d.status = 'stored'
 and o.status in ('pending', 'processing') and not exists (select
 from pl.job_documents l where l.document_id = d.document_id
 and l.job_id <> d.job_id);

-- name: duplicate_documents
select null::uuid, min(d.id::text)::uuid, count(*) ||
 ' documents with the url ' || d.url from pl.documents d
 where $1::uuid is null or exists (select from pl.job_documents j
 where j.job_id = $1 and j.document_id = d.id)
 group by d.source_id, d.url having count(*) > 1;

-- name: chunk_tables
select quote_literal(c.name), t.oid::regclass
 from pl.collections c join pg_class t on t.oid = coalesce(
  to_regclass('pl.' || quote_ident(c.table_name)),
  to_regclass(c.table_name));

-- name: no_chunks
-- What there is without a collection: an empty table of the same form.
select ''::text as collection, null::uuid as document_id, 0 as "index"
 where false

-- name: chunk_rows
-- %s: the collection's name as a literal, its table.
select %s::text as collection, document_id, "index" from %s

-- name: chunks
-- %s: chunk_rows of all collections, or no_chunks.
with c as (%s), n as (select collection, document_id, count(*) as n,
 count(distinct "index") as distinct_n from c
 where $1::uuid is null or document_id in (select document_id
  from pl.job_documents where job_id = $1) group by 1, 2)
 select null::uuid, d.id, 'stored with ' || d.chunk_count ||
 ' chunks, but there are ' || coalesce((select string_agg(n.n || ' in '
  || n.collection, ', ') from n where n.document_id = d.id), 'none')
 from pl.documents d where d.status = 'stored' and d.chunk_count > 0
 and ($1::uuid is null or exists (select from pl.job_documents j
  where j.job_id = $1 and j.document_id = d.id))
 and not exists (select from n where n.document_id = d.id
  and n.n = d.chunk_count)
 union all select null::uuid, n.document_id, (n.n - n.distinct_n) ||
 ' duplicate chunks in ' || n.collection from n where n.n > n.distinct_n
 union all select null::uuid, n.document_id, n.n || ' chunks in '
 || n.collection || ' of a document that is not there' from n
 where not exists (select from pl.documents d
  where d.id = n.document_id);
