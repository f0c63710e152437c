-- document_load - saved documents

-- name: load
select d.id, d.id::text as id, s.name as source, d.url, d.title,
 d.content, d.content_type, d.content_hash, d.metadata
 from pl.documents d join pl.sources s on s.id = d.source_id
 where d.id = any($1) and d.content is not null and d.status <> 'deleted';
