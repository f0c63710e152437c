-- prune - forget tasks that ended long ago
--
-- KEYS none
-- ARGV seconds since their end, 1 to count only, ids ...
--
-- Only tasks that pl pushed, which have a field that RQ does not know. A task
-- that has not ended, or ended later, stays. Returns how many tasks there were.

local before = stamp_of(now - tonumber(ARGV[1]), 0)
local ended = {finished = 1, failed = 1, canceled = 1, stopped = 1}
local done = 0

for i = 3, #ARGV do
	local id = ARGV[i]
	local f = fields(id, 'status', 'origin', 'pl_exec', 'worker_name',
		'pl_max_attempts', 'ended_at')
	if f and f[5] and ended[f[1]] and f[6] and f[6] < before then
		done = done + 1
		if ARGV[2] ~= '1' then
			forget(id, f)
		end
	end
end
return done
