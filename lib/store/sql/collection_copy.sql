-- collection_copy - one collection takes the place of another

-- name: describe
-- The id; the chunk table with its schema, or null; the name of the table; the
-- distance; the type of its vectors; the pipeline; whether there are vectors. No
-- other copy, and no new recipe, until the transaction ends.
select c.id, case when t.oid is not null then format('pl.%I', c.table_name) end,
 c.table_name, c.distance,
 format_type(a.atttypid, a.atttypmod), c.pipeline, c.model is not null
 from pl.collections c left join pg_class t
  on t.oid = to_regclass('pl.' || quote_ident(c.table_name))
 left join pg_attribute a on a.attrelid = t.oid and a.attname = 'embedding'
  and not a.attisdropped
 where c.name = $1 for no key update of c;

-- name: add
insert into pl.collections (name, table_name) values ($1, 'chunks_' || $1)
 on conflict do nothing;

-- name: lock_from
-- Nobody writes chunks, so they belong to the ledger. Searches go on. %s: the table.
lock table %s in share mode;

-- name: empty_table
-- %s: the table, twice.
lock table %s in share row exclusive mode;
delete from %s;

-- name: new_table
-- The new table is filled beside the old one, so that searches go on until the end.
-- The target is that of collection.sql. %s: the name of the table; the table to be
-- copied.
create table pl."%s+new" (like %s including all)
 with (toast_tuple_target = 8160);

-- name: fill
-- %s: the new table, the table to be copied.
insert into %s (id, document_id, index, text, context, start, "end", tokens,
  headings, hash, metadata, embedding)
 select id, document_id, index, text, context, start, "end", tokens, headings,
  hash, metadata, embedding from %s;

-- name: swap
-- %s: the name of the table, six times.
drop table if exists pl."%s";
alter table pl."%s+new" rename to "%s";
alter table pl."%s" add foreign key (document_id) references pl.documents
 on delete cascade;
alter table pl."%s" enable row level security;
select pl.apply_roles('pl."%s"');

-- name: index_names
-- Statements that give the indexes of table $1 their names: they were made for a
-- table with "+new" in its name, which may be cut off.
select coalesce(string_agg(format('alter index pl.%I rename to %I', x.relname,
  regexp_replace(x.relname, '[+]n?e?w?', '')), '; '), 'select')
 from pg_index i join pg_class x on x.oid = i.indexrelid
 where i.indrelid = to_regclass('pl.' || quote_ident($1)) and x.relname ~ '[+]';

-- name: fill_ledger
-- $1 the collection, $2 the one that is copied.
insert into pl.collection_documents (collection_id, document_id, content_hash,
  recipe, chunks, failed_chunks, first_error, tries, stored_at)
 select $1, document_id, content_hash, recipe, chunks, failed_chunks, first_error,
  tries, stored_at from pl.collection_documents where collection_id = $2;

-- name: take_settings
-- $3 the pipeline of the copy if it has none of its own, or null.
update pl.collections c set model = o.model, dimensions = o.dimensions,
 vector_type = o.vector_type, distance = o.distance, recipe = o.recipe,
 query = o.query, taken_at = o.taken_at, refused = null, refused_at = null,
 pipeline = coalesce(c.pipeline, $3)
 from pl.collections o where c.id = $1 and o.id = $2;
