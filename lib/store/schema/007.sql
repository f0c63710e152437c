-- Schema pl, version 7: the front door. Webhooks and crawls make jobs; what a
-- listing no longer has is deleted.

-- Settings of a source. verifier: how a request to its webhook is checked
-- (pl-webhook(1)); null: it has no webhook. map: a jq program that turns the body
-- of an event into records. prune: a complete listing deletes what it lacks, after
-- the time grace, but never more than max_delete percent at once.
alter table pl.sources add verifier text;
alter table pl.sources add map text;
alter table pl.sources add prune boolean not null default false;
alter table pl.sources add grace interval not null default interval '7 days'
    check (grace >= interval '0');
alter table pl.sources add max_delete integer not null default 10
    check (max_delete between 0 and 100);

-- When a document that a complete listing lacked will be deleted.
alter table pl.documents add delete_at timestamptz;
create index documents_delete_at on pl.documents (delete_at)
    where delete_at is not null;

-- A task with ingest reads documents for its job, which it seals at its end, and
-- has no documents of its own. It waits in the queue "ingest" and only in
-- Postgres. ingest is {"crawl": "ID"}, or {"event": NUMBER} for the body of an
-- event. tries: how often it failed for a reason that may pass.
alter table pl.tasks add ingest jsonb;
alter table pl.tasks add tries integer not null default 0;
create index tasks_ingest on pl.tasks (run_at)
    where ingest is not null and finished_at is null;

-- What senders sent. delivery_id is the sender's id of the event, the same in all
-- repeats; digest is the SHA-256 of the body. No program used this table before.
drop table pl.webhook_events;
create table pl.webhook_events (
	id bigint generated always as identity primary key,
	source_id uuid not null references pl.sources on delete cascade,
	delivery_id text,
	digest bytea not null,
	type text,
	content_type text,
	headers jsonb not null default '{}',
	body bytea not null,
	job_id uuid references pl.jobs on delete set null,
	repeats integer not null default 0,
	received_at timestamptz not null default now(),
	handled_at timestamptz,
	error jsonb
);
create unique index webhook_events_delivery
    on pl.webhook_events (source_id, delivery_id) where delivery_id is not null;
create index webhook_events_digest on pl.webhook_events (source_id, digest)
    where delivery_id is null;
create index webhook_events_job on pl.webhook_events (job_id);
alter table pl.webhook_events enable row level security;
-- Bodies are compressed only if that is cheap.
do $$ begin
	alter table pl.webhook_events alter column body set compression lz4;
exception when feature_not_supported then null; end $$;

-- Whether an ingest task of a job is open: it seals the job at its end.
create function pl.is_ingesting(job uuid) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
	select exists (select from pl.tasks t where t.job_id = job
	    and t.ingest is not null and t.finished_at is null)
$$;

-- Make an unsealed job of a source, which an ingest task feeds.
create function pl.add_ingest(source uuid, what jsonb, due timestamptz,
    key text default null)
returns uuid language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	job uuid := gen_random_uuid();
begin
	insert into pl.jobs (id, source_id, unique_key, details)
	values (job, source, key, jsonb_build_object('ingest', what));
	insert into pl.tasks (id, job_id, queue, run_at, ingest)
	values (gen_random_uuid(), job, 'ingest', due, what);
	return job;
end $$;

-- How long until a crawl that goes on is looked at (again): longer than the minute
-- for which a burst waits for tasks.
create function pl.crawl_pause() returns interval language sql immutable as $$
	select interval '2 minutes'
$$;

-- A crawl of a source began, or ended. One open job reads it: after a pause, or at
-- once when it ended.
create function pl.note_crawl(source uuid, crawl text, ended boolean)
returns uuid language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	key text := 'crawl:' || source || ':' || encode(sha256(convert_to(crawl,
	    'UTF8')), 'hex');
	due timestamptz := case when ended then now()
	    else now() + pl.crawl_pause() end;
	job uuid;
begin
	-- One crawl at a time, also if two receivers hear of it at once.
	perform pg_advisory_xact_lock(hashtextextended(key, 7092026));
	select j.id into job from pl.jobs j where j.unique_key = key
	    and j.status in ('pending', 'queued', 'in_progress');
	if job is null then
		job := pl.add_ingest(source, jsonb_build_object('crawl', crawl),
		    due, key);
		update pl.sources s set status = 'crawling', updated_at = now()
		 where s.id = source
		    and s.status in ('pending', 'ready', 'partial', 'failed');
	elsif ended then
		update pl.tasks t set run_at = now() where t.job_id = job
		    and t.ingest is not null and t.finished_at is null
		    and t.run_at > now();
	end if;
	return job;
end $$;

