-- outbox - what is to be told to others when a job ends

-- name: claim
-- $1 seconds of the lease, $2 tries at most. One notification that is due; nobody
-- else takes it before the lease is over.
with due as (select id from pl.notifications where next_at <= now()
  and tries < $2 order by next_at, id limit 1 for update skip locked)
update pl.notifications n set tries = n.tries + 1,
 next_at = now() + $1 * interval '1 second'
 from due where n.id = due.id returning n.id, n.url, n.body, n.tries;

-- name: sent
-- $1 id, $2 the try. A later try has the word.
update pl.notifications set sent_at = now(), next_at = null, error = null
 where id = $1 and tries = $2;

-- name: failed
-- $3 error, $4 seconds until the next try; below 0: no more tries.
update pl.notifications set error = $3::jsonb, next_at = case when $4 >= 0
  then now() + $4 * interval '1 second' end
 where id = $1 and tries = $2;

-- name: give_up
-- A sender was lost in the last of $1 tries.
update pl.notifications set next_at = null, error = coalesce(error,
 '{"stage": "notify", "class": "internal", "code": "sender_lost", "message":
 "the sender was lost in the last try"}')
 where next_at <= now() and tries >= $1;

-- name: notifications
-- $1 source or null, $2 only what waits, $3 only what was given up, $4 limit, $5
-- ids or null.
select n.id, n.job_id, s.name, n.url, case when n.sent_at is not null
  then 'sent' when n.next_at is null then 'given_up' else 'waiting' end,
 n.tries, n.body, n.error->>'message',
 to_char(n.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(n.next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 to_char(n.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 extract(epoch from now() - n.created_at)::float8::text
 from pl.notifications n left join pl.jobs j on j.id = n.job_id
 left join pl.sources s on s.id = j.source_id
 where ($1::text is null or s.name = $1)
 and (not $2 or n.next_at is not null)
 and (not $3 or n.next_at is null and n.sent_at is null)
 and ($5::uuid[] is null or n.id = any($5::uuid[]))
 order by n.created_at desc, n.id limit $4;

-- name: drop
-- What was sent or given up, and is older than $1 Unix seconds.
delete from pl.notifications where next_at is null
 and created_at < to_timestamp($1);
