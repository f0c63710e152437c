-- chunk_metadata - chunks follow the metadata of their documents

-- name: count_changed
select count(*) from pg_temp.pl_incoming where old_keys is not null;

-- name: tables
-- Chunk tables with a metadata column. regclass quotes a name that needs it.
select t.oid::regclass from pl.collections c join pg_class t
  on t.oid = coalesce(to_regclass('pl.' || quote_ident(c.table_name)),
   to_regclass(c.table_name))
 join pg_attribute a on a.attrelid = t.oid and a.attname = 'metadata'
  and a.atttypid = 'jsonb'::regtype
 order by c.name;

-- name: follow
-- %s: the table, twice. A chunk has the document's metadata if it has all keys
-- of it. Other keys of the chunk come from a stage of the user, and stay. If
-- the document had no metadata, the first 1000 rows show whether chunks of this
-- collection have any. The array makes Postgres use the index on document_id,
-- whatever its statistics say about the temporary table.
update %s c set metadata = c.metadata - i.old_keys || i.metadata
 from pg_temp.pl_incoming i where i.old_keys is not null
  and c.document_id = i.id and c.document_id = any(array(
   select id from pg_temp.pl_incoming where old_keys is not null))
  and jsonb_typeof(c.metadata) = 'object' and c.metadata ?& i.old_keys
  and (i.old_keys <> '{}' or exists (select from
   (select metadata from %s limit 1000) s where s.metadata <> '{}'))
  and c.metadata <> case when jsonb_typeof(c.metadata) = 'object'
   then c.metadata - i.old_keys || i.metadata end;
