-- collection - collections and their tables

-- name: find
-- The table name has only [a-z0-9_]; it is quoted nevertheless.
select case when c.model is not null then format('pl.%I', c.table_name) end,
 c.model, c.dimensions,
 c.vector_type, c.distance, (select quote_ident(n.nspname)
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace
  where e.extname = 'vector'), c.id, c.query
 from pl.collections c where c.name = $1;

-- name: list
select string_agg(name || coalesce(' (' || model || ', ' || dimensions ||
 ' dimensions)', ' (empty)'), ', ' order by name) from pl.collections;

-- name: add
insert into pl.collections (name, table_name, distance)
 values ($1, 'chunks_' || $1, $2) on conflict do nothing;

-- name: extension
-- On Supabase, extensions live in a schema of their own.
select 'create extension if not exists vector' ||
 coalesce(' with schema ' || (select quote_ident(nspname)
  from pg_namespace where nspname = 'extensions'), '')
 from pg_available_extensions
 where name = 'vector' and installed_version is null;

-- name: vector
-- halfvec came with pgvector 0.7.
select quote_ident(n.nspname),
 to_regtype(quote_ident(n.nspname) || '.halfvec') is not null
 from pg_extension e join pg_namespace n on n.oid = e.extnamespace
 where e.extname = 'vector';

-- name: create_table
-- With target 8160 a row keeps text and vector in its page if they fit. Storing
-- takes a quarter less time, and a scan is three times faster than with vectors
-- in the TOAST table. Vectors do not compress, so their storage is external.
-- %s: the collection's name, the column's type, the name, the name.
create table pl.chunks_%s (id uuid primary key,
 document_id uuid not null references pl.documents
  on delete cascade,
 index integer not null, text text not null, context text,
 start integer, "end" integer, tokens integer,
 headings text[], hash text,
 metadata jsonb not null default '{}',
 embedding %s not null, unique (document_id, index))
 with (toast_tuple_target = 8160);
alter table pl.chunks_%s alter column embedding set storage external;
alter table pl.chunks_%s enable row level security;

-- name: register
insert into pl.collections
 (name, table_name, model, dimensions, vector_type, distance)
 values ($1, 'chunks_' || $1, $2, $3, $4, $5)
 on conflict (name) do update set model = excluded.model,
 dimensions = excluded.dimensions, vector_type = excluded.vector_type;

-- name: lock_collections
-- The number is arbitrary, but every version of pl must use the same one.
select pg_advisory_xact_lock(7092026002);

-- name: limit
-- The limit, and the indexes that pl did not create: pl's own two are unique.
select current_setting('statement_timeout'),
 (select string_agg(indexrelid::regclass::text, ', ')
  from pg_index where indrelid = to_regclass($1) and not indisunique);
