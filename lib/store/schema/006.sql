-- Schema pl, version 6: counters, for metrics that never fall.

-- Counters, which never fall: a row outlives the documents, jobs and sources that
-- it counts. labels holds the values of the labels; name decides which labels:
--
--   documents   source, outcome          jobs          outcome
--   retries     source                   duration      outcome, bucket's bound
--   incomplete  source                   duration_sum  outcome
--   chunks      source, outcome          errors        stage, class, code
--
-- Times are in milliseconds. A bucket counts only what no smaller bucket counts.
create table pl.counters (
	name text not null,
	labels text[] not null,
	value bigint not null default 0,
	primary key (name, labels)
);

-- Events that pl.counters does not count yet. An event is written in its own
-- transaction, so that a rollback takes it back and nothing is counted twice. Rows
-- are only added: if workers updated rows of pl.counters they would wait for each
-- other's commits, and workers that update several rows, between their locks on
-- jobs and tasks, would deadlock. A row stands for a group of documents that are
-- alike, or for a job; bound is the number of histogram bounds below the time.
create table pl.counter_events (
	-- For publications of all tables, which need a key to publish deletes.
	id bigint generated always as identity primary key,
	source text,
	status text not null,
	bound integer,
	stage text,
	class text,
	code text,
	documents bigint not null default 0,
	incomplete bigint,
	chunks bigint,
	refused bigint,
	milliseconds bigint,
	jobs bigint not null default 0
);

alter table pl.counters enable row level security;
alter table pl.counter_events enable row level security;

-- Upper bounds of the histogram's buckets in milliseconds, without the last.
create function pl.duration_bounds() returns integer[]
language sql immutable as $$
	select array[10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000,
	    60000, 120000, 300000, 600000]
$$;

-- Count documents that ended, and pending documents whose attempt ended with an
-- error. No content of a row may make the counted statement fail. A label of more
-- than 128 characters is cut. The source is the source of the job: to look up the
-- source of each document would cost five times as much as the rest of this
-- function, and workers wait for it.
create function pl.count_ends(ends pl.job_documents[]) returns void
language plpgsql as $$
begin
	if ends is null then
		return;
	end if;
	insert into pl.counter_events (source, status, bound, stage, class,
	    code, documents, incomplete, chunks, refused, milliseconds)
	select left(coalesce(s.name, 'unknown'), 128), g.status, g.bound,
	    left(case when g.has_error then coalesce(g.stage, 'unknown') end,
	        128), left(coalesce(g.class, 'unknown'), 128),
	    left(coalesce(g.code, 'unknown'), 128), g.documents, g.incomplete,
	    g.chunks, g.refused, g.milliseconds
	    from (select j.job_id, j.status collate "C" as status,
	        case when j.milliseconds >= 0
	            and j.status in ('stored', 'failed')
	            then width_bucket(j.milliseconds - 1, pl.duration_bounds())
	            end as bound,
	        j.status in ('pending', 'failed') or (j.status = 'stored'
	            and j.first_error is not null) as has_error,
	        case when j.status = 'stored' then j.first_error->>'stage'
	            else coalesce(j.stage, j.error->>'stage')
	            end collate "C" as stage,
	        case when j.status = 'stored' then j.first_error->>'class'
	            else j.error->>'class' end collate "C" as class,
	        case when j.status = 'stored' then j.first_error->>'code'
	            else j.error->>'code' end collate "C" as code,
	        count(*) as documents,
	        count(*) filter (where j.failed_chunks > 0) as incomplete,
	        sum(j.chunks) as chunks, sum(j.failed_chunks) as refused,
	        sum(j.milliseconds) as milliseconds
	        from unnest(ends) as j group by 1, 2, 3, 4, 5, 6, 7) as g
	    left join pl.jobs b on b.id = g.job_id
	    left join pl.sources s on s.id = b.source_id;
end $$;

-- A trigger counts each end of a document, whoever wrote it. A pending document
-- whose attempt ended with an error has milliseconds, which a claim sets to null;
-- a document that was handed back, or lost its worker, has none. The trigger runs
-- as the owner: a role that was granted the ledger before version 6 has no rights
-- on the counters.
create function pl.count_changed() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform pl.count_ends(array_agg(row(n.*)::pl.job_documents))
	   from pl_new n join pl_old o on o.job_id = n.job_id
	    and o.document_id = n.document_id
	  where n.status <> o.status and (n.status in ('stored', 'unchanged',
	        'failed', 'canceled')
	    or n.status = 'pending' and o.status = 'processing'
	        and n.error is not null and n.milliseconds is not null);
	return null;
end $$;
create function pl.count_added() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform pl.count_ends(array_agg(row(n.*)::pl.job_documents))
	   from pl_rows n where n.status in ('stored', 'unchanged', 'failed',
	    'canceled');
	return null;
end $$;
create trigger count_changed after update on pl.job_documents
    referencing old table as pl_old new table as pl_new
    for each statement execute function pl.count_changed();
create trigger count_added after insert on pl.job_documents
    referencing new table as pl_rows
    for each statement execute function pl.count_added();

create function pl.count_job() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
	insert into pl.counter_events (status, jobs) values (new.status, 1);
	return null;
end $$;
create trigger count_job after update on pl.jobs for each row
    when (old.status is distinct from new.status and new.status in
        ('completed', 'partial', 'failed', 'canceled'))
    execute function pl.count_job();

