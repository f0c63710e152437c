-- retry - try a task again, now or later
--
-- KEYS 1 the job's hash
-- ARGV queue, id, execution, worker, seconds worked, seconds to wait
--
-- Status, schedule and the end of the execution are one step. Returns 1, also
-- if this execution has already retried the task, or 0 if the task no longer
-- belongs to this execution.

local queue, id, execution, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local wait = math.ceil(tonumber(ARGV[6]))

if not held(queue, id, execution, worker) then
	update_worker(worker, id)
	return settled(id, execution, 'scheduled', 'queued') and 1 or 0
end

local f = fields(id, 'retries_left', 'enqueue_at_front_on_retry')
local left = tonumber(f[1] or '') or 0
drop_execution(queue, id, execution, worker, true)
redis.call('HSET', KEYS[1], 'ended_at', stamp())
if left > 0 then
	redis.call('HSET', KEYS[1], 'retries_left', left - 1)
end
if wait > 0 then
	redis.call('HSET', KEYS[1], 'status', 'scheduled')
	redis.call('ZADD', 'rq:scheduled:' .. queue, now + wait, id)
	redis.call('SADD', 'rq:queues', list_key(queue))
	free_slot(id)
else
	file_queued(queue, id, f[2] == '1')
end
update_worker(worker, id, 'failed_job_count', ARGV[5])
return 1
