-- Schema pl, version 4: refused chunks are on the account; a parked queue
-- knows which documents met the error, and when it was opened.

-- A document is incomplete when chunks of it were refused: how many, the first
-- reason, and how often that content was stored so.
alter table pl.documents add failed_chunks integer not null default 0;
alter table pl.documents add first_error jsonb;
alter table pl.documents add incomplete_tries integer not null default 0;
create index documents_incomplete on pl.documents (id)
    where failed_chunks > 0;

-- parked_at: when the document met an error that parked its queue.
alter table pl.job_documents add failed_chunks integer not null default 0;
alter table pl.job_documents add first_error jsonb;
alter table pl.job_documents add parked_at timestamptz;
-- When a stored document last opened it.
alter table pl.queues add opened_at timestamptz;

-- Documents of it that were stored without some of their chunks.
alter table pl.jobs add incomplete integer not null default 0;

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
	        as tasks, j.incomplete
	  from pl.jobs j left join pl.sources s on s.id = j.source_id
	  left join lateral (select
	      count(*) filter (where d.status = 'pending') as waiting,
	      count(*) filter (where d.status = 'processing') as in_flight
	      from pl.job_documents d where d.job_id = j.id) w on true;

drop function pl.add_counts(uuid, integer, integer, integer, integer, integer);
create function pl.add_counts(job uuid, n integer, n_stored integer,
    n_incomplete integer, n_unchanged integer, n_failed integer,
    n_canceled integer)
returns void language sql as $$
	update pl.jobs set documents = documents + n,
	    stored = stored + n_stored, incomplete = incomplete + n_incomplete,
	    unchanged = unchanged + n_unchanged,
	    failed = failed + n_failed, canceled = canceled + n_canceled
	 where id = job
$$;

create or replace function pl.count_documents() returns trigger
language plpgsql as $$
begin
	perform pl.add_counts(d.job_id, d.n::int, d.stored::int,
	    d.incomplete::int, d.unchanged::int, d.failed::int, d.canceled::int)
	   from (select job_id, sum(sign) as n,
	    coalesce(sum(sign) filter (where status = 'stored'), 0) as stored,
	    coalesce(sum(sign) filter (where status = 'stored'
	        and failed_chunks > 0), 0) as incomplete,
	    coalesce(sum(sign) filter (where status = 'unchanged'), 0)
	        as unchanged,
	    coalesce(sum(sign) filter (where status = 'failed'), 0) as failed,
	    coalesce(sum(sign) filter (where status = 'canceled'), 0)
	        as canceled
	    from (select job_id, status, failed_chunks, 1 as sign from pl_new
	        union all select job_id, status, failed_chunks, -1 from pl_old)
	        as rows
	    group by job_id order by job_id) as d
	  where (d.n, d.stored, d.incomplete, d.unchanged, d.failed, d.canceled)
	    <> (0, 0, 0, 0, 0, 0);
	return null;
end $$;
-- One function for rows that come and rows that go.
drop trigger count_insert on pl.job_documents;
drop trigger count_delete on pl.job_documents;
drop function pl.count_documents_insert();
drop function pl.count_documents_delete();
create function pl.count_rows() returns trigger language plpgsql as $$
declare
	sign integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
	perform pl.add_counts(d.job_id, sign * d.n, sign * d.stored,
	    sign * d.incomplete, sign * d.unchanged, sign * d.failed,
	    sign * d.canceled)
	   from (select job_id, count(*)::int as n,
	    count(*) filter (where status = 'stored')::int as stored,
	    count(*) filter (where status = 'stored' and failed_chunks > 0)::int
	        as incomplete,
	    count(*) filter (where status = 'unchanged')::int as unchanged,
	    count(*) filter (where status = 'failed')::int as failed,
	    count(*) filter (where status = 'canceled')::int as canceled
	    from pl_rows group by job_id order by job_id) as d;
	return null;
end $$;
create trigger count_insert after insert on pl.job_documents
    referencing new table as pl_rows
    for each statement execute function pl.count_rows();
create trigger count_delete after delete on pl.job_documents
    referencing old table as pl_rows
    for each statement execute function pl.count_rows();

create or replace function pl.close_job() returns trigger language plpgsql as $$
begin
	new.status := case
	    when new.failed = 0 and new.canceled = 0
	        then case when new.incomplete = 0 then 'completed'
	            else 'partial' end
	    when new.failed = 0 and new.stored + new.unchanged = 0
	        then 'canceled'
	    when new.stored + new.unchanged > 0 then 'partial'
	    else 'failed' end;
	new.finished_at := clock_timestamp();
	return new;
end $$;
