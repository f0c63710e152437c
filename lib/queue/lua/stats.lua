-- stats - a queue in numbers
--
-- KEYS 1 the queue's list
-- ARGV queue
--
-- Returns {length, started, scheduled, failed, finished, deferred, canceled,
-- workers busy, idle, suspended, oldest enqueued_at of the list's first
-- entries or "", now in seconds, reason of the pause or false}.

local queue = ARGV[1]
local out = {try('LLEN', KEYS[1]) or 0}
local states = {busy = 0, idle = 0, suspended = 0}
local oldest = ''

for _, registry in ipairs({'wip', 'scheduled', 'failed', 'finished',
    'deferred', 'canceled'}) do
	out[#out + 1] = try('ZCARD', 'rq:' .. registry .. ':' .. queue) or 0
end
for _, key in ipairs(try('SMEMBERS', 'rq:workers:' .. queue) or {}) do
	local state = try('HGET', key, 'state')
	if state == 'started' then
		state = 'idle'
	end
	if states[state] then
		states[state] = states[state] + 1
	end
end
-- The first task is the oldest, unless a task was pushed to the front.
for _, id in ipairs(try('LRANGE', KEYS[1], 0, 9) or {}) do
	local f = fields(id, 'enqueued_at')
	if f and f[1] and f[1] ~= '' and (oldest == '' or f[1] < oldest) then
		oldest = f[1]
	end
end
for _, value in ipairs({states.busy, states.idle, states.suspended, oldest,
    now, try('HGET', 'pl:paused:' .. queue, 'reason') or false}) do
	out[#out + 1] = value
end
return out
