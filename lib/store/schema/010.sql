-- Version 10: roles that may work, enqueue or read.

-- Roles that 'pl-jobctl grant' admitted. pl.apply_roles makes privileges and
-- policies of them.
create table pl.roles (
	role regrole primary key,
	kind text not null check (kind in ('worker', 'enqueuer', 'reader')),
	granted_at timestamptz not null default now()
);
alter table pl.roles enable row level security;

-- What a kind of role may do with a table or view: privileges, as in grant. A
-- worker also enqueues, as it reads crawls. An enqueuer deletes chunks of documents
-- that vanished, and writes new metadata to chunks.
create function pl.privileges(kind text, relation regclass) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
	select case
	    when kind = 'reader' or c.relkind = 'v'
	        or c.relname in ('roles', 'schema_version') then 'select'
	    when kind = 'worker' and c.relname in ('sources', 'documents', 'jobs',
	        'job_documents', 'collections', 'recipes', 'counters')
	        then 'select, insert, update'
	    when kind = 'worker' then 'select, insert, update, delete'
	    when c.relname in ('sources', 'documents', 'jobs', 'job_documents',
	        'webhook_events') then 'select, insert, update'
	    when c.relname in ('tasks', 'unqueued')
	        then 'select, insert, update, delete'
	    when c.relname = 'collection_documents' or exists (select
	        from pl.collections o where o.table_name = c.relname)
	        then 'select, update, delete'
	    else 'select' end
	  from pg_class c where c.oid = relation
$$;

-- Whether the caller may see the rows of pl's tables.
create function pl.sees_rows() returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
	select not row_security_active('pl.jobs') or exists (select from pg_policy p,
	    unnest(p.polroles) as r where p.polrelid = 'pl.jobs'::regclass
	    and p.polname = 'pl_roles' and pg_has_role(r, 'usage'))
$$;

-- A view shows no more rows than its tables do to who asks. Postgres 14 reads the
-- tables of a view as the view's owner, so there the view itself looks who asks.
create function pl.protect_view(view regclass, server integer
    default current_setting('server_version_num')::integer) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
	if server >= 150000 then
		execute format('alter view %s set (security_invoker = true)', view);
	elsif pg_get_viewdef(view) not like '%sees_rows()%' then
		execute format('create or replace view %s as select * from (%s) as v'
		    ' where pl.sees_rows()', view, rtrim(pg_get_viewdef(view), ';'));
	end if;
end $$;

