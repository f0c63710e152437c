-- chunk_metadata - chunks follow the metadata of their documents

-- name: count_changed
select count(*) from pg_temp.pl_incoming where old_keys is not null;

-- name: tables
-- Those that have such a column. A name is quoted where it needs it.
select t.oid::regclass from pl.collections c join pg_class t
  on t.oid = coalesce(to_regclass('pl.' || quote_ident(c.table_name)),
   to_regclass(c.table_name))
 join pg_attribute a on a.attrelid = t.oid and a.attname = 'metadata'
  and a.atttypid = 'jsonb'::regtype
 order by c.name;

-- name: follow
-- %s: the table, twice. A chunk has the document's metadata if it has all of
-- its keys; others of the chunk are of a stage of the user's own, and stay. Of
-- a document that had none, the first rows show whether chunks of this
-- collection are given any. The array lets the index on documents be used,
-- whatever the statistics say of the temporary table.
update %s c set metadata = c.metadata - i.old_keys || i.metadata
 from pg_temp.pl_incoming i where i.old_keys is not null
  and c.document_id = i.id and c.document_id = any(array(
   select id from pg_temp.pl_incoming where old_keys is not null))
  and jsonb_typeof(c.metadata) = 'object' and c.metadata ?& i.old_keys
  and (i.old_keys <> '{}' or exists (select from
   (select metadata from %s limit 1000) s where s.metadata <> '{}'))
  and c.metadata <> case when jsonb_typeof(c.metadata) = 'object'
   then c.metadata - i.old_keys || i.metadata end;
