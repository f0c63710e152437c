-- counters - what happened, counted for ever

-- name: fold
-- $1 sources and $2 errors have labels of their own.
select pl.fold_counters($1::integer, $2::integer);

-- name: read
-- In one statement, so that the numbers are of one instant. Buckets are
-- cumulative here. The order is that of the text.
with d as (select o.outcome, b.bound, sum(coalesce(c.value, 0))
   over (partition by o.outcome order by b.bound nulls last) as value
  from unnest(array['stored', 'failed']) as o(outcome)
  cross join unnest(pl.duration_bounds() || null::integer) as b(bound)
  left join pl.counters c on c.name = 'duration'
   and c.labels = array[o.outcome, coalesce(b.bound::text, '+Inf')]),
 r as (select name, labels[1] as l1, labels[2] as l2, labels[3] as l3, value,
   null::integer as bound from pl.counters where name <> 'duration'
   and name <> 'duration_sum'
  union all select 'duration_bucket', outcome,
   coalesce((bound / 1000.0::float8)::text, '+Inf'), null, value, bound from d
  union all select 'duration_count', outcome, null, null, value, null from d
   where bound is null
  union all select 'duration_sum', d.outcome, null, null,
   coalesce(c.value, 0), null from d left join pl.counters c
   on c.name = 'duration_sum' and c.labels = array[d.outcome]
   where d.bound is null)
select name, l1, l2, l3, value from r
 order by name, l1, bound nulls last, l2, l3;
