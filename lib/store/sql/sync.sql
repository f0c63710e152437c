-- sync - which jobs and queues Postgres knows

-- name: has_job
select count(*) from pl.jobs where id = $1;

-- name: known_queues
select name from unnest($1::text[]) as q(name) where exists
 (select from pl.tasks t where t.queue = name) or exists
 (select from pl.workers w where name = any(w.queues));