-- One policy opens a table to all admitted roles. What each of them may do there is
-- a matter of its privileges.
create function pl.apply_policy(relation regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	admitted text := (select string_agg(r.role::text, ', ')
	    from pl.roles r join pg_roles p on p.oid = r.role);
begin
	if exists (select from pg_policy p where p.polrelid = relation
	    and p.polname = 'pl_roles') then
		execute format('drop policy pl_roles on %s', relation);
	end if;
	if admitted is not null then
		execute format('create policy pl_roles on %s to %s using (true)'
		    ' with check (true)', relation, admitted);
	end if;
end $$;

create function pl.apply_roles(relation regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	r record;
begin
	if exists (select from pg_class c where c.oid = relation
	    and c.relkind = 'v') then
		perform pl.protect_view(relation);
	else
		perform pl.apply_policy(relation);
	end if;
	for r in select o.role, pl.privileges(o.kind, relation) as may
	    from pl.roles o join pg_roles p on p.oid = o.role loop
		execute format('grant %s on %s to %s', r.may, relation, r.role);
	end loop;
end $$;

-- The same for everything. init calls it after each upgrade.
create function pl.apply_roles() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	r record;
begin
	perform pl.apply_roles(c.oid::regclass) from pg_class c
	    where c.relnamespace = 'pl'::regnamespace and c.relkind in ('r', 'p', 'v');
	for r in select o.role, o.kind from pl.roles o
	    join pg_roles p on p.oid = o.role loop
		execute format('grant usage on schema pl to %s', r.role);
		if r.kind = 'worker' then
			execute format('grant execute on function'
			    ' pl.create_chunks(text, text, integer, text) to %s',
			    r.role);
		end if;
		if r.kind <> 'reader' then
			execute format('grant execute on function'
			    ' pl.follow_metadata(uuid, jsonb, jsonb),'
			    ' pl.save_document(text, text, text, text, text, jsonb),'
			    ' pl.delete_document(text, text),'
			    ' pl.enqueue(text, text, boolean, text) to %s', r.role);
		end if;
	end loop;
end $$;

-- Install pgvector if the server has it and the database does not. A refusal is not
-- a failure: vectors are then stored as real[]. On Supabase, extensions live in a
-- schema of their own.
create function pl.install_vector() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	home name := (select nspname from pg_namespace
	    where nspname in ('extensions', 'public', 'pl')
	    order by nspname = 'pl', nspname limit 1);
begin
	if exists (select from pg_available_extensions
	    where name = 'vector' and installed_version is null) then
		execute format('create extension if not exists vector schema %I', home);
	end if;
exception
	when insufficient_privilege or undefined_file or feature_not_supported then
		null;
end $$;

-- Make the chunk table of a collection, and its row of pl.collections if there is
-- none. A worker calls it with the rights of the schema's owner, and owns nothing.
-- An index of pgvector takes at most 2,000 dimensions of a vector, 4,000 of a
-- halfvec, which came with pgvector 0.7. With target 8160 a row keeps text and vector
-- in its page if they fit: storing takes a quarter less time, and a scan is three
-- times faster than with vectors in the TOAST table. Vectors do not compress, so
-- their storage is external.
create function pl.create_chunks(name text, model text, dimensions integer,
    distance text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	chunks text := format('pl.%I', 'chunks_' || name);
	kind text := 'real[]';
	vectors text := kind;
	home name;
begin
	if name !~ '^[a-z0-9_]{1,40}$' or dimensions not between 1 and 65535 then
		raise exception 'pl.create_chunks(%, %): not a collection', name,
		    dimensions using errcode = 'invalid_parameter_value';
	end if;
	perform pl.install_vector();
	select n.nspname into home from pg_extension e
	    join pg_namespace n on n.oid = e.extnamespace
	    where e.extname = 'vector' and has_schema_privilege(n.oid, 'usage');
	if found then
		kind := case when dimensions between 2001 and 4000
		    and to_regtype(format('%I.halfvec', home)) is not null
		    then 'halfvec' else 'vector' end;
		vectors := format('%I.%s(%s)', home, kind, dimensions);
	end if;
	execute format('create table %s (id uuid primary key,'
	    ' document_id uuid not null references pl.documents on delete cascade,'
	    ' index integer not null, text text not null, context text,'
	    ' start integer, "end" integer, tokens integer, headings text[],'
	    ' hash text, metadata jsonb not null default ''{}'','
	    ' embedding %s not null, unique (document_id, index))'
	    ' with (toast_tuple_target = 8160)', chunks, vectors);
	execute format('alter table %s alter column embedding set storage external',
	    chunks);
	execute format('alter table %s enable row level security', chunks);
	insert into pl.collections as c (name, table_name, model, dimensions,
	    vector_type, distance)
	values ($1, 'chunks_' || $1, $2, $3, kind, $4)
	on conflict on constraint collections_pkey do update
	    set model = excluded.model, dimensions = excluded.dimensions,
	    vector_type = excluded.vector_type;
	perform pl.apply_roles(chunks::regclass);
end $$;
revoke execute on function pl.create_chunks(text, text, integer, text) from public;

-- Who could make chunk tables before, still can.
do $$
declare
	maker regrole;
begin
	for maker in select a.grantee from pg_namespace n, aclexplode(n.nspacl) as a
	    where n.nspname = 'pl' and a.privilege_type = 'CREATE'
	    and a.grantee not in (0, n.nspowner) loop
		execute format('grant execute on function'
		    ' pl.create_chunks(text, text, integer, text) to %s', maker);
	end loop;
end $$;

-- Every function has a fixed search_path, or is bound to what it calls when it is
-- made. These are inlined where they are asked.
create or replace function pl.url_key(url text) returns bytea
language sql immutable strict
return sha256(convert_to(url, 'UTF8'));
create or replace function pl.queue_of(queue text, collection text) returns text
language sql immutable parallel safe
return case when collection is null or collection = 'default' then queue
    else queue || '@' || collection end;
create or replace function pl.base_queue(queue text) returns text
language sql immutable strict parallel safe
return regexp_replace(queue, '@[a-z0-9_]{1,40}$', '');
do $$
declare
	f regprocedure;
begin
	for f in select p.oid from pg_proc p where p.pronamespace = 'pl'::regnamespace
	    and p.proconfig is null and p.prosqlbody is null loop
		execute format('alter function %s set search_path = pg_catalog, pg_temp',
		    f);
	end loop;
end $$;
