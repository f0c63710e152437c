-- intake_job - an open job that gets more documents

-- name: get_job
select coalesce(details->>'queue', 'processing'), details->>'function',
 timeout_seconds, not sealed and status in ('pending', 'queued', 'in_progress'),
 collection
 from pl.jobs where id = $1;
