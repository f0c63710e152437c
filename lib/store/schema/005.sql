-- Schema pl, version 5: a document that its workers die of is found.

-- alone: the only document in the pipeline of the task's worker, for the time
-- after a crash. kills: how many workers were lost while it was that.
alter table pl.tasks add alone uuid;
alter table pl.job_documents add kills integer not null default 0;

-- A worker was lost with one document alone: at its second, that one fails, and
-- the others of the task go on.
create function pl.count_kill() returns trigger language plpgsql as $$
begin
	update pl.job_documents set kills = kills + 1
	    where task_id = new.id and document_id = new.alone
	    and status in ('pending', 'processing');
	with j as (update pl.job_documents set status = 'failed',
	      stage = 'worker', finished_at = now(),
	      error = jsonb_build_object('stage', 'worker', 'class', 'internal',
	      'code', 'worker_lost', 'message', kills ||
	      ' workers were lost while they processed this document alone')
	    where task_id = new.id and document_id = new.alone and kills >= 2
	    and status in ('pending', 'processing')
	    returning document_id, error)
	update pl.documents d set status = 'failed', error = j.error from j
	    where d.id = j.document_id and d.status in ('pending', 'processing');
	update pl.tasks set alone = null where id = new.id;
	return null;
end $$;
create trigger count_kill after update on pl.tasks for each row
    when (new.crashes > old.crashes and new.alone is not null)
    execute function pl.count_kill();
