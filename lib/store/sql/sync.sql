-- sync - which jobs and queues Postgres knows

-- name: has_job
select count(*) from pl.jobs where id = $1;

-- name: known_queues
-- Queue Q is known if Q@C is: other programs know only Q.
select q.name from unnest($1::text[]) as q(name) where exists
 (select from pl.tasks t where t.queue = q.name) or exists
 (select from pl.workers w, unnest(w.queues) as s(queue)
  where q.name in (s.queue, pl.base_queue(s.queue))) or exists
 (select from pl.collections c join pl.tasks t
  on t.queue = pl.queue_of(q.name, c.name));
