-- collection_search - the nearest chunks of a collection

-- name: all_vectors
-- %s: the table.
select document_id, index, embedding from %s;

-- name: widen_scan
-- An HNSW scan gives at most ef_search rows; the default is 40.
select set_config('hnsw.ef_search', $1::text, true);

-- name: nearest
-- %s: the score from distance; schema, operator, schema, type; the table; then
-- schema, operator, schema, type once more.
select document_id, index, %s from (select document_id, index,
 embedding operator(%s.%s) $1::%s.%s as distance from %s
 order by embedding operator(%s.%s) $1::%s.%s limit $2) as near;

-- name: fetch_chunks
-- %s: the table. In the order of enum collection_column.
select c.id, c.document_id, s.name, d.url, d.title, c.index,
 c.start, c."end", to_json(c.headings), c.context, c.text
 from unnest($1::uuid[], $2::integer[]) with ordinality
  as h(document_id, index, place)
 join %s c on c.document_id = h.document_id and c.index = h.index
 join pl.documents d on d.id = c.document_id
 join pl.sources s on s.id = d.source_id order by h.place;
