-- job_change - what changes of a job have in common

-- name: lock
select status, sealed, documents > 0, documents - stored
 - unchanged - failed - canceled
 from pl.jobs where id = $1 for update;
