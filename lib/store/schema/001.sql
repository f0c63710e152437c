-- Schema pl, version 1: the source of truth. Applied by pl-jobctl init in one
-- transaction. Needs no superuser; works behind a transaction pooler.
--
-- Every table has row-level security enabled and no policy: the owner works as
-- usual, and the HTTP API of a hosted Postgres shows nothing to others.

create schema if not exists pl;

create table pl.schema_version (
	version integer primary key,
	applied_at timestamptz not null default now()
);

create table pl.sources (
	id uuid primary key,
	name text not null unique,
	kind text not null default 'documents',
	uri text,
	status text not null default 'pending' check (status in ('pending',
	    'crawling', 'processing', 'ready', 'partial', 'failed')),
	job_id uuid,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now()
);

-- content is null for a document that was stored without being enqueued.
create table pl.documents (
	id uuid primary key,
	source_id uuid not null references pl.sources on delete cascade,
	url text not null,
	title text,
	content text,
	content_type text,
	content_hash text,
	metadata jsonb not null default '{}',
	status text not null default 'pending' check (status in ('pending',
	    'processing', 'stored', 'failed', 'deleted')),
	error jsonb,
	chunk_count integer,
	first_seen_at timestamptz not null default now(),
	seen_at timestamptz not null default now(),
	changed_at timestamptz not null default now(),
	processed_at timestamptz
);
-- A btree entry holds 2,704 bytes and urls come longer, so the key is a hash.
-- convert_to is only "stable" as its target could be any encoding; UTF8 is one.
create function pl.url_key(url text) returns bytea
language sql immutable strict as $$
	select sha256(convert_to(url, 'UTF8'))
$$;
create unique index documents_source_url
    on pl.documents (source_id, pl.url_key(url));

create table pl.jobs (
	id uuid primary key,
	type text not null default 'process_documents',
	source_id uuid references pl.sources on delete set null,
	status text not null default 'pending' check (status in ('pending',
	    'queued', 'in_progress', 'completed', 'partial', 'failed',
	    'canceled')),
	details jsonb not null default '{}',
	error jsonb,
	documents integer not null default 0,
	stored integer not null default 0,
	unchanged integer not null default 0,
	failed integer not null default 0,
	canceled integer not null default 0,
	-- No more documents will be added; only then can the job end.
	sealed boolean not null default false,
	fed_at timestamptz not null default now(),
	unique_key text,
	timeout_seconds integer not null default 3600,
	max_attempts integer not null default 3,
	created_at timestamptz not null default now(),
	queued_at timestamptz,
	started_at timestamptz,
	finished_at timestamptz
);
create index jobs_source on pl.jobs (source_id, created_at);
create unique index jobs_unique_key on pl.jobs (unique_key)
    where status in ('pending', 'queued', 'in_progress');

create table pl.tasks (
	id uuid primary key,
	job_id uuid not null references pl.jobs on delete cascade,
	queue text not null,
	status text not null default 'pending' check (status in ('pending',
	    'queued', 'in_progress', 'completed', 'failed', 'canceled')),
	attempt integer not null default 0,
	-- Attempts that ended with a lapsed lease.
	crashes integer not null default 0,
	worker text,
	lease_expires_at timestamptz,
	run_at timestamptz not null default now(),
	error jsonb,
	created_at timestamptz not null default now(),
	started_at timestamptz,
	finished_at timestamptz
);
create index tasks_job on pl.tasks (job_id);
create index tasks_open on pl.tasks (queue, run_at)
    where status in ('pending', 'queued', 'in_progress');

create table pl.job_documents (
	job_id uuid not null references pl.jobs on delete cascade,
	document_id uuid not null references pl.documents on delete cascade,
	task_id uuid references pl.tasks on delete set null,
	status text not null default 'pending' check (status in ('pending',
	    'processing', 'stored', 'unchanged', 'failed', 'canceled')),
	attempts integer not null default 0,
	stage text,
	error jsonb,
	chunks integer,
	milliseconds integer,
	started_at timestamptz,
	finished_at timestamptz,
	primary key (job_id, document_id)
) with (fillfactor = 60); -- two updates each, which then touch no index
create index job_documents_task on pl.job_documents (task_id);
create index job_documents_document on pl.job_documents (document_id);

