-- cancel - tasks that have not ended must not start or go on
--
-- KEYS none
-- ARGV seconds to keep a canceled job's hash, ids ...
--
-- A running task loses its place in wip, so its worker's next renewal says
-- "lost". The script acts on the status that it reads; a task that has ended is
-- left alone. Returns how many were canceled.

local ttl = tonumber(ARGV[1])
local done, listed = 0, {}

for i = 2, #ARGV do
	local id = ARGV[i]
	local f = fields(id, 'status', 'origin', 'pl_exec', 'worker_name')
	local status, queue = f and f[1], f and f[2]
	local home = ({scheduled = 'rq:scheduled:', deferred = 'rq:deferred:',
		queued = 'list', created = 'list', started = 'wip'})[status]
	if home and queue then
		redis.call('HSET', job_key(id), 'status', 'canceled',
			'ended_at', stamp())
		if home == 'list' then
			listed[queue] = listed[queue] or {}
			table.insert(listed[queue], id)
		elseif home == 'wip' then
			for _, execution in ipairs(try('ZRANGE',
			    'rq:executions:' .. id, 0, -1) or {}) do
				drop_execution(queue, id, execution, f[4], true)
			end
			drop_execution(queue, id, f[3] or '', f[4], true)
		else
			try('ZREM', home .. queue, id)
		end
		try('ZADD', 'rq:canceled:' .. queue, now, id)
		free_slot(id)
		expire_job(id, ttl)
		done = done + 1
	end
end
for queue, ids in pairs(listed) do
	unlist(queue, ids)
end
return done
