-- Schema pl, version 8: the SQL door, and an outbox for the ends of jobs.

-- Where the end of each job of the source is told; null: nowhere.
alter table pl.sources add notify text;

-- What pl.save_document made pending since the last pl.enqueue of the source. Rows
-- are only added and deleted, so that no two writers wait for each other, and the
-- work of pl.enqueue does not grow with the source.
create table pl.unqueued (
	id bigint generated always as identity primary key,
	source_id uuid not null references pl.sources on delete cascade,
	document_id uuid not null
);
create index unqueued_source on pl.unqueued (source_id);
alter table pl.unqueued enable row level security;

-- The SHA-1 of bytes (RFC 3174), which no function of Postgres itself gives.
create function pl.sha1(message bytea) returns bytea
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp as $$
declare
	mask constant bigint := 4294967295;
	n constant bigint := length(message);
	padded constant bytea := message || '\x80'::bytea || decode(repeat('00',
	    ((119 - n % 64) % 64)::integer), 'hex') || int8send(n * 8);
	h0 bigint := 1732584193; -- 67452301
	h1 bigint := 4023233417; -- EFCDAB89
	h2 bigint := 2562383102; -- 98BADCFE
	h3 bigint := 271733878;  -- 10325476
	h4 bigint := 3285377520; -- C3D2E1F0
	a bigint; b bigint; c bigint; d bigint; e bigint; t bigint;
	w bigint[];
	p integer := 0;