create table pl.collections (
	name text primary key,
	table_name text not null unique,
	model text not null,
	dimensions integer not null check (dimensions > 0),
	vector_type text not null
	    check (vector_type in ('real[]', 'vector', 'halfvec')),
	distance text not null default 'cosine',
	created_at timestamptz not null default now()
);

create table pl.embedding_cache (
	key bytea primary key,
	embedding bytea not null,
	created_at timestamptz not null default now()
);

create table pl.workers (
	name text primary key,
	host text not null,
	pid integer not null,
	queues text[] not null,
	status text not null default 'idle',
	started_at timestamptz not null default now(),
	heartbeat_at timestamptz not null default now(),
	tasks bigint not null default 0,
	documents bigint not null default 0,
	busy_milliseconds bigint not null default 0
);

create table pl.webhook_events (
	id bigint generated always as identity primary key,
	delivery_id text unique,
	type text,
	body jsonb,
	received_at timestamptz not null default now(),
	handled_at timestamptz,
	error text
);

-- A paused queue is not claimed from; reason and probe_at when quota did it.
create table pl.queues (
	name text primary key,
	paused_at timestamptz,
	reason text,
	probe_at timestamptz
);

-- The legal moves, the same as in lib/job.c; others raise 23514.
-- A plain list, which is inlined where it is asked: with "values" it would be
-- a query of its own for every row that moves.
create function pl.legal_move(kind text, before text, after text)
returns boolean language sql immutable as $$
	select (kind, before, after) in (
	    ('source', 'pending', 'crawling'),
	    ('source', 'pending', 'processing'),
	    ('source', 'pending', 'ready'),
	    ('source', 'pending', 'partial'),
	    ('source', 'pending', 'failed'),
	    ('source', 'crawling', 'processing'),
	    ('source', 'crawling', 'ready'),
	    ('source', 'crawling', 'partial'),
	    ('source', 'crawling', 'failed'),
	    ('source', 'processing', 'ready'),
	    ('source', 'processing', 'partial'),
	    ('source', 'processing', 'failed'),
	    ('source', 'ready', 'crawling'),
	    ('source', 'ready', 'processing'),
	    ('source', 'partial', 'crawling'),
	    ('source', 'partial', 'processing'),
	    ('source', 'partial', 'ready'),
	    ('source', 'failed', 'crawling'),
	    ('source', 'failed', 'processing'),
	    ('source', 'failed', 'ready'),
	    ('source', 'failed', 'partial'),
	    ('job', 'pending', 'queued'),
	    ('job', 'pending', 'in_progress'),
	    ('job', 'pending', 'completed'),
	    ('job', 'pending', 'partial'),
	    ('job', 'pending', 'failed'),
	    ('job', 'pending', 'canceled'),
	    ('job', 'queued', 'in_progress'),
	    ('job', 'queued', 'completed'),
	    ('job', 'queued', 'partial'),
	    ('job', 'queued', 'failed'),
	    ('job', 'queued', 'canceled'),
	    ('job', 'in_progress', 'completed'),
	    ('job', 'in_progress', 'partial'),
	    ('job', 'in_progress', 'failed'),
	    ('job', 'in_progress', 'canceled'),
	    ('job', 'completed', 'queued'),
	    ('job', 'partial', 'queued'),
	    ('job', 'failed', 'queued'),
	    ('job', 'canceled', 'queued'),
	    ('document', 'pending', 'processing'),
	    ('document', 'pending', 'stored'),
	    ('document', 'pending', 'failed'),
	    ('document', 'pending', 'deleted'),
	    ('document', 'processing', 'pending'),
	    ('document', 'processing', 'stored'),
	    ('document', 'processing', 'failed'),
	    ('document', 'processing', 'deleted'),
	    ('document', 'stored', 'pending'),
	    ('document', 'stored', 'processing'),
	    ('document', 'stored', 'failed'),
	    ('document', 'stored', 'deleted'),
	    ('document', 'failed', 'pending'),
	    ('document', 'failed', 'processing'),
	    ('document', 'failed', 'stored'),
	    ('document', 'failed', 'deleted'),
	    ('document', 'deleted', 'pending'),
	    ('document', 'deleted', 'stored'),
	    ('task', 'pending', 'queued'),
	    ('task', 'pending', 'in_progress'),
	    ('task', 'pending', 'failed'),
	    ('task', 'pending', 'canceled'),
	    ('task', 'queued', 'pending'),
	    ('task', 'queued', 'in_progress'),
	    ('task', 'queued', 'failed'),
	    ('task', 'queued', 'canceled'),
	    ('task', 'in_progress', 'pending'),
	    ('task', 'in_progress', 'queued'),
	    ('task', 'in_progress', 'completed'),
	    ('task', 'in_progress', 'failed'),
	    ('task', 'in_progress', 'canceled')
	)
