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
	if queue and (f[1] == 'queued' or f[1] == 'created') then
		listed[queue] = listed[queue] or {}
		table.insert(listed[queue], id)
	end
	done = done + forget(id, f)
end
for queue, ids in pairs(listed) do
	unlist(queue, ids)
end
return done
