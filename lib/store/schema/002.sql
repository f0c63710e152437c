-- Schema pl, version 2: what a busy queue writes costs less.

-- An index on open tasks whose predicate names the status would be taken by
-- every statement that looks for tasks by id and asks for that status, and be
-- read from end to end; and no change of the status could leave it alone. An
-- end is for good, and a task has a time of it exactly then.
update pl.tasks set finished_at = null where finished_at is not null
    and status in ('pending', 'queued', 'in_progress');
update pl.tasks set finished_at = now()
 where finished_at is null and status in ('completed', 'failed', 'canceled');
alter table pl.tasks add constraint tasks_end check ((finished_at is null)
    = (status in ('pending', 'queued', 'in_progress')));
drop index pl.tasks_open;
create index tasks_open on pl.tasks (queue, run_at) where finished_at is null;
-- Rows that were added together change together, all of a page in one
-- transaction. With half of the page free that touches no index.
alter table pl.tasks set (fillfactor = 45);
alter table pl.job_documents set (fillfactor = 45);
-- A change of a document's status copies its row, so the text stands apart.
alter table pl.documents set (toast_tuple_target = 256, fillfactor = 45);

-- Whether a move is legal is asked in the condition, where the list becomes a
-- few comparisons; only an illegal one calls the function.
drop trigger check_move on pl.sources;
drop trigger check_move on pl.jobs;
drop trigger check_move on pl.documents;
drop trigger check_move on pl.tasks;
create trigger check_move before update of status on pl.sources for each row
    when (old.status is distinct from new.status
        and not pl.legal_move('source', old.status, new.status))
    execute function pl.check_move('source');
create trigger check_move before update on pl.jobs for each row
    when (old.status is distinct from new.status
        and not pl.legal_move('job', old.status, new.status))
    execute function pl.check_move('job');
create trigger check_move before update of status on pl.documents for each row
    when (old.status is distinct from new.status
        and not pl.legal_move('document', old.status, new.status))
    execute function pl.check_move('document');
create trigger check_move before update of status on pl.tasks for each row
    when (old.status is distinct from new.status
        and not pl.legal_move('task', old.status, new.status))
    execute function pl.check_move('task');