$$;

create function pl.check_move() returns trigger language plpgsql as $$
begin
	if not pl.legal_move(tg_argv[0], old.status, new.status) then
		raise exception '% %: no move from % to %', tg_argv[0], new.id,
		    old.status, new.status using errcode = 'check_violation';
	end if;
	return new;
end $$;
create trigger check_move before update of status on pl.sources for each row
    when (old.status is distinct from new.status)
    execute function pl.check_move('source');
create trigger check_move before update on pl.jobs for each row
    when (old.status is distinct from new.status)
    execute function pl.check_move('job');
create trigger check_move before update of status on pl.documents for each row
    when (old.status is distinct from new.status)
    execute function pl.check_move('document');
create trigger check_move before update of status on pl.tasks for each row
    when (old.status is distinct from new.status)
    execute function pl.check_move('task');

-- A job's status reaches its source in the same transaction, whoever writes.
create function pl.tell_source() returns trigger language plpgsql as $$
declare
	told text := case
	    when new.status in ('queued', 'in_progress') then 'processing'
	    when new.status = 'completed' then 'ready'
	    when new.status in ('partial', 'canceled') then 'partial'
	    when new.status = 'failed' then 'failed' end;
begin
	if tg_op = 'INSERT' then
		update pl.sources set job_id = new.id, updated_at = now()
		 where id = new.source_id;
	end if;
	-- A job that ends out of turn does not speak for its source.
	update pl.sources set status = told, updated_at = now()
	 where id = new.source_id and job_id = new.id and status <> told;
	return null;
end $$;
create trigger tell_source_insert after insert on pl.jobs for each row
    execute function pl.tell_source();
create trigger tell_source_update after update on pl.jobs
    for each row when (old.status is distinct from new.status)
    execute function pl.tell_source();

-- The counts of a job follow its documents, so that at every commit
-- documents = stored + unchanged + failed + canceled + pending + processing.
create function pl.add_counts(job uuid, n integer, n_stored integer,
    n_unchanged integer, n_failed integer, n_canceled integer)
returns void language sql as $$
	update pl.jobs set documents = documents + n,
	    stored = stored + n_stored, unchanged = unchanged + n_unchanged,
	    failed = failed + n_failed, canceled = canceled + n_canceled
	 where id = job
$$;

create function pl.count_documents() returns trigger language plpgsql as $$
begin
	perform pl.add_counts(d.job_id, d.n::int, d.stored::int,
	    d.unchanged::int, d.failed::int, d.canceled::int)
	   from (select job_id, sum(sign) as n,
	    coalesce(sum(sign) filter (where status = 'stored'), 0) as stored,
	    coalesce(sum(sign) filter (where status = 'unchanged'), 0)
	        as unchanged,
	    coalesce(sum(sign) filter (where status = 'failed'), 0) as failed,
	    coalesce(sum(sign) filter (where status = 'canceled'), 0)
	        as canceled
	    from (select job_id, status, 1 as sign from pl_new
	        union all select job_id, status, -1 from pl_old) as rows
	    group by job_id order by job_id) as d
	  where (d.n, d.stored, d.unchanged, d.failed, d.canceled)
	    <> (0, 0, 0, 0, 0);
	return null;
