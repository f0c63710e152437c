-- listing - lists for people; the C code depends on the order of the columns

-- name: sources
select s.id, s.name, s.kind, s.uri, s.status,
 coalesce(d.documents, 0), coalesce(d.stored, 0),
 coalesce(d.incomplete, 0), coalesce(d.failed, 0), coalesce(d.chunks, 0),
 s.job_id,
 to_char(s.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 extract(epoch from now() - s.updated_at)::float8::text, s.collection
 from pl.sources s left join (select source_id,
  count(*) filter (where status <> 'deleted') as documents,
  count(*) filter (where status = 'stored') as stored,
  count(*) filter (where status <> 'deleted' and exists (select
   from pl.collection_documents l where l.document_id = id
   and l.failed_chunks > 0)) as incomplete,
  count(*) filter (where status = 'failed') as failed,
  sum(chunk_count) filter (where status <> 'deleted') as chunks
  from pl.documents group by source_id) as d
 on d.source_id = s.id order by s.name;

-- name: workers
-- $1 seconds after which a worker is lost; after $2 seconds it is forgotten, also
-- where no sync deletes its row.
select name, host, pid, array_to_string(queues, ','),
 case when status <> 'stopped' and heartbeat_at <
  now() - $1 * interval '1 second' then 'lost' else status end,
 tasks, documents, busy_milliseconds / 1000.0,
 to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(heartbeat_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 extract(epoch from now() - heartbeat_at)::float8::text
 from pl.workers where heartbeat_at > now() - $2 * interval '1 second'
 order by heartbeat_at desc, name;

-- name: recent
-- Documents of a job that were done within the last $2 seconds.
select count(*) from pl.job_documents where job_id = $1
 and status in ('stored', 'failed')
 and finished_at > now() - $2 * interval '1 second';

-- name: failures
select count(*), coalesce(stage, error->>'stage', ''),
 coalesce(error->>'class', ''),
 min(coalesce(nullif(error->>'message', ''), error->>'code',
  'no reason was given'))
 from pl.job_documents where job_id = $1 and status = 'failed'
 group by 2, 3, error->>'code' order by 1 desc limit 5;
