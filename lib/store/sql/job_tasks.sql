-- job_tasks - tasks of a job, for Redis

-- name: pending
select id from pl.tasks where job_id = $1 and status = 'pending'
 and ingest is null
 order by id;

-- name: canceled
select id from pl.tasks where job_id = $1
 and status = 'canceled' order by id;
