-- collection_recipe - the recipes of collections

-- name: use
-- $1 the collection, $2 the part by pl-chunk, $3 the part by pl-embed, $4 how a
-- query is embedded.
select recipe, wrong, now_chunk, now_embed
 from pl.use_recipe($1::integer, $2, $3, $4::jsonb);
