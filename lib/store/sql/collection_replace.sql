-- collection_replace - replace the chunks of documents

-- name: lock_documents
-- The tasks have the collection of their jobs. "no key" allows the ledger to add
-- rows that refer to the documents.
with d as materialized (select id, case when content is not null
   then content_hash end as hash, status = 'deleted' as deleted
  from pl.documents where id = any($1) order by id for no key update),
 t as materialized (select id, job_id, attempt, status from pl.tasks
  where id = any($2) order by id for share)
 select id, null::integer as attempt, hash, deleted, null as collection from d
 union all select t.id, t.attempt, null, false, j.collection
 from t join pl.jobs j on j.id = t.job_id where t.status = 'in_progress'
 order by attempt nulls last;

-- name: is_superseded
-- The task $1 has loaded the document $2, which was deleted or has newer content
-- now: whether the collection $3 needs nothing more of the task. It has the newer
-- content, or a later job has the document. (Of two jobs that have loaded it, only
-- the earlier one may rely on the other.)
select d.status = 'deleted' or exists (select from pl.collection_documents l
  where l.collection_id = c.id and l.document_id = d.id
  and l.content_hash = d.content_hash)
 or exists (select from pl.job_documents w join pl.jobs j on j.id = w.job_id
  where w.document_id = d.id and w.status in ('pending', 'processing')
  and w.job_id > t.job_id and j.collection = c.name)
 from pl.tasks t, pl.documents d, pl.collections c
 where t.id = $1 and d.id = $2 and c.id = $3;

-- name: add_sources
insert into pl.sources (id, name, status)
 select distinct on (name) id, name, 'ready'
 from unnest($1::uuid[], $2::text[]) as v(id, name)
 where name is not null order by name on conflict do nothing;

-- name: add_documents
insert into pl.documents (id, source_id, url, title)
 select v.id, s.id, v.url, v.title
 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
  as v(id, source, url, title) join pl.sources s
  on s.name = v.source
 where v.url is not null order by v.id on conflict do nothing;

-- name: update_documents
-- Goes behind drop_chunks, or "with". $7 the collection, $8 the recipes (-1: none). "same": the row already has the hash that is
-- stored. "ours": the row has no content or no hash, or it is stored with another
-- hash (chunks are being stored by hand). Such a row gets the new hash, and loses
-- the old content. If neither holds, other content waits to be processed, and the
-- status stays. The ledger's tries count how often in a row the same content was
-- stored without some of its chunks.
v as materialized (select * from unnest($1::uuid[], $2::integer[],
  $3::text[], $4::text[], $5::integer[], $6::text[], $8::integer[])
  as v(id, chunks, hash, title, failed, first_error, recipe)),
 l as (insert into pl.collection_documents as l (collection_id, document_id,
  content_hash, recipe, chunks, failed_chunks, first_error, tries)
  select $7, v.id, coalesce(v.hash, o.content_hash), nullif(v.recipe, -1), v.chunks,
  v.failed, v.first_error::jsonb, (v.failed > 0)::integer
  from v join pl.documents o on o.id = v.id
  on conflict (collection_id, document_id) do update set
  content_hash = excluded.content_hash, recipe = excluded.recipe,
  chunks = excluded.chunks, failed_chunks = excluded.failed_chunks,
  first_error = excluded.first_error, stored_at = now(),
  tries = case when excluded.failed_chunks = 0 then 0
   when l.content_hash is not distinct from excluded.content_hash
    and l.recipe is not distinct from excluded.recipe then l.tries + 1
   else 1 end)
update pl.documents d set chunk_count = v.chunks,
 processed_at = now(), error = null,
 status = case when same or ours then 'stored'
  else d.status end,
 title = case when ours then coalesce(v.title, d.title)
  else d.title end,
 changed_at = case when ours and not same then now()
  else d.changed_at end,
 content_hash = case when ours
  then coalesce(v.hash, d.content_hash) else d.content_hash end,
 content = case when ours and not same then null
  else d.content end
 from v join pl.documents o on o.id = v.id
 cross join lateral (select coalesce(v.hash, o.content_hash)
  is not distinct from o.content_hash as same) as s
 cross join lateral (select o.content is null
  or o.content_hash is null
  or not same and o.status = 'stored' as ours) as t
 where d.id = v.id;

-- name: drop_chunks
-- %s: the table. Goes before update_documents if there is a table.
with gone as (delete from %s where document_id = any($1)),

-- name: copy_chunks
-- %s: the table.
copy %s (id, document_id, index, text, context, start, "end",
 tokens, headings, hash, metadata, embedding)
 from stdin (format binary);

-- name: create_staged
-- A role under row-level security may not copy into the table. %s: the table.
create temporary table pl_staged (like %s) on commit drop;

-- name: insert_staged
-- %s: the table.
insert into %s (id, document_id, index, text, context, start, "end",
  tokens, headings, hash, metadata, embedding)
 select id, document_id, index, text, context, start, "end",
  tokens, headings, hash, metadata, embedding from pg_temp.pl_staged;
