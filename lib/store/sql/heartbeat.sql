-- heartbeat - the rows of workers

-- name: send
insert into pl.workers as w (name, host, pid, queues, status, tasks,
 documents, busy_milliseconds, collection)
 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
 on conflict (name) do update set status = excluded.status,
 heartbeat_at = now(), tasks = w.tasks + excluded.tasks,
 documents = w.documents + excluded.documents,
 busy_milliseconds = w.busy_milliseconds + excluded.busy_milliseconds;

-- name: idle
-- $3 seconds after which a worker counts as dead.
select count(*) from pl.workers where status = 'idle' and name <> $1
 and queues && $2::text[] and heartbeat_at > now() - $3 * interval '1 second';

-- name: end
delete from pl.workers where name = $1;

-- name: forget
-- $1 seconds, long enough for people to see which worker died.
delete from pl.workers where heartbeat_at < now() - $1 * interval '1 second';
