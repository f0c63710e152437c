-- fail - end a task as failed for good, or as stopped by command
--
-- KEYS 1 the job's hash
-- ARGV queue, id, execution, worker, seconds worked, text (base64 of zlib),
--      status
--
-- Returns 1, also if this execution has already ended the task so, or 0 if the
-- task no longer belongs to this execution.

local queue, id, execution, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if not held(queue, id, execution, worker) then
	update_worker(worker, id)
	return settled(id, execution, ARGV[7]) and 1 or 0
end
drop_execution(queue, id, execution, worker, true)
file_failed(queue, id, worker, execution, ARGV[6], ARGV[7])
update_worker(worker, id, 'failed_job_count', ARGV[5])
return 1
