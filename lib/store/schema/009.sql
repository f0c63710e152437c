-- Schema pl, version 9: collections have recipes; the ledger says what is stored
-- in each of them.

-- A recipe decides texts and vectors: pl-chunk says its part chunk, pl-embed its
-- part embed, and query, how a query is embedded. A part that nobody said is null.
-- "pl/2 max=1600c" has the version 2 and the settings "pl max=1600c".
create table pl.recipes (
	id integer generated always as identity primary key,
	chunk text check (octet_length(chunk) <= 1024),
	embed text check (octet_length(embed) <= 1024),
	query jsonb,
	settings text generated always as
	    (regexp_replace(chunk, '^([^ /]*)/[0-9]{1,9}(?![^ ])', '\1')) stored,
	version integer generated always as
	    (substring(chunk from '^[^ /]*/([0-9]{1,9})(?![^ ])')::integer) stored
);
create unique index recipes_parts
    on pl.recipes (coalesce(chunk, ''), coalesce(embed, ''));
alter table pl.recipes enable row level security;

-- A collection may exist before its first vector: then its model and width are
-- null, and it has no chunk table yet. taken_at: when its recipe took the place of
-- another one. refused: the recipe that pl-store refused last. query: how a query
-- is embedded, as pl-embed says it. pipeline: what 'pl run' and 'pl worker' run.
alter table pl.collections add id integer generated always as identity unique;
alter table pl.collections alter model drop not null;
alter table pl.collections alter dimensions drop not null;
alter table pl.collections alter vector_type drop not null;
alter table pl.collections add recipe integer references pl.recipes;
alter table pl.collections add taken_at timestamptz not null
    default '-infinity';
alter table pl.collections add refused integer references pl.recipes;
alter table pl.collections add refused_at timestamptz;
alter table pl.collections add query jsonb;
alter table pl.collections add pipeline text;

-- A shell runs the pipeline: nobody writes it but the owner, whatever was granted.
create function pl.guard_pipeline() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
	if not pg_has_role(current_user, (select c.relowner from pg_class c
	    where c.oid = tg_relid), 'member') then
		raise exception 'only the owner of pl.collections writes a pipeline'
		    using errcode = 'insufficient_privilege';
	end if;
	return new;
end $$;
create trigger guard_pipeline before insert on pl.collections for each row
    when (new.pipeline is not null) execute function pl.guard_pipeline();
create trigger guard_new_pipeline before update on pl.collections for each row
    when (new.pipeline is distinct from old.pipeline
        and new.pipeline is not null)
    execute function pl.guard_pipeline();

-- The ledger: which text of a document is stored in a collection, and by which
-- recipe. Written in the transaction of the chunks. tries: how often in a row this
-- text was stored without some of its chunks. Without foreign keys to pl.collections
-- and pl.recipes: each row that is written would lock the same two rows there, which
-- made the workers a sixth slower.
create table pl.collection_documents (
	collection_id integer not null,
	document_id uuid not null references pl.documents on delete cascade,
	content_hash text,
	recipe integer,
	-- Null: a store of the user has them.
	chunks integer,
	failed_chunks integer not null default 0,
	first_error jsonb,
	tries integer not null default 0,
	stored_at timestamptz not null default now(),
	primary key (collection_id, document_id)
) with (fillfactor = 80);
create index collection_documents_document
    on pl.collection_documents (document_id);
alter table pl.collection_documents enable row level security;

-- The ledger, judged by the recipes that the collections have now. stale: stored by
-- another recipe, or by an unknown one before the collection's recipe changed.
-- older: stored by another version of pl-chunk with the same settings.
create view pl.stored_documents as
	select c.name as collection, l.document_id, l.content_hash, l.recipe,
	    l.chunks, l.failed_chunks, l.first_error, l.tries, l.stored_at,
	    j.stale, (not j.stale and r.settings = now.settings
	        and r.version < now.version) is true as older
	  from pl.collection_documents l
	  join pl.collections c on c.id = l.collection_id
	  left join pl.recipes r on r.id = l.recipe
	  left join pl.recipes now on now.id = c.recipe
	  cross join lateral (select (r.settings <> now.settings
	      or r.embed <> now.embed or (r.chunk is null or r.embed is null)
	          and l.stored_at < c.taken_at) is true as stale) as j;

-- The documents of collections, compared with what is saved of them. behind: another
-- text of the document is saved.
create view pl.collection_states as
	select s.*, d.source_id, d.status, d.content is not null as is_saved,
	    (d.content is not null and d.content_hash is distinct from
	        s.content_hash) as behind
	  from pl.stored_documents s join pl.documents d on d.id = s.document_id
	 where d.status <> 'deleted';

