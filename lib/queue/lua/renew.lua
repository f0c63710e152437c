-- renew - renew the worker's hash and all its leases at once
--
-- KEYS 1 the worker's hash
-- ARGV worker, seconds of lease; then for each claim: queue, id, execution,
--      seconds worked
--
-- Returns one number for each claim: 1 renewed, 0 lost.

local worker, lease = ARGV[1], tonumber(ARGV[2])
local at = stamp()
local out = {}
local working = '0'

for i = 3, #ARGV, 4 do
	local queue, id, execution = ARGV[i], ARGV[i + 1], ARGV[i + 2]
	local member = id .. ':' .. execution
	local alive = held(queue, id, execution, worker)
	if alive then
		redis.call('ZADD', 'rq:wip:' .. queue, 'XX', now + 90, member,
			now + 90, id)
		redis.call('ZADD', 'pl:lease:' .. queue, now + lease, member)
		redis.call('HSET', job_key(id), 'last_heartbeat', at)
		if redis.call('EXISTS', 'rq:execution:' .. member) == 1 then
			try('HSET', 'rq:execution:' .. member,
				'last_heartbeat', now_float)
			redis.call('EXPIRE', 'rq:execution:' .. member, 90)
			try('ZADD', 'rq:executions:' .. id, now + 150,
				execution)
			redis.call('EXPIRE', 'rq:executions:' .. id, 150)
		end
		working = ARGV[i + 3]
	end
	out[#out + 1] = alive and 1 or 0
end
if try('HEXISTS', KEYS[1], 'birth') == 1 then
	redis.call('HSET', KEYS[1], 'last_heartbeat', at,
		'current_job_working_time', working)
	redis.call('EXPIRE', KEYS[1], 90)
	redis.call('EXPIRE', KEYS[1] .. ':executions', 150)
end
return out
