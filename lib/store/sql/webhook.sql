-- webhook - events that senders delivered, and the sources that have a webhook

-- Save events with the jobs that they cause, in the order of the arrays.
-- name: receive
select e.n, r.event, r.job, r.is_repeat
 from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::text[],
  $6::text[], $7::bytea[], $8::text[], $9::text[]) with ordinality
  as e(source, delivery, digest, type, content_type, headers, body, action,
  crawl, n),
 pl.receive(e.source, e.delivery, e.digest, e.type, e.content_type,
  e.headers::jsonb, e.body, e.action, e.crawl) as r;

-- One event: an array would copy a long body several times.
-- name: receive_one
select 1, r.event, r.job, r.is_repeat
 from pl.receive($1::uuid, $2::text, $3::bytea, $4::text, $5::text, $6::text::jsonb,
  $7::bytea, $8::text, $9::text) as r;

-- name: sources
select id, name, verifier, map is not null from pl.sources
 where verifier is not null order by name collate "C";