end $$;
create function pl.count_documents_insert() returns trigger
language plpgsql as $$
begin
	perform pl.add_counts(d.job_id, d.n::int, d.stored::int,
	    d.unchanged::int, d.failed::int, d.canceled::int)
	   from (select job_id, count(*) as n,
	    count(*) filter (where status = 'stored') as stored,
	    count(*) filter (where status = 'unchanged') as unchanged,
	    count(*) filter (where status = 'failed') as failed,
	    count(*) filter (where status = 'canceled') as canceled
	    from pl_new group by job_id order by job_id) as d;
	return null;
end $$;
create function pl.count_documents_delete() returns trigger
language plpgsql as $$
begin
	perform pl.add_counts(d.job_id, -d.n::int, -d.stored::int,
	    -d.unchanged::int, -d.failed::int, -d.canceled::int)
	   from (select job_id, count(*) as n,
	    count(*) filter (where status = 'stored') as stored,
	    count(*) filter (where status = 'unchanged') as unchanged,
	    count(*) filter (where status = 'failed') as failed,
	    count(*) filter (where status = 'canceled') as canceled
	    from pl_old group by job_id order by job_id) as d;
	return null;
end $$;
create trigger count_update after update on pl.job_documents
    referencing old table as pl_old new table as pl_new
    for each statement execute function pl.count_documents();
create trigger count_insert after insert on pl.job_documents
    referencing new table as pl_new
    for each statement execute function pl.count_documents_insert();
create trigger count_delete after delete on pl.job_documents
    referencing old table as pl_old
    for each statement execute function pl.count_documents_delete();

-- A sealed job ends when no document of it is left to do.
create function pl.close_job() returns trigger language plpgsql as $$
begin
	new.status := case
	    when new.failed = 0 and new.canceled = 0 then 'completed'
	    when new.failed = 0 and new.stored + new.unchanged = 0
	        then 'canceled'
	    when new.stored + new.unchanged > 0 then 'partial'
	    else 'failed' end;
	new.finished_at := clock_timestamp();
	return new;
end $$;
-- Named to fire before check_move, which then judges the move.
create trigger a_close_job before update on pl.jobs for each row
    when (new.sealed and new.status in ('pending', 'queued', 'in_progress')
        and new.documents = new.stored + new.unchanged + new.failed
            + new.canceled)
    execute function pl.close_job();

-- The ledger's view of a job, with the two terms that are not counted.
create view pl.job_accounts as
	select j.*, s.name as source,
	    coalesce(w.waiting, 0)::integer as waiting,
	    coalesce(w.in_flight, 0)::integer as in_flight,
	    (select count(*) from pl.tasks t where t.job_id = j.id)::integer
	        as tasks
	  from pl.jobs j left join pl.sources s on s.id = j.source_id
	  left join lateral (select
	      count(*) filter (where d.status = 'pending') as waiting,
	      count(*) filter (where d.status = 'processing') as in_flight
	      from pl.job_documents d where d.job_id = j.id) w on true;

alter table pl.schema_version enable row level security;
alter table pl.sources enable row level security;
alter table pl.documents enable row level security;
alter table pl.jobs enable row level security;
alter table pl.tasks enable row level security;
alter table pl.job_documents enable row level security;
alter table pl.collections enable row level security;
alter table pl.embedding_cache enable row level security;
alter table pl.workers enable row level security;
alter table pl.webhook_events enable row level security;
alter table pl.queues enable row level security;

-- Page text compresses five times faster with lz4, where the server has it.
do $$ begin
	alter table pl.documents alter column content set compression lz4;
exception when feature_not_supported then null; end $$;
