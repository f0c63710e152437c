-- collection_replace - replace the chunks of documents

-- name: lock_documents
-- "no key" allows the ledger to add rows that refer to the documents.
with d as materialized (select id, case when content is not null
   then content_hash end as hash, status = 'deleted' as deleted
  from pl.documents where id = any($1) order by id for no key update),
 t as materialized (select id, attempt, status from pl.tasks
  where id = any($2) order by id for share)
 select id, null::integer as attempt, hash, deleted from d union all
 select id, attempt, null, false from t where status = 'in_progress'
 order by attempt nulls last;

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
-- "same": the row already has the hash that is stored. "ours": the row has no
-- content or no hash, or it is stored with another hash (chunks are being
-- stored by hand). Such a row gets the new hash, and loses the old content. If
-- neither holds, other content waits to be processed, and the status stays.
-- incomplete_tries counts how often in a row the same content was stored
-- without some of its chunks.
update pl.documents d set chunk_count = v.chunks,
 failed_chunks = v.failed, first_error = v.first_error::jsonb,
 incomplete_tries = case when v.failed = 0 then 0
  when same and o.failed_chunks > 0 then o.incomplete_tries + 1
  else 1 end,
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
 from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[],
  $5::integer[], $6::text[]) as v(id, chunks, hash, title, failed, first_error)
 join pl.documents o on o.id = v.id
 cross join lateral (select coalesce(v.hash, o.content_hash)
  is not distinct from o.content_hash as same) as s
 cross join lateral (select o.content is null
  or o.content_hash is null
  or not same and o.status = 'stored' as ours) as t
 where d.id = v.id;

-- name: drop_chunks
-- %s: the table. Goes before update_documents if there is a table.
with gone as (delete from %s where document_id = any($1))

-- name: copy_chunks
-- %s: the table.
copy %s (id, document_id, index, text, context, start, "end",
 tokens, headings, hash, metadata, embedding)
 from stdin (format binary);