-- Save an event of a source, with the job that it causes. An event that was saved
-- before is a repeat, and causes nothing: one with the same delivery_id, or, if the
-- sender gives none, with the same body while the job of the first one is open.
-- action says what the event means: 'body', its body is to be ingested; 'started'
-- and 'ended', a crawl is; 'record', nothing follows.
create function pl.receive(source uuid, delivery text, digest bytea,
    event_type text, content_type text, headers jsonb, body bytea, action text,
    crawl text, out event bigint, out job uuid, out is_repeat boolean)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
	is_repeat := false;
	if receive.delivery is null and action <> 'record' then
		perform pg_advisory_xact_lock(hashtextextended(source || encode(
		    receive.digest, 'hex'), 7092026));
		select e.id, e.job_id into event, job from pl.webhook_events e
		    join pl.jobs j on j.id = e.job_id
		    where e.source_id = source and e.digest = receive.digest
		    and e.delivery_id is null
		    and j.status in ('pending', 'queued', 'in_progress') limit 1;
		is_repeat := event is not null;
	end if;
	if event is null then
		insert into pl.webhook_events (source_id, delivery_id, digest, type,
		    content_type, headers, body, handled_at)
		values (source, receive.delivery, receive.digest, event_type,
		    receive.content_type, coalesce(receive.headers, '{}'),
		    receive.body, case when action = 'record' then now() end)
		on conflict (source_id, delivery_id)
		    where delivery_id is not null do nothing
		returning id into event;
		is_repeat := event is null;
	end if;
	if is_repeat then
		update pl.webhook_events e set repeats = repeats + 1
		    where e.id = event or event is null and e.source_id = source
		    and e.delivery_id = receive.delivery
		    returning e.id, e.job_id into event, job;
		return;
	end if;
	job := case action
	    when 'body' then pl.add_ingest(source,
	        jsonb_build_object('event', event), now())
	    when 'started' then pl.note_crawl(source, crawl, false)
	    when 'ended' then pl.note_crawl(source, crawl, true) end;
	if job is not null then
		update pl.webhook_events set job_id = job where id = event;
	end if;
end $$;

-- The end of an ingest task seals its job. The job has the error of a task that
-- failed, and so ends as partial or failed.
create function pl.end_ingest() returns trigger language plpgsql as $$
begin
	update pl.webhook_events set handled_at = now(), error = new.error
	    where job_id = new.job_id and handled_at is null;
	if new.status <> 'canceled' then
		update pl.jobs set sealed = true, error = case
		    when new.status = 'failed' then new.error else error end
		    where id = new.job_id
		    and status in ('pending', 'queued', 'in_progress');
	end if;
	return null;
end $$;
create trigger end_ingest after update on pl.tasks for each row
    when (new.ingest is not null and new.finished_at is not null
        and old.finished_at is null)
    execute function pl.end_ingest();

create or replace function pl.close_job() returns trigger language plpgsql as $$
begin
	new.status := case
	    when new.failed = 0 and new.canceled = 0 and new.error is null
	        then case when new.incomplete = 0 then 'completed'
	            else 'partial' end
	    when new.failed = 0 and new.stored + new.unchanged = 0
	        and new.error is null then 'canceled'
	    when new.stored + new.unchanged > 0 then 'partial'
	    else 'failed' end;
	new.finished_at := clock_timestamp();
	return new;
end $$;

-- Delete documents for good, with their chunks in every collection. The rows stay,
-- for the account of their jobs. Returns how many.
create function pl.delete_documents(ids uuid[]) returns bigint
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
	update pl.documents set status = 'deleted', content = null,
	    content_hash = null, metadata = '{}', error = null, chunk_count = 0,
	    failed_chunks = 0, first_error = null, incomplete_tries = 0,
	    delete_at = null, changed_at = now()
	    where id = any(ids) and status <> 'deleted';
	get diagnostics n = row_count;
	return n;
end $$;

-- A complete listing of a source, which began at the time since, is over: mark the
-- documents that it lacks for deletion after grace. If they are more than
-- max_delete percent of the source's documents, nothing is marked, and stopped is
-- true. absent counts them, and live all documents of the source.
create function pl.prune(source uuid, since timestamptz, grace interval,
    max_delete integer, out absent bigint, out live bigint,
    out stopped boolean)
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
	select count(*), count(*) filter (where d.seen_at < since
	    and d.delete_at is null) into live, absent
	    from pl.documents d
	    where d.source_id = source and d.status <> 'deleted';
	stopped := absent * 100 > live * max_delete;
	if stopped or absent = 0 then
		return;
	end if;
	if grace <= interval '0' then
		perform pl.delete_documents(array(select d.id from pl.documents d
		    where d.source_id = source and d.status <> 'deleted'
		    and d.seen_at < since));
	else
		update pl.documents d set delete_at = now() + grace
		    where d.source_id = source and d.status <> 'deleted'
		    and d.seen_at < since and d.delete_at is null;
	end if;
end $$;

-- A sender says that a source no longer has these documents: they are deleted
-- after the source's time of grace. Returns how many.
create function pl.drop_documents(source uuid, ids uuid[]) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
	grace interval := (select s.grace from pl.sources s where s.id = source);
	own uuid[] := array(select d.id from pl.documents d where d.id = any(ids)
	    and d.source_id = source and d.status <> 'deleted');
	n bigint;
begin
	if grace <= interval '0' then
		return pl.delete_documents(own);
	end if;
	update pl.documents d set delete_at = now() + grace
	    where d.id = any(own) and d.delete_at is null;
	get diagnostics n = row_count;
	return n;
end $$;
