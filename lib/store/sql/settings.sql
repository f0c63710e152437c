-- settings - sources with their settings
--
-- A setting that is null does not change; an empty text, or a -1 in the place of a
-- new source's number, is the standard value.

-- name: add
-- $1 id, $2 name, $3 uri, $4 verifier, $5 map, $6 notify, $7 prune (-1, 0, 1),
-- $8 seconds of grace, $9 percent, $10 collection.
insert into pl.sources (id, name, uri, verifier, map, notify, prune, grace,
  max_delete, collection)
 values ($1, $2, nullif($3, ''), nullif($4, ''), nullif($5, ''),
  nullif($6, ''), $7 = 1, case when $8 < 0 then interval '7 days'
   else $8 * interval '1 second' end,
  case when $9 < 0 then 10 else $9 end, nullif($10, ''))
 on conflict do nothing;

-- name: change
-- As in add, without the id.
update pl.sources set uri = case when $2::text is null then uri
  else nullif($2, '') end,
 verifier = case when $3::text is null then verifier
  else nullif($3, '') end,
 map = case when $4::text is null then map else nullif($4, '') end,
 notify = case when $5::text is null then notify
  else nullif($5, '') end,
 prune = case when $6 < 0 then prune else $6 = 1 end,
 grace = case when $7 < 0 then grace
  else $7 * interval '1 second' end,
 max_delete = case when $8 < 0 then max_delete else $8 end,
 collection = case when $9::text is null then collection
  else nullif($9, '') end,
 updated_at = now()
 where name = $1;

-- name: source
-- One JSON object; "hook" is the path of its webhook, the name percent-encoded.
-- "documents" has the documents by status, and "waits_for_deletion" counts those
-- of them that a complete listing lacked. "jobs" has the last five.
select json_build_object('id', s.id, 'name', s.name, 'status', s.status,
 'uri', s.uri, 'verifier', s.verifier,
 'hook', case when s.verifier is not null then '/hook/' || (
  select string_agg(case when chr(b) ~ '[A-Za-z0-9._~-]' then chr(b)
   else '%' || upper(lpad(to_hex(b), 2, '0')) end, '' order by i)
  from (select i, get_byte(convert_to(s.name, 'UTF8'), i) as b
   from generate_series(0, octet_length(convert_to(s.name, 'UTF8')) - 1)
    as g(i)) as c) end,
 'map', s.map, 'notify', s.notify, 'prune', s.prune,
 'grace_seconds', extract(epoch from s.grace)::bigint,
 'max_delete', s.max_delete, 'collection', s.collection,
 'documents', coalesce((select json_object_agg(d.status, d.n order by d.status)
  from (select status, count(*) as n from pl.documents
   where source_id = s.id group by status) as d), '{}'),
 'waits_for_deletion', (select count(*) from pl.documents d
  where d.source_id = s.id and d.delete_at is not null
   and d.status <> 'deleted'),
 'events_unhandled', (select count(*) from pl.webhook_events e
  where e.source_id = s.id and e.handled_at is null),
 'jobs', (select coalesce(json_agg(json_build_object('id', j.id,
   'status', j.status, 'documents', j.documents, 'stored', j.stored,
   'unchanged', j.unchanged, 'failed', j.failed, 'canceled', j.canceled,
   'created_at', to_char(j.created_at at time zone 'UTC',
   'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
   'finished_at', to_char(j.finished_at at time zone 'UTC',
   'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by j.created_at desc, j.id desc),
   '[]') from (select * from pl.jobs where source_id = s.id
   order by created_at desc, id desc limit 5) as j),
 'job_id', s.job_id, 'created_at', to_char(s.created_at at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 'updated_at', to_char(s.updated_at at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
 from pl.sources s where s.name = $1;

-- name: history
-- For a table: ids are short. What made each job: a crawl, an event, or nothing that
-- is known.
select left(j.id::text, 13), j.status, case when j.details->'ingest' ? 'crawl' then 'crawl '
  || (j.details->'ingest'->>'crawl') when j.details->'ingest' ? 'event'
  then 'event ' || (j.details->'ingest'->>'event') end,
 j.documents, j.stored, j.incomplete, j.unchanged, j.failed, j.canceled,
 coalesce(j.error->>'message', ''), to_char(j.created_at at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(j.finished_at at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 extract(epoch from j.finished_at - j.created_at)::float8::text,
 extract(epoch from now() - j.created_at)::float8::text
 from pl.jobs j join pl.sources s on s.id = j.source_id
 where s.name = $1 order by j.created_at desc, j.id desc limit $2;

-- name: delete_source
select open_job, documents, chunks, jobs, events
 from pl.sources s, pl.delete_source(s.id) where s.name = $1;

-- name: count_documents
select count(d.id) from pl.sources s left join pl.documents d
 on d.source_id = s.id and d.status <> 'deleted'
 where s.name = $1 group by s.id;
