-- job_documents - documents of jobs, in the order of enum job_document_column
--
-- $1 job; $2 statuses, $3 document, $4 url, $5 class and $6 limit choose
-- (job_choice.h); the columns from the source on are null unless $7.

-- name: of_job
select j.document_id::text, d.url, j.status, j.attempts::text, j.stage,
 j.error::text, j.chunks::text, j.milliseconds::text,
 to_char(j.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(j.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 j.failed_chunks::text, j.first_error::text,
 case when $7 then s.name end, case when $7 then d.title end,
 case when $7 then d.content end, case when $7 then d.content_type end,
 case when $7 then d.content_hash end, case when $7 then d.metadata::text end
 from pl.job_documents j join pl.documents d
 on d.id = j.document_id join pl.sources s on s.id = d.source_id
 where j.job_id = $1 and (cardinality($2) = 0 or j.status = any($2)
  or 'incomplete' = any($2) and j.status = 'stored' and j.failed_chunks > 0)
 and ($3::uuid is null or j.document_id = $3)
 and ($4::text is null or d.url = $4)
 and ($5::text is null or j.error->>'class' = $5)
 order by j.document_id limit $6;

-- name: failed
-- The last failure, in any job, of each document that is failed now: $1 is
-- null. When its job was pruned, the document itself knows the error.
select d.id::text, d.url, d.status, coalesce(j.attempts, 0)::text,
 coalesce(j.stage, d.error->>'stage'), coalesce(j.error, d.error)::text,
 j.chunks::text, j.milliseconds::text,
 to_char(j.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(j.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 j.failed_chunks::text, j.first_error::text,
 case when $7 then s.name end, case when $7 then d.title end,
 case when $7 then d.content end, case when $7 then d.content_type end,
 case when $7 then d.content_hash end, case when $7 then d.metadata::text end
 from pl.documents d join pl.sources s on s.id = d.source_id
 left join lateral (select * from pl.job_documents l
  where l.document_id = d.id and l.status = 'failed'
  order by l.finished_at desc nulls last limit 1) j on true
 where d.status = 'failed' and $1::uuid is null
 and (cardinality($2) = 0 or d.status = any($2))
 and ($3::uuid is null or d.id = $3)
 and ($4::text is null or d.url = $4)
 and ($5::text is null or coalesce(j.error, d.error)->>'class' = $5)
 order by d.id limit $6;

-- name: incomplete
-- The documents that lack chunks now, whoever stored them, in the collection that
-- stored them last: $1 is null, $2 is ignored.
select d.id::text, d.url, d.status, coalesce(j.attempts, 0)::text,
 l.first_error->>'stage', null, l.chunks::text, j.milliseconds::text,
 to_char(j.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(l.stored_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 l.failed_chunks::text, l.first_error::text,
 case when $7 then s.name end, case when $7 then d.title end,
 case when $7 then d.content end, case when $7 then d.content_type end,
 case when $7 then d.content_hash end, case when $7 then d.metadata::text end
 from pl.documents d join pl.sources s on s.id = d.source_id
 join lateral (select * from pl.collection_documents l
  where l.document_id = d.id and l.failed_chunks > 0
  order by l.stored_at desc limit 1) l on true
 left join lateral (select * from pl.job_documents w
  where w.document_id = d.id and w.status = 'stored'
  order by w.finished_at desc nulls last limit 1) j on true
 where d.status <> 'deleted' and $1::uuid is null
 and cardinality($2::text[]) >= 0
 and ($3::uuid is null or d.id = $3)
 and ($4::text is null or d.url = $4)
 and ($5::text is null or l.first_error->>'class' = $5)
 order by d.id limit $6;

-- name: drop
update pl.documents set status = 'deleted'
 where id = any($1) and status = 'failed';
