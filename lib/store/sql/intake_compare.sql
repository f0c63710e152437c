-- intake_compare - documents of a run, compared with what their source has

-- name: batch
-- Of the documents that came and are not unchanged: how many are new, have
-- another text, have the same text. If $1, also how many of the new ones have a
-- text that their source has.
with came as materialized (select i.kind, i.source_id, i.content_hash,
  d.content_hash as old_hash
  from pg_temp.pl_incoming i left join pl.documents d
   on d.id = i.id and d.status <> 'deleted' and d.content is not null
  where i.kind in ('d', 's'))
select count(*) filter (where kind = 'd' and old_hash is null),
 count(*) filter (where kind = 'd' and old_hash <> content_hash),
 count(*) filter (where kind = 's' and old_hash is not null
  or kind = 'd' and old_hash = content_hash),
 case when $1 then (select count(*) from came where kind = 'd'
  and old_hash is null and content_hash in (select d.content_hash
   from pl.documents d where d.status <> 'deleted' and d.source_id in
    (select source_id from came))) else 0 end
 from came;

-- name: copies
-- $1 a job, $2 how many documents it has. How much of its source is looked at
-- depends on $2, so that a small job stays quick.
with job as materialized (select id, source_id, created_at from pl.jobs
  where id = $1::uuid),
 mine as materialized (select d.url, d.content_hash,
  d.first_seen_at >= j.created_at as is_new
  from job j join pl.job_documents w on w.job_id = j.id
  join pl.documents d on d.id = w.document_id),
 others as materialized (select d.url, d.content_hash from job j
  join pl.documents d on d.source_id = j.source_id
  where d.first_seen_at < j.created_at and d.status <> 'deleted'
   and d.content_hash is not null limit $2::bigint * 10 + 1000),
 same as (select m.url, o.url as other from mine m
  join (select content_hash, min(url) as url from others
   group by content_hash) o on o.content_hash = m.content_hash
  where not exists (select from mine where not is_new))
select count(*), (array_agg(url order by url))[1],
 (array_agg(other order by url))[1] from same;