create view pl.collection_counts as
	select collection, count(*) as documents,
	    count(*) filter (where stale) as stale,
	    count(*) filter (where behind) as behind,
	    count(*) filter (where older) as older,
	    count(*) filter (where failed_chunks > 0) as incomplete,
	    coalesce(sum(chunks), 0) as chunks
	  from pl.collection_states group by collection;

-- The id of a recipe.
create function pl.recipe_id(chunk text, embed text, query jsonb)
returns integer language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	found_id integer;
begin
	loop
		select r.id into found_id from pl.recipes r
		    where coalesce(r.chunk, '') = coalesce(recipe_id.chunk, '')
		    and coalesce(r.embed, '') = coalesce(recipe_id.embed, '');
		if found then
			return found_id;
		end if;
		insert into pl.recipes (chunk, embed, query) values (recipe_id.chunk,
		    recipe_id.embed, recipe_id.query) on conflict do nothing;
	end loop;
end $$;

-- A document comes to a collection by this recipe. The first recipe becomes the
-- collection's, and so does a newer version of it. wrong: another recipe, which is
-- refused and noted. A part that is null is not compared. now_chunk and now_embed
-- are the collection's.
create function pl.use_recipe(collection integer, chunk text, embed text,
    query jsonb, out recipe integer, out wrong boolean, out now_chunk text,
    out now_embed text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	own record;
	now record;
	better integer;
begin
	wrong := false;
	if use_recipe.chunk is null and use_recipe.embed is null then
		return;
	end if;
	recipe := pl.recipe_id(use_recipe.chunk, use_recipe.embed,
	    use_recipe.query);
	select * into own from pl.recipes r where r.id = use_recipe.recipe;
	for locked in 0 .. 1 loop
		if locked = 1 then
			perform from pl.collections c where c.id = use_recipe.collection
			    for no key update;
		end if;
		select r.* into now from pl.collections c
		    left join pl.recipes r on r.id = c.recipe
		    where c.id = use_recipe.collection;
		now_chunk := now.chunk;
		now_embed := now.embed;
		wrong := (own.settings <> now.settings or own.embed <> now.embed)
		    is true;
		-- Most often there is nothing to write, and so nothing to lock.
		exit when wrong or (own.chunk is null or own.version <= now.version)
		    is true and (own.embed is null or now.embed is not null)
		    or own.id = now.id;
		if locked = 1 then
			better := pl.recipe_id(case when now.chunk is null
			    or own.version > now.version then own.chunk
			    else now.chunk end, coalesce(now.embed, own.embed),
			    coalesce(now.query, own.query));
			update pl.collections c set recipe = better,
			    query = coalesce(c.query, own.query)
			    where c.id = use_recipe.collection
			    and c.recipe is distinct from better;
		end if;
	end loop;
	if wrong then
		update pl.collections c set refused = use_recipe.recipe,
		    refused_at = now() where c.id = use_recipe.collection
		    and (c.refused is distinct from use_recipe.recipe
		        or c.refused_at < now() - interval '1 minute');
	end if;
end $$;

-- A job stores into one collection; null: the first claim of one of its tasks binds
-- it. A source may name the collection of its jobs.
alter table pl.jobs add collection text
    check (collection ~ '^[a-z0-9_]{1,40}$');
alter table pl.sources add collection text
    check (collection ~ '^[a-z0-9_]{1,40}$');
alter table pl.workers add collection text;
create index jobs_unbound on pl.jobs (id) where collection is null
    and status in ('pending', 'queued', 'in_progress');
create index jobs_bound on pl.jobs (source_id, created_at)
    where collection is not null;

-- What a refresh processes again: documents that are stale, behind or older, but for
-- those that wait in an open job of the collection.
create view pl.refreshable as
	select s.* from pl.collection_states s
	 where (s.stale or s.behind or s.older)
	    and not exists (select from pl.job_documents w join pl.jobs j
	        on j.id = w.job_id where w.document_id = s.document_id
	        and w.status in ('pending', 'processing')
	        and j.collection = s.collection
	        and j.status in ('pending', 'queued', 'in_progress'));

-- Its new column is the last, so that what was granted on it stays.
create or replace view pl.job_accounts as
	select j.id, j.type, j.source_id, j.status, j.details, j.error,
	    j.documents, j.stored, j.unchanged, j.failed, j.canceled, j.sealed,
	    j.fed_at, j.unique_key, j.timeout_seconds, j.max_attempts,
	    j.created_at, j.queued_at, j.started_at, j.finished_at,
	    s.name as source,
	    coalesce(w.waiting, 0)::integer as waiting,
	    coalesce(w.in_flight, 0)::integer as in_flight,
	    (select count(*) from pl.tasks t where t.job_id = j.id)::integer
	        as tasks, j.incomplete, j.collection
	  from pl.jobs j left join pl.sources s on s.id = j.source_id
	  left join lateral (select
	      count(*) filter (where d.status = 'pending') as waiting,
	      count(*) filter (where d.status = 'processing') as in_flight
	      from pl.job_documents d where d.job_id = j.id) w on true;

-- The queue of a job's tasks: Q, or Q@C for a collection C that is not "default".
create function pl.queue_of(queue text, collection text) returns text
language sql immutable parallel safe as $$
	select case when collection is null or collection = 'default' then queue
	    else queue || '@' || collection end
$$;
-- Q for Q and for Q@C.
create function pl.base_queue(queue text) returns text
language sql immutable strict parallel safe as $$
	select regexp_replace(queue, '@[a-z0-9_]{1,40}$', '')
$$;

-- The collection of a source's next job, unless the job names one; or null.
create function pl.collection_of(source uuid) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
	select coalesce((select s.collection from pl.sources s where s.id = source),
	    (select j.collection from pl.jobs j where j.source_id = source
	        and j.collection is not null order by j.created_at desc limit 1))
$$;

-- Bind jobs to a collection, if they are not bound yet. Another worker may have
-- bound one to another collection a moment ago: then the claim is tried again.
-- Their waiting tasks move to the queue of the collection. Tasks that another
-- worker is claiming are left out; sync moves them.
create function pl.bind_jobs(ids uuid[], name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
	update pl.jobs set collection = name
	 where id = any(ids) and collection is null;
	perform from pl.jobs where id = any(ids) and collection <> name;
	if found then
		raise exception 'another collection has taken the job'
		    using errcode = 'serialization_failure';
	end if;
	if name <> 'default' then
		update pl.tasks t set queue = pl.queue_of(pl.base_queue(t.queue),
		    name) from (select id from pl.tasks where job_id = any(ids)
		    and finished_at is null and ingest is null order by id
		    for update skip locked) w where t.id = w.id;
	end if;
end $$;

create or replace function pl.add_ingest(source uuid, what jsonb,
    due timestamptz, key text default null)
returns uuid language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	job uuid := gen_random_uuid();
begin
	insert into pl.jobs (id, source_id, unique_key, details, collection)
	values (job, source, key, jsonb_build_object('ingest', what),
	    pl.collection_of(source));
	insert into pl.tasks (id, job_id, queue, run_at, ingest)
	values (gen_random_uuid(), job, 'ingest', due, what);
	return job;
end $$;

create or replace function pl.delete_documents(ids uuid[]) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	chunks regclass;
	n bigint;
begin
	-- pl-store locks documents in this order, too, before it writes chunks.
	perform from pl.documents where id = any(ids) order by id for update;
	for chunks in select t.oid from pl.collections c join pg_class t on t.oid
	    = coalesce(to_regclass('pl.' || quote_ident(c.table_name)),
	        to_regclass(c.table_name)) order by c.name loop
		execute format('delete from %s where document_id = any($1)', chunks)
		    using ids;
	end loop;
	delete from pl.collection_documents where document_id = any(ids);
	update pl.documents set status = 'deleted', content = null,
	    content_hash = null, metadata = '{}', error = null, chunk_count = 0,
	    delete_at = null, changed_at = now()
	    where id = any(ids) and status <> 'deleted';
	get diagnostics n = row_count;
	return n;
end $$;

-- Whether this text of a document needs no work in a collection: it is stored there
-- by the collection's recipe, and whole, or was tried often enough. A job that is
-- not bound to a collection processes every text.
create function pl.is_unchanged(document uuid, hash text, name text)
returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
	select exists (select from pl.stored_documents s
	    where s.document_id = document and s.collection = name
	    and s.content_hash = hash and not s.stale
	    and (s.failed_chunks = 0 or s.tries > 3))
$$;

-- The SQL door: what is unchanged, and where a job goes, is as for pl-enqueue.
create or replace function pl.save_document(source text, url text, content text,
    title text default null, content_type text default 'text/markdown',
    metadata jsonb default '{}')
returns uuid language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	named constant text := coalesce(nullif(save_document.source, ''),
	    'default');
	kind constant text := coalesce(nullif(save_document.content_type, ''),
	    'text/markdown');
	meta constant jsonb := coalesce(save_document.metadata, '{}');
	-- A byte order mark is not text: pl-ingest drops it, too.
	body constant text := case when left(save_document.content, 1)
	    = chr(65279) then substr(save_document.content, 2)
	    else save_document.content end;
	hash text;
	of_source uuid;
	doc uuid;
	old record;
begin
	if coalesce(save_document.url, '') = '' then
		raise exception 'pl.save_document: the url is missing'
		    using errcode = 'invalid_parameter_value';
	elsif body is null or body !~ '[^ \t\n\v\f\r\u00a0\ufeff]' then
		raise exception 'pl.save_document: %: the document has no text',
		    left(save_document.url, 200)
		    using errcode = 'invalid_parameter_value', hint =
		    'Delete what has no text any more with pl.delete_document.';
	elsif jsonb_typeof(meta) <> 'object' then
		raise exception 'pl.save_document: %: metadata is not an object',
		    left(save_document.url, 200)
		    using errcode = 'invalid_parameter_value';
	end if;
	select s.id into of_source from pl.sources s where s.name = named;
	if of_source is null then
		of_source := pl.source_id(named);
		insert into pl.sources (id, name) values (of_source, named)
		    on conflict do nothing;
	end if;
	doc := pl.uuid5(of_source, save_document.url);
	hash := pl.content_hash(save_document.title, kind, body);

	select d.status, d.metadata into old from pl.documents d
	    where d.id = doc and d.content_hash = hash and d.content is not null
	    and (d.status = 'pending'
	        or d.status = 'processing' and d.metadata = meta
	        or d.status in ('stored', 'failed') and pl.is_unchanged(doc, hash,
	            pl.collection_of(of_source)))
	    for no key update;
	if found then
		update pl.documents set seen_at = now(), delete_at = null,
		    metadata = meta, status = case status when 'failed'
		    then 'stored' else status end, error = null where id = doc;
		if old.status in ('stored', 'failed') and old.metadata <> meta then
			perform pl.follow_metadata(doc, old.metadata, meta);
		elsif old.status = 'pending' then
			insert into pl.unqueued (source_id, document_id)
			    values (of_source, doc);
		end if;
		return doc;
	end if;
	insert into pl.documents as d (id, source_id, url, title, content,
	    content_type, content_hash, metadata)
	values (doc, of_source, save_document.url, save_document.title, body,
	    kind, hash, meta)
	on conflict (id) do update set title = excluded.title,
	    content = excluded.content, content_type = excluded.content_type,
	    content_hash = excluded.content_hash, metadata = excluded.metadata,
	    status = 'pending', error = null, seen_at = now(), delete_at = null,
	    changed_at = case when d.content_hash is distinct from
	        excluded.content_hash then now() else d.changed_at end;
	insert into pl.unqueued (source_id, document_id) values (of_source, doc);
	return doc;
end $$;

drop function pl.enqueue(text, text, boolean);
create function pl.enqueue(source text, queue text default 'processing',
    all_documents boolean default false, collection text default null)
returns uuid language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	line constant text := coalesce(nullif(enqueue.queue, ''), 'processing');
	of_source uuid;
	target text;
	job uuid;
	work uuid[];
	held uuid[];
	tasks uuid[];
begin
	-- One at a time for a source: a new job changes its row, too.
	select s.id into of_source from pl.sources s where s.name
	    = coalesce(nullif(enqueue.source, ''), 'default')
	    for no key update;
	with saved as (delete from pl.unqueued u where u.source_id = of_source
	    returning u.document_id)
	select array_agg(distinct d.id) into work from saved
	    join pl.documents d on d.id = saved.document_id
	    where d.status = 'pending' and d.content is not null;
	if all_documents then
		work := array(select d.id from pl.documents d
		    where d.source_id = of_source and d.content is not null
		    and d.status <> 'deleted' order by d.id);
	end if;
	work := coalesce(work, '{}');
	-- A document that waits in an open job will be read when a worker claims
	-- its task. The lock makes a claim wait for our commit, so that it reads
	-- our text. A locked row is being claimed: its worker may have read the
	-- text already.
	held := array(select w.document_id from pl.job_documents w
	    join pl.jobs j on j.id = w.job_id where w.document_id = any(work)
	    and w.status = 'pending'
	    and j.status in ('pending', 'queued', 'in_progress')
	    for share of w skip locked);
	if held <> '{}' then
		work := array(select unnest(work) except
		    select unnest(held) order by 1);
	end if;
	if work = '{}' then
		return null;
	end if;
	if all_documents then
		update pl.documents d set status = 'pending', error = null
		    where d.id = any(work) and d.status <> 'pending'
		    and d.status <> 'deleted';
	end if;

	job := pl.new_id();
	target := coalesce(enqueue.collection, pl.collection_of(of_source));
	tasks := array(select pl.new_id()
	    from generate_series(1, cardinality(work), 50));
	insert into pl.jobs (id, source_id, sealed, collection, details)
	values (job, of_source, true, target, jsonb_strip_nulls(
	    jsonb_build_object('queue', nullif(line, 'processing'))));
	insert into pl.tasks (id, job_id, queue)
	select id, job, pl.queue_of(line, target) from unnest(tasks) as t(id);
	insert into pl.job_documents (job_id, document_id, task_id)
	select job, id, tasks[(n - 1) / 50 + 1]
	    from unnest(work) with ordinality as u(id, n);
	return job;
end $$;
revoke execute on function pl.enqueue(text, text, boolean, text) from public;

-- Fill the ledger from the chunks that are there. Which text they are of is known
-- where one collection alone holds the document: other documents are done once
-- more. The recipe of all of them is unknown, and counts as the collection's.
create temporary table pl_held (collection_id integer, document_id uuid,
    chunks integer) on commit drop;
do $$
declare
	c record;
begin
	for c in select o.id, t.oid::regclass as chunks from pl.collections o
	    join pg_class t on t.oid
	        = coalesce(to_regclass('pl.' || quote_ident(o.table_name)),
	            to_regclass(o.table_name)) order by o.id loop
		execute format('insert into pl_held select %s, document_id, count(*)'
		    ' from %s group by document_id', c.id, c.chunks);
	end loop;
end $$;
create index on pl_held (document_id);
analyze pl_held;
-- Documents without chunks here are in the one collection that there is. A store of
-- the user has no chunks here, and says no collection: it is the default one.
insert into pl.collections (name, table_name)
select 'default', 'chunks_default' where not exists (select from pl.collections)
    and exists (select from pl.documents d where d.status = 'stored');
insert into pl_held
select (select id from pl.collections order by name <> 'default', id limit 1),
    d.id, d.chunk_count from pl.documents d where d.status = 'stored'
    and (d.chunk_count is null
        or d.chunk_count = 0 and (select count(*) from pl.collections) = 1)
    and not exists (select from pl_held h where h.document_id = d.id);
insert into pl.collection_documents (collection_id, document_id, content_hash,
    chunks, failed_chunks, first_error, tries, stored_at)
select h.collection_id, h.document_id, case when d.status = 'stored'
    and not exists (select from pl_held other
        where other.document_id = h.document_id
        and other.collection_id <> h.collection_id) then d.content_hash end,
    h.chunks, d.failed_chunks, d.first_error, d.incomplete_tries,
    coalesce(d.processed_at, now())
  from pl_held h join pl.documents d on d.id = h.document_id
 where d.status <> 'deleted';
-- A source's next job goes where its documents are, if that is one place.
update pl.jobs j set collection = s.name from (select d.source_id,
    min(c.name) as name from pl.collection_documents l
    join pl.documents d on d.id = l.document_id
    join pl.collections c on c.id = l.collection_id
    group by d.source_id having count(distinct c.id) = 1) s
 where j.id = (select l.id from pl.jobs l where l.source_id = s.source_id
    and l.status not in ('pending', 'queued', 'in_progress')
    order by l.created_at desc limit 1);
-- The ledger keeps these for each collection.
drop index pl.documents_incomplete;
alter table pl.documents drop failed_chunks, drop first_error,
    drop incomplete_tries;
create index collection_documents_incomplete
    on pl.collection_documents (document_id) where failed_chunks > 0;
analyze pl.collection_documents;

-- Whoever could read or write pl.documents can do so with the tables that keep what
-- stood there.
do $$
declare
	g record;
begin
	for g in select distinct privilege_type as what,
	    case when grantee = 0 then 'public' else grantee::regrole::text
	    end as whom
	    from pg_class c, aclexplode(c.relacl) a
	    where c.oid = 'pl.documents'::regclass and a.grantee <> c.relowner
	    and privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') loop
		execute format('grant %s on pl.collection_documents, pl.recipes to %s',
		    g.what, g.whom);
		if g.what = 'SELECT' then
			execute format('grant select on pl.stored_documents,'
			    ' pl.collection_states, pl.collection_counts,'
			    ' pl.refreshable to %s', g.whom);
		end if;
	end loop;
end $$;
