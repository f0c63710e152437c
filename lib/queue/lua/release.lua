-- release - a worker that stops hands a task back; no attempt is counted
--
-- KEYS 1 the job's hash
-- ARGV queue, id, execution, worker
--
-- The task goes to the front of the queue. Returns 1, also when this
-- execution already said so, or 0 when the task is no longer this execution's.

local queue, id, execution, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if not held(queue, id, execution, worker) then
	rest(worker, id)
	return settled(id, execution, 'queued') and 1 or 0
end

local attempts = tonumber(fields(id, 'pl_attempts')[1] or '') or 1
leave(queue, id, execution, worker, true)
redis.call('HSET', KEYS[1], 'started_at', '', 'worker_name', '',
	'pl_attempts', math.max(attempts - 1, 0))
file_queued(queue, id, true)
rest(worker, id)
return 1
