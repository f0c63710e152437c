-- job_find - find jobs, and their accounts

-- name: by_id
select id from pl.jobs where id = $1::uuid;

-- name: latest
select id from pl.jobs order by created_at desc, id desc
 limit 1;

-- name: by_source
select j.id from pl.jobs j join pl.sources s
 on s.id = j.source_id where s.name = $1
 order by j.created_at desc, j.id desc limit 1;

-- name: by_beginning
select id from pl.jobs
 where id::text like lower($1) || '%' limit 2;

-- name: accounts
-- $1 source, $2 statuses, $3 limit, $4 id; null, and an empty $2, choose all.
-- Counting is expensive, so the ids are chosen first. The columns are in the
-- order of enum job_column.
with chosen as materialized (select j.id from pl.jobs j
 left join pl.sources s on s.id = j.source_id
 where ($1::text is null or s.name = $1)
 and (cardinality($2) = 0 or j.status = any($2))
 and ($4::uuid is null or j.id = $4)
 order by j.created_at desc, j.id desc limit $3)
select a.id, a.type, a.source, a.status, a.documents, a.stored,
 a.unchanged, a.failed, a.canceled, a.waiting, a.in_flight, a.tasks,
 a.error, a.details, a.sealed,
 to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(a.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(a.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 extract(epoch from now() - a.created_at)::float8::text,
 extract(epoch from now() - a.started_at)::float8::text,
 extract(epoch from now() - a.finished_at)::float8::text,
 (select s.status from pl.sources s where s.id = a.source_id),
 a.unique_key,
 (select coalesce(sum(d.chunks), 0) from pl.job_documents d
  where d.job_id = a.id), a.incomplete, a.collection
 from pl.job_accounts a where a.id in (select id from chosen)
 order by a.created_at desc, a.id desc;

-- name: by_unique_key
select id from pl.jobs where unique_key = $1
 and status in ('pending', 'queued', 'in_progress');
