-- requeue - queue tasks again that have ended, or that are in no list
--
-- KEYS none
-- ARGV ids ...
--
-- For failed, stopped, canceled and finished tasks, and for queued ones that
-- were lost between a pop and a start. Attempts count from 0 again. Returns how
-- many were put into a queue.

local ends = {failed = 'rq:failed:', stopped = 'rq:failed:',
	canceled = 'rq:canceled:', finished = 'rq:finished:'}
local lists = {}
local done = 0

for i = 1, #ARGV do
	local id = ARGV[i]
	local f = fields(id, 'status', 'origin', 'data')
	local status, queue = f and f[1], f and f[2]
	if queue and f[3] and good_id(id) then
		local again = ends[status]
		if again then
			try('ZREM', again .. queue, id)
		elseif status == 'queued' or status == 'created' then
			lists[queue] = lists[queue] or members(queue)
			again = not lists[queue][id]
		end
		if again then
			redis.call('HSET', job_key(id), 'started_at', '',
				'ended_at', '', 'worker_name', '',
				'pl_attempts', '0')
			redis.call('HDEL', job_key(id), 'pl_exec', 'exc_info')
			file_queued(queue, id, false)
			if lists[queue] then
				lists[queue][id] = true
			end
			done = done + 1
		end
	end
end
return done
