-- prune - delete what a source no longer has

-- name: clock
select clock_timestamp()::text;

-- name: wants
select prune::int from pl.sources where id = $1;

-- name: prune
-- $1 source, $2 when its listing began, $3 grace in milliseconds and $4 percent,
-- or -1: the source's own; $5 whether to prune although the source is not set to.
select p.absent, p.live, p.stopped, g.max_delete,
 extract(epoch from g.grace)::bigint
 from pl.sources s
 cross join lateral (select
  case when $3 < 0 then s.grace else $3 * interval '1 millisecond' end as grace,
  case when $4 < 0 then s.max_delete else $4::int end as max_delete) g
 cross join lateral pl.prune(s.id, $2::timestamptz, g.grace, g.max_delete) p
 where s.id = $1 and ($5 or s.prune);

-- name: note
-- What became of a listing, with the job.
update pl.jobs set details = details || jsonb_build_object('prune',
 jsonb_build_object('absent', $2::bigint, 'documents', $3::bigint,
  'stopped', $4::boolean)) where id = $1::uuid;

-- name: documents
select id, url from pl.documents where source_id = $1 and status <> 'deleted'
 order by url;

-- name: drop
select pl.drop_documents($1, $2)::int;