begin
	while p < length(padded) loop
		w := array_fill(0::bigint, array[80]);
		for i in 1 .. 16 loop
			w[i] := get_byte(padded, p)::bigint * 16777216
			    + get_byte(padded, p + 1) * 65536
			    + get_byte(padded, p + 2) * 256
			    + get_byte(padded, p + 3);
			p := p + 4;
		end loop;
		for i in 17 .. 80 loop
			t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
			w[i] := ((t << 1) | (t >> 31)) & mask;
		end loop;
		a := h0; b := h1; c := h2; d := h3; e := h4;
		for i in 1 .. 80 loop
			t := e + w[i] + (((a << 5) | (a >> 27)) & mask) + case
			    when i <= 20 then ((b & c) | ((b # mask) & d))
			        + 1518500249 -- 5A827999
			    when i <= 40 then (b # c # d)
			        + 1859775393 -- 6ED9EBA1
			    when i <= 60 then ((b & c) | (b & d) | (c & d))
			        + 2400959708 -- 8F1BBCDC
			    else (b # c # d) + 3395469782 -- CA62C1D6
			    end;
			e := d;
			d := c;
			c := ((b << 30) | (b >> 2)) & mask;
			b := a;
			a := t & mask;
		end loop;
		h0 := (h0 + a) & mask;
		h1 := (h1 + b) & mask;
		h2 := (h2 + c) & mask;
		h3 := (h3 + d) & mask;
		h4 := (h4 + e) & mask;
	end loop;
	return substring(int8send(h0) from 5) || substring(int8send(h1) from 5)
	    || substring(int8send(h2) from 5) || substring(int8send(h3) from 5)
	    || substring(int8send(h4) from 5);
end $$;

-- A name-based id (RFC 9562, version 5).
create function pl.uuid5(namespace uuid, name text) returns uuid
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp as $$
declare
	h bytea := substring(pl.sha1(uuid_send(namespace)
	    || convert_to(name, 'UTF8')) from 1 for 16);
begin
	h := set_byte(h, 6, (get_byte(h, 6) & 15) | 80);
	h := set_byte(h, 8, (get_byte(h, 8) & 63) | 128);
	return encode(h, 'hex')::uuid;
end $$;

-- A time-ordered random id (RFC 9562, version 7), as those of jobs and tasks: the
-- id of version 4 gets 48 bits of time, and two bits more of the version.
create function pl.new_id() returns uuid
language sql volatile parallel safe set search_path = pg_catalog, pg_temp as $$
	select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
	    placing substring(int8send((extract(epoch from clock_timestamp())
	    * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- The ids and the hash that pl-ingest and pl-enqueue compute. A document that
-- names no source is of the source "default".
create function pl.source_id(name text) returns uuid
language sql immutable parallel safe as $$
	select pl.uuid5('f754dd69-4a6e-4766-9d58-583c48bf9792',
	    coalesce(nullif(name, ''), 'default'))
$$;
create function pl.document_id(source text, url text) returns uuid
language sql immutable parallel safe as $$
	select pl.uuid5(pl.source_id(source), url)
$$;
create function pl.content_hash(title text, content_type text, content text)
returns text language sql immutable parallel safe as $$
	select encode(sha256(convert_to(coalesce(title, ''), 'UTF8')
	    || '\x00'::bytea || convert_to(coalesce(nullif(content_type, ''),
	    'text/markdown'), 'UTF8') || '\x00'::bytea
	    || convert_to(content, 'UTF8')), 'hex')
$$;

-- Write new metadata of a document to those chunks that have all keys of the old
-- metadata: as lib/store/sql/chunk_metadata.sql does it for pl-enqueue.
create function pl.follow_metadata(document uuid, before jsonb, after jsonb)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	keys text[] := array(select jsonb_object_keys(before));
	chunks regclass;
begin
	for chunks in select t.oid from pl.collections c join pg_class t on t.oid
	    = coalesce(to_regclass('pl.' || quote_ident(c.table_name)),
	        to_regclass(c.table_name))
	    join pg_attribute a on a.attrelid = t.oid and a.attname = 'metadata'
	        and a.atttypid = 'jsonb'::regtype order by c.name loop
		execute format('update %1$s set metadata = metadata - $2 || $3'
		    ' where document_id = $1'
		    ' and jsonb_typeof(metadata) = ''object'''
		    ' and metadata ?& $2 and ($2 <> ''{}'' or exists (select'
		    ' from (select metadata from %1$s limit 1000) s'
		    ' where s.metadata <> ''{}''))', chunks)
		    using document, keys, after;
	end loop;
end $$;

-- Save a document, and create its source if it is new. Returns its id. The same
-- text as before needs no work; a new or changed text, and a document that failed
-- or was deleted, becomes pending: then pl.enqueue makes a job of it.
create function pl.save_document(source text, url text, content text,
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
	        or d.status = 'stored' and (d.failed_chunks = 0
	            or d.incomplete_tries > 3))
	    for no key update;
	if found then
		update pl.documents set seen_at = now(), delete_at = null,
		    metadata = meta where id = doc;
		if old.status = 'stored' and old.metadata <> meta then
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
	    incomplete_tries = case when d.content_hash is distinct from
	        excluded.content_hash then 0 else d.incomplete_tries end,
	    changed_at = case when d.content_hash is distinct from
	        excluded.content_hash then now() else d.changed_at end;
	insert into pl.unqueued (source_id, document_id) values (of_source, doc);
	return doc;
end $$;

-- Delete a document for good, with its chunks in every collection. False if there
-- is no such document.
create function pl.delete_document(source text, url text) returns boolean
language sql volatile set search_path = pg_catalog, pg_temp as $$
	select pl.delete_documents(array[pl.document_id(source, url)]) > 0
$$;

-- Make a job of the documents of the source that pl.save_document made pending since
-- the last call, or, with all_documents, of all that have a text. A document that
-- waits in an open job is left to that job. Returns the job's id, or null if there
-- is nothing to do.
create function pl.enqueue(source text, queue text default 'processing',
    all_documents boolean default false)
returns uuid language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	line constant text := coalesce(nullif(enqueue.queue, ''), 'processing');
	of_source uuid;
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
	tasks := array(select pl.new_id()
	    from generate_series(1, cardinality(work), 50));
	insert into pl.jobs (id, source_id, sealed, details)
	values (job, of_source, true, jsonb_strip_nulls(jsonb_build_object(
	    'queue', nullif(line, 'processing'))));
	insert into pl.tasks (id, job_id, queue)
	select id, job, line from unnest(tasks) as t(id);
	insert into pl.job_documents (job_id, document_id, task_id)
	select job, id, tasks[(n - 1) / 50 + 1]
	    from unnest(work) with ordinality as u(id, n);
	return job;
end $$;

-- Only the owner calls them, and who was granted execute. They do what their
-- caller may do: "security invoker". The owner's trigger with "security definer"
-- opens the door for others.
revoke execute on function pl.follow_metadata(uuid, jsonb, jsonb),
    pl.save_document(text, text, text, text, text, jsonb),
    pl.delete_document(text, text), pl.enqueue(text, text, boolean)
    from public;

-- What is to be told when a job ended. next_at: when it is sent next; null: never
-- again, as it was sent (sent_at) or given up. id is the same in all tries.
create table pl.notifications (
	id uuid primary key default gen_random_uuid(),
	job_id uuid references pl.jobs on delete set null,
	url text not null,
	body text not null,
	created_at timestamptz not null default now(),
	next_at timestamptz default now(),
	tries integer not null default 0,
	sent_at timestamptz,
	error jsonb
);
create index notifications_due on pl.notifications (next_at)
    where next_at is not null;
create index notifications_job on pl.notifications (job_id);
alter table pl.notifications enable row level security;

create function pl.api_time(t timestamptz) returns text
language sql stable as $$
	select to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- A job ended: tell the url of the job, else of its source. As the owner, so that
-- whoever writes the ledger needs no rights on the outbox.
create function pl.tell_end() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
	target text;
	named text;
begin
	select s.notify, s.name into target, named from pl.sources s
	    where s.id = new.source_id;
	target := coalesce(new.details->>'notify', target);
	if target is null or target !~* '^https?://' then
		return null;
	end if;
	insert into pl.notifications (job_id, url, body)
	values (new.id, target, jsonb_build_object(
	    'type', 'job.' || new.status,
	    'timestamp', pl.api_time(clock_timestamp()),
	    'data', jsonb_build_object('id', new.id, 'source', named,
	        'status', new.status, 'documents', new.documents,
	        'stored', new.stored, 'incomplete', new.incomplete,
	        'unchanged', new.unchanged, 'failed', new.failed,
	        'canceled', new.canceled, 'error', new.error,
	        'created_at', pl.api_time(new.created_at),
	        'started_at', pl.api_time(new.started_at),
	        'finished_at', pl.api_time(new.finished_at))));
	return null;
end $$;
create trigger tell_end after update on pl.jobs for each row
    when (old.status is distinct from new.status and new.status in
        ('completed', 'partial', 'failed', 'canceled'))
    execute function pl.tell_end();
revoke execute on function pl.tell_end() from public;

-- Delete a source for good: its documents with their chunks in every collection,
-- its jobs and its events. Nothing is deleted while a job that has documents of it
-- is open: that job is open_job.
create function pl.delete_source(source uuid, out open_job uuid,
    out documents bigint, out chunks bigint, out jobs bigint, out events bigint)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	t regclass;
	n bigint;
begin
	perform from pl.sources s where s.id = source for update;
	select j.id into open_job from pl.jobs j
	    where j.status in ('pending', 'queued', 'in_progress')
	    and (j.source_id = source or exists (select from pl.job_documents w
	        join pl.documents d on d.id = w.document_id
	        where w.job_id = j.id and d.source_id = source)) limit 1;
	if open_job is not null then
		return;
	end if;
	chunks := 0;
	perform from pl.documents d where d.source_id = source
	    order by d.id for update;
	for t in select c.oid from pl.collections o join pg_class c on c.oid
	    = coalesce(to_regclass('pl.' || quote_ident(o.table_name)),
	        to_regclass(o.table_name)) order by o.name loop
		execute format('delete from %s c using pl.documents d'
		    ' where c.document_id = d.id and d.source_id = $1', t)
		    using source;
		get diagnostics n = row_count;
		chunks := chunks + n;
	end loop;
	delete from pl.jobs j where j.source_id = source;
	get diagnostics jobs = row_count;
	delete from pl.webhook_events e where e.source_id = source;
	get diagnostics events = row_count;
	delete from pl.documents d where d.source_id = source;
	get diagnostics documents = row_count;
	delete from pl.sources s where s.id = source;
end $$;
revoke execute on function pl.delete_source(uuid) from public;
