-- recipe_words - the recipe of a collection, in a few words for people

-- name: get
select r.chunk, r.embed, c.model from pl.collections c
 left join pl.recipes r on r.id = c.recipe where c.name = $1;
