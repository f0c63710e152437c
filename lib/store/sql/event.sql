-- event - what senders sent, and what is sent to others

-- name: list
-- $1 source or null, $2 only events that wait, $3 only those that failed, $4 limit.
select e.id, s.name, e.delivery_id, e.type, case when e.handled_at is null
  then 'waiting' when e.error is not null then 'failed' else 'handled' end,
 octet_length(e.body), e.repeats, e.job_id, e.error->>'message',
 to_char(e.received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(e.handled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 extract(epoch from now() - e.received_at)::float8::text
 from pl.webhook_events e join pl.sources s on s.id = e.source_id
 where ($1::text is null or s.name = $1)
 and (not $2 or e.handled_at is null) and (not $3 or e.error is not null)
 order by e.id desc limit $4;

-- name: event
-- One JSON object, without the body.
select json_build_object('id', e.id, 'source', s.name,
 'delivery_id', e.delivery_id, 'event', e.type,
 'status', case when e.handled_at is null then 'waiting'
  when e.error is not null then 'failed' else 'handled' end,
 'content_type', e.content_type, 'headers', e.headers,
 'bytes', octet_length(e.body), 'sha256', encode(e.digest, 'hex'),
 'repeats', e.repeats, 'job_id', e.job_id, 'error', e.error,
 'received_at', to_char(e.received_at at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 'handled_at', to_char(e.handled_at at time zone 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
 from pl.webhook_events e join pl.sources s on s.id = e.source_id
 where e.id = $1;

-- name: body
select body from pl.webhook_events where id = $1;

-- name: lock_event
-- The job of the event, and whether it is open.
select j.id, coalesce(j.status in ('pending', 'queued', 'in_progress'), false)
 from pl.webhook_events e left join pl.jobs j on j.id = e.job_id
 where e.id = $1 for update of e;

-- name: replay
with e as (update pl.webhook_events e set handled_at = null, error = null,
  job_id = pl.add_ingest(e.source_id, jsonb_build_object('event', e.id), now())
  where e.id = $1 returning e.job_id) select job_id from e;

-- name: drop
-- Events that were handled and are older than $1 Unix seconds.
delete from pl.webhook_events where handled_at is not null
 and received_at < to_timestamp($1);
