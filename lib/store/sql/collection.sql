-- collection - collections and their tables

-- name: find
-- The table name has only [a-z0-9_]; it is quoted nevertheless.
select case when c.model is not null then format('pl.%I', c.table_name) end,
 c.model, c.dimensions,
 c.vector_type, c.distance, (select quote_ident(n.nspname)
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace
  where e.extname = 'vector'), c.id, c.query,
 row_security_active('pl.collections')
 from pl.collections c where c.name = $1;

-- name: list
select string_agg(name || coalesce(' (' || model || ', ' || dimensions ||
 ' dimensions)', ' (empty)'), ', ' order by name) from pl.collections;

-- name: add
insert into pl.collections (name, table_name, distance)
 values ($1, 'chunks_' || $1, $2) on conflict do nothing;

-- name: install
-- With the rights of who asks; pl.create_chunks tries with those of the owner.
select pl.install_vector();

-- name: create
select pl.create_chunks($1, $2, $3::int, $4);

-- name: lock_collections
-- The number is arbitrary, but every version of pl must use the same one.
select pg_advisory_xact_lock(7092026002);

-- name: limit
-- The limit, and the indexes that pl did not create: pl's own two are unique.
select current_setting('statement_timeout'),
 (select string_agg(indexrelid::regclass::text, ', ')
  from pg_index where indrelid = to_regclass($1) and not indisunique);
