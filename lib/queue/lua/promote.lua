-- promote - queue the tasks that are due on a queue's schedule
--
-- KEYS 1 the queue's list, 2 the queue's schedule
-- ARGV queue, process id, host, most entries to look at
--
-- Each entry's status decides, so two schedulers queue it once. An entry
-- without its hash is kept for a minute: RQ writes the schedule first and the
-- hash after it. The lock is RQ's: RQ's schedulers stay away while pl's works.
-- Nothing here depends on the lock. Returns how many were queued.

local queue, pid = ARGV[1], ARGV[2]
local lock = 'rq:scheduler-lock:' .. queue
local queued = 0

if (try('ZCARD', KEYS[2]) or 0) == 0 then
	return 0
end
if redis.call('SET', lock, pid, 'NX', 'EX', 61) or
    try('GET', lock) == pid then
	local key = 'rq:scheduler:' .. pid
	redis.call('EXPIRE', lock, 61)
	try('HSET', key, 'name', pid, 'hostname', ARGV[3], 'pid', pid,
		'queues', queue, 'created_at', stamp(), 'last_heartbeat',
		stamp())
	redis.call('EXPIRE', key, 61)
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT',
    0, tonumber(ARGV[4]))) do
	local f = fields(id, 'status', 'enqueue_at_front')
	if f and f[1] == 'scheduled' then
		redis.call('ZREM', KEYS[2], id)
		file_queued(queue, id, f[2] == '1')
		queued = queued + 1
	elseif not f or f[1] or
	    tonumber(redis.call('ZSCORE', KEYS[2], id)) < now - 60 then
		redis.call('ZREM', KEYS[2], id)
	end
end
return queued
