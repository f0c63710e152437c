-- due - work that becomes due in Postgres alone

-- name: look
-- $1 queues, $2 how many tasks. One session looks at a time. A task that is
-- pending for a second was not pushed by whoever made it.
with me as materialized (
  select pg_try_advisory_xact_lock(7092026003) as may_look),
 t as (select t.id from pl.tasks t, me where me.may_look
  and t.finished_at is null and t.status = 'pending' and t.ingest is null
  and t.queue = any($1) and t.run_at <= now()
  and t.created_at < now() - interval '1 second'
  order by t.run_at, t.id limit $2)
 select 'task', id from t
 union all select 'deletion', null from me where may_look and exists
 (select from pl.documents where delete_at <= now())
 union all select 'notification', null from me where may_look and exists
 (select from pl.notifications where next_at <= now());

-- name: delete
-- $1 how many documents.
select pl.delete_documents(array(select id from pl.documents
 where delete_at <= now() order by delete_at limit $1));
