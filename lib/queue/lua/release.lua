-- release - a worker that stops gives a task back; no attempt counts
--
-- KEYS 1 the job's hash
-- ARGV queue, id, execution, worker
--
-- The task goes to the front of the queue. Returns 1, also if this execution
-- has already given the task back, or 0 if the task no longer belongs to this
-- execution.

local queue, id, execution, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if not held(queue, id, execution, worker) then
	update_worker(worker, id)
	return settled(id, execution, 'queued') and 1 or 0
end

local attempts = tonumber(fields(id, 'pl_attempts')[1] or '') or 1
drop_execution(queue, id, execution, worker, true)
redis.call('HSET', KEYS[1], 'started_at', '', 'worker_name', '',
	'pl_attempts', math.max(attempts - 1, 0))
file_queued(queue, id, true)
update_worker(worker, id)
return 1
