-- enqueue - put new tasks into a queue, or on its schedule
--
-- KEYS 1 the queue's list
-- ARGV queue, result ttl, failure ttl; then for each task: id, data (zlib),
--      timeout, attempts, description, run at (unix seconds), 1 for the front
--
-- A task that is alive already (queued, running, scheduled, waiting for
-- another) is left alone, so pushing twice is harmless; a task that has ended
-- starts again. One RPUSH serves all tasks. Returns how many were pushed.

local queue = ARGV[1]
local at = stamp()
local front, back = {}, {}
local live = {queued = 1, started = 1, scheduled = 1, deferred = 1,
	created = 1, rate_limited = 1, ready_to_enqueue = 1}
local pushed = 0

redis.call('SADD', 'rq:queues', KEYS[1])
for i = 4, #ARGV, 7 do
	local id = ARGV[i]
	local key = 'rq:job:' .. id
	local status = redis.pcall('HGET', key, 'status')
	local other = type(status) == 'table'
	if other or not live[status] then
		local due = tonumber(ARGV[i + 5])
		local later = due > now
		if status then
			redis.call('DEL', key, 'rq:results:' .. id)
			try('ZREM', 'rq:finished:' .. queue, id)
			try('ZREM', 'rq:failed:' .. queue, id)
			try('ZREM', 'rq:canceled:' .. queue, id)
		end
		redis.call('HSET', key,
			'status', later and 'scheduled' or 'queued',
			'created_at', at, 'data', ARGV[i + 1],
			'origin', queue, 'description', ARGV[i + 4],
			'timeout', ARGV[i + 2],
			'result_ttl', ARGV[2], 'failure_ttl', ARGV[3],
			'retries_left', ARGV[i + 3] - 1,
			'pl_max_attempts', ARGV[i + 3], 'pl_attempts', '0',
			later and 'enqueue_at_front' or 'enqueued_at',
			later and ARGV[i + 6] or at)
		if later then
			redis.call('ZADD', 'rq:scheduled:' .. queue, due, id)
		elseif ARGV[i + 6] == '1' then
			front[#front + 1] = id
		else
			back[#back + 1] = id
		end
		pushed = pushed + 1
	end
end
if #back > 0 then
	redis.call('RPUSH', KEYS[1], unpack(back))
end
if #front > 0 then
	redis.call('LPUSH', KEYS[1], unpack(front))
end
return pushed