-- Only the triggers call them: whoever made a trigger of his own with one of them
-- could count what never happened.
revoke execute on function pl.count_ends(pl.job_documents[]), pl.count_changed(),
    pl.count_added(), pl.count_job() from public;

-- Add the events to the counters and delete them. One session at a time does so,
-- and therefore bounds the number of labels here: the first $1 sources have labels
-- of their own (of several new ones, the sources with most documents), and so have
-- the first $2 errors. The label of any other source or error is 'other'; only the
-- class of an error, which is one of six, is kept. A source or error keeps its
-- label for ever, as a counter would fall if its value moved to another label. A
-- new source begins with zeros, so that its first failure is an increase. A role
-- that may only read does nothing here, and sees what others have added.
create function pl.fold_counters(max_sources integer, max_errors integer)
returns void language plpgsql as $$
begin
	if current_setting('transaction_read_only')::boolean
	    or not has_table_privilege('pl.counter_events', 'delete')
	    or not has_table_privilege('pl.counters', 'update') then
		return;
	end if;
	-- The number is arbitrary; every pl uses it for this.
	perform pg_advisory_xact_lock(7092026002);
	with gone as (delete from pl.counter_events returning *),
	 parts as (select 'documents' as name, array[source, status] as labels,
	    documents as value, true as has_source from gone
	    where documents > 0 and status <> 'pending'
	  union all select 'retries', array[source], documents, true from gone
	    where status = 'pending'
	  union all select 'incomplete', array[source], incomplete, true
	    from gone where status = 'stored' and incomplete > 0
	  union all select 'chunks', array[source, 'stored'], chunks, true
	    from gone where status = 'stored' and chunks > 0
	  union all select 'chunks', array[source, 'refused'], refused, true
	    from gone where status = 'stored' and refused > 0
	  union all select 'errors', array[stage, class, code], documents, false
	    from gone where stage is not null
	  union all select 'duration', array[status, coalesce(
	    (pl.duration_bounds())[bound + 1]::text, '+Inf')], documents, false
	    from gone where bound is not null
	  union all select 'duration_sum', array[status], milliseconds, false
	    from gone where bound is not null
	  union all select 'jobs', array[status], jobs, false from gone
	    where jobs > 0),
	 happened as (select name, labels, sum(value) as value, has_source
	    from parts group by name, labels, has_source),
	 sources as (select labels[1] as source from pl.counters
	    where name = 'retries' and labels[1] <> 'other'),
	 new_sources as (select labels[1] as source, row_number() over (
	    order by sum(value) filter (where name = 'documents') desc
	        nulls last, labels[1]) + (select count(*) from sources) as n
	    from happened where has_source and labels[1] <> 'other'
	    and labels[1] not in (select source from sources) group by 1),
	 labelled as (select source from sources
	    union all select source from new_sources where n <= max_sources),
	 errors as (select labels from pl.counters
	    where name = 'errors' and labels[3] <> 'other'),
	 new_errors as (select labels, row_number() over (
	    order by value desc, labels) + (select count(*) from errors) as n
	    from happened where name = 'errors' and labels[3] <> 'other'
	    and labels not in (select labels from errors)),
	 known_errors as (select labels from errors
	    union all select labels from new_errors where n <= max_errors),
	 counted as (select name, case
	    when has_source and labels[1] not in (select source from labelled)
	        then array['other'] || labels[2:]
	    when name = 'errors'
	        and labels not in (select labels from known_errors)
	        then array['other', case when labels[2] in ('transient',
	            'throttled', 'quota', 'input', 'config', 'internal')
	            then labels[2] else 'other' end, 'other']
	    else labels end as labels, value from happened
	    union all select z.name, array[source] || z.labels, 0
	    from new_sources, (values ('documents', array['stored']),
	        ('documents', '{unchanged}'), ('documents', '{failed}'),
	        ('documents', '{canceled}'), ('retries', '{}'),
	        ('incomplete', '{}'), ('chunks', '{stored}'),
	        ('chunks', '{refused}')) as z(name, labels)
	    where n <= max_sources)
	insert into pl.counters as c (name, labels, value)
	select name, labels, sum(value) from counted group by name, labels
	on conflict (name, labels) do update set value = c.value + excluded.value;
end $$;

-- Count what the ledger holds already: the last end of each document in each job.
-- Earlier ends, and retries, are not in the ledger. A call counts a thousand
-- documents, as their errors are long.
select pl.count_ends(array_agg(row(e.job_id, e.document_id, e.task_id, e.status,
    e.attempts, e.stage, e.error, e.chunks, e.milliseconds, e.started_at,
    e.finished_at, e.failed_chunks, e.first_error, e.parked_at, e.kills)
    ::pl.job_documents))
  from (select j.*, (row_number() over () - 1) / 1000 as part
    from pl.job_documents j
    where status in ('stored', 'unchanged', 'failed', 'canceled')) as e
 group by part;
insert into pl.counter_events (status, jobs)
select status, count(*) from pl.jobs
 where status in ('completed', 'partial', 'failed', 'canceled') group by status;
insert into pl.counters values ('jobs', '{completed}'), ('jobs', '{partial}'),
    ('jobs', '{failed}'), ('jobs', '{canceled}');
