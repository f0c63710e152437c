-- deletion - documents that wait for their deletion
--
-- $1 source; $2 a url, or null for all. The columns of all: id, url, title, when it
-- was seen last, when it will be deleted, seconds since it was seen.

-- name: has_source
select count(*) from pl.sources where name = $1;

-- name: list
select d.id, d.url, d.title,
 to_char(d.seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(d.delete_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 extract(epoch from now() - d.seen_at)::float8::text
 from pl.documents d join pl.sources s on s.id = d.source_id
 where s.name = $1 and d.delete_at is not null and d.status <> 'deleted'
 and ($2::text is null or d.url = $2) order by d.delete_at, d.url;

-- name: undo
with chosen as materialized (select d.id, d.delete_at from pl.documents d
  join pl.sources s on s.id = d.source_id where s.name = $1
  and d.delete_at is not null and d.status <> 'deleted'
  and ($2::text is null or d.url = $2)
  order by d.id for no key update of d),
 kept as (update pl.documents d set delete_at = null from chosen c
  where d.id = c.id returning d.id, d.url, d.title, d.seen_at)
select id, url, title,
 to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 null::text, extract(epoch from now() - seen_at)::float8::text
 from kept order by url;

-- name: lock
select d.id from pl.documents d join pl.sources s on s.id = d.source_id
 where s.name = $1 and d.delete_at is not null and d.status <> 'deleted'
 and ($2::text is null or d.url = $2) order by d.id for update of d;

-- name: delete
select pl.delete_documents(array(select d.id from pl.documents d
 join pl.sources s on s.id = d.source_id where s.name = $1
 and d.delete_at is not null and d.status <> 'deleted'
 and ($2::text is null or d.url = $2)));
