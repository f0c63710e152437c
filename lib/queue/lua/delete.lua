-- delete - forget tasks, whatever their state
--
-- KEYS none
-- ARGV ids ...
--
-- Deletes their results, too, which RQ leaves behind. Returns how many tasks
-- there were.

local done, listed = 0, {}

for i = 1, #ARGV do
	local id = ARGV[i]
	local f = fields(id, 'status', 'origin', 'pl_exec', 'worker_name')
	local queue = f and f[2]
	if queue then
		local executions = try('ZRANGE', 'rq:executions:' .. id, 0,
			-1) or {}
		executions[#executions + 1] = f[3] or ''
		for _, execution in ipairs(executions) do
			drop_execution(queue, id, execution, f[4], true)
		end
		for _, registry in ipairs({'finished', 'failed', 'deferred',
		    'scheduled', 'canceled'}) do
			try('ZREM', 'rq:' .. registry .. ':' .. queue, id)
		end
		if f[1] == 'queued' or f[1] == 'created' then
			listed[queue] = listed[queue] or {}
			table.insert(listed[queue], id)
		end
		free_slot(id)
	end
	done = done + redis.call('DEL', job_key(id))
	redis.call('DEL', job_key(id) .. ':dependents', 'rq:job::' .. id ..
		':dependencies', 'rq:results:' .. id, 'rq:executions:' .. id)
end
for queue, ids in pairs(listed) do
	unlist(queue, ids)
end
return done
