-- fail - a task has failed for good, or was stopped by command
--
-- KEYS 1 the job's hash
-- ARGV queue, id, execution, worker, seconds worked, text (base64 of zlib),
--      status
--
-- Returns 1, also when this execution already said so, or 0 when the task is
-- no longer this execution's.

local queue, id, execution, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if not held(queue, id, execution, worker) then
	rest(worker, id)
	return settled(id, execution, ARGV[7]) and 1 or 0
end
leave(queue, id, execution, worker, true)
file_failed(queue, id, worker, execution, ARGV[6], ARGV[7])
rest(worker, id, 'failed_job_count', ARGV[5])
return 1
