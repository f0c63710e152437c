-- catalog_recipe - the recipe of a collection, and the one that was refused

-- name: show
-- $1 the collection.
select json_build_object('collection', c.name, 'chunk', now.chunk,
 'embed', now.embed, 'query', c.query,
 'taken_at', pl.api_time(nullif(c.taken_at, '-infinity')),
 'refused_chunk', no.chunk, 'refused_embed', no.embed,
 'refused_at', pl.api_time(c.refused_at), 'stale', (select count(*)
  from pl.stored_documents s where s.collection = c.name and s.stale)),
 (select count(*) from pl.stored_documents s where s.collection = c.name
  and s.stale), c.refused is not null
 from pl.collections c left join pl.recipes now on now.id = c.recipe
 left join pl.recipes no on no.id = c.refused where c.name = $1;

-- name: lock
-- The collection's model, and the model and the width that the refused recipe
-- names: null if it names none.
select c.model, coalesce(no.query->>'model',
  substring(no.embed from '(?:^| )model=(?!sha256:)([^ "]+)')),
 c.dimensions, substring(no.embed from '(?:^| )dimensions=([0-9]{1,9})(?![^ ])')
  ::integer, c.refused is not null
 from pl.collections c left join pl.recipes no on no.id = c.refused
 where c.name = $1 for no key update of c;

-- name: take
-- A part that the refused recipe lacks stays.
update pl.collections c set recipe = pl.recipe_id(
  coalesce(no.chunk, now.chunk), coalesce(no.embed, now.embed),
  coalesce(no.query, now.query)),
 query = coalesce(no.query, c.query), taken_at = now(), refused = null,
 refused_at = null
 from pl.collections o join pl.recipes no on no.id = o.refused
 left join pl.recipes now on now.id = o.recipe
 where o.name = $1 and c.name = o.name;
