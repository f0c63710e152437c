-- catalog - collections as people see, make, change and drop them
--
-- "documents" and the counts of them are of the ledger (pl.collection_counts).

-- name: list
select c.name, c.model, c.dimensions, coalesce(s.documents, 0),
 coalesce(s.stale, 0), coalesce(s.behind, 0), coalesce(s.older, 0),
 coalesce(s.incomplete, 0), coalesce(s.chunks, 0)
 from pl.collections c left join pl.collection_counts s
 on s.collection = c.name order by c.name;

-- name: show
-- $2: rows of the chunk table of documents that the ledger lacks. What a shell runs
-- comes first.
select json_build_object('pipeline', c.pipeline, 'name', c.name,
 'model', c.model, 'dimensions', c.dimensions, 'vector_type', c.vector_type,
 'distance', c.distance,
 'chunk', now.chunk, 'embed', now.embed, 'query', c.query,
 'documents', coalesce(s.documents, 0), 'stale', coalesce(s.stale, 0),
 'behind', coalesce(s.behind, 0), 'older', coalesce(s.older, 0),
 'incomplete', coalesce(s.incomplete, 0), 'chunks', coalesce(s.chunks, 0),
 'chunks_not_in_ledger', $2::bigint,
 'table_bytes', coalesce(pg_table_size(t.oid), 0),
 'index_bytes', coalesce(pg_indexes_size(t.oid), 0),
 'index', i.name, 'index_type', i.method,
 'refused_chunk', no.chunk, 'refused_embed', no.embed,
 'refused_at', pl.api_time(c.refused_at),
 'recipe_taken_at', pl.api_time(nullif(c.taken_at, '-infinity')),
 'created_at', pl.api_time(c.created_at))
 from pl.collections c
 left join pl.recipes now on now.id = c.recipe
 left join pl.recipes no on no.id = c.refused
 left join pg_class t
  on t.oid = to_regclass('pl.' || quote_ident(c.table_name))
 left join lateral (select x.relname as name,
   m.amname as method from pg_index i
  join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
  where i.indrelid = t.oid and i.indisvalid
  and m.amname in ('hnsw', 'ivfflat') order by i.indexrelid limit 1) i on true
 left join pl.collection_counts s on s.collection = c.name
 where c.name = $1;

-- name: find
-- The id; the chunk table, if there is one; whether there are vectors.
select c.id, case when to_regclass('pl.' || quote_ident(c.table_name)) is not null
  then format('pl.%I', c.table_name) end,
 c.model is not null, (select count(*) from pl.collection_documents l
  where l.collection_id = c.id), (select coalesce(sum(l.chunks), 0)
  from pl.collection_documents l where l.collection_id = c.id)
 from pl.collections c where c.name = $1;

-- name: unknown_rows
-- $1 the collection's id. %s: its chunk table.
select count(*) from %s c where not exists (select
 from pl.collection_documents l where l.collection_id = $1
 and l.document_id = c.document_id);

-- name: add
-- $1 name, $2 distance or null, $3 pipeline or an empty text.
insert into pl.collections (name, table_name, distance, pipeline)
 values ($1, 'chunks_' || $1, coalesce($2, 'cosine'), nullif($3, ''))
 on conflict do nothing;

-- name: change
-- As in add; a null does not change.
update pl.collections set distance = coalesce($2, distance),
 pipeline = case when $3::text is null then pipeline else nullif($3, '') end
 where name = $1 and ($2::text is null or model is null
  or $2::text = distance);

-- name: open_jobs
-- Open jobs that are bound to the collection.
select left(string_agg(j.id::text, ', ' order by j.created_at), 400), count(*)
 from (select id, created_at from pl.jobs where collection = $1
  and status in ('pending', 'queued', 'in_progress')
  order by created_at limit 6) j;

-- name: drop_table
-- %s: the chunk table.
drop table %s;

-- name: empty_ledger
-- A document has the number of chunks that another collection holds of it. One that
-- is in no other collection is not stored any more: it waits for its next job.
with gone as (delete from pl.collection_documents where collection_id = $1
  returning document_id),
 other as materialized (select g.document_id, (select l.chunks
   from pl.collection_documents l where l.document_id = g.document_id
   and l.collection_id <> $1 order by l.stored_at desc limit 1) as chunks
  from gone g)
update pl.documents d set chunk_count = o.chunks,
 status = case when o.chunks is null and d.status = 'stored' then 'pending'
  else d.status end
 from other o where d.id = o.document_id
 and (d.chunk_count is distinct from o.chunks
  or o.chunks is null and d.status = 'stored');

-- name: drop_collection
delete from pl.collections where id = $1;

-- name: forget_in_sources
update pl.sources set collection = null, updated_at = now()
 where collection = $1;

-- name: forget_in_jobs
-- The next job of a source goes where its latest job went: not there any more.
update pl.jobs set collection = null where collection = $1;
