-- reap - take back what dead workers held in one queue
--
-- KEYS 1 the queue's list
-- ARGV queue, text of an abandoned job (base64 of zlib), seconds an orphan is
--      watched before it is taken back, most entries to look at
--
-- Safe from any number of processes at once: the script reads every entry's
-- score and the job's status again, so each entry is handled once. It handles
-- (a) pl's leases, (b) wip entries of all workers, those of Python workers by
-- RQ's own policy, (c) ids that a Python worker moved to the intermediate list
-- and never started. Returns {requeued, failed, dropped}. Expired entries in
-- the registries of ended jobs are removed, but not counted.

local queue, text = ARGV[1], ARGV[2]
local patience, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local requeued, failed, dropped = 0, 0, 0
local wip, lease = 'rq:wip:' .. queue, 'pl:lease:' .. queue
local orphans = 'pl:inter:' .. queue
local intermediate = KEYS[1] .. ':intermediate'

local function fail(id, execution, worker)
	file_failed(queue, id, worker or '', execution, text)
	failed = failed + 1
end

-- Retry by retries_left and retry_intervals. If there are fewer intervals than
-- retries, the first retries all use the first interval.
local function retry_as_rq(id, left, intervals)
	local known, list = pcall(cjson.decode, intervals or '')
	local wait = 0
	if known and type(list) == 'table' and #list > 0 then
		wait = tonumber(list[math.max(#list - left, 0) + 1]) or 0
	end
	redis.call('HSET', job_key(id), 'retries_left', left - 1)
	if wait > 0 then
		redis.call('HSET', job_key(id), 'status', 'scheduled')
		redis.call('ZADD', 'rq:scheduled:' .. queue,
			now + math.ceil(wait), id)
		free_slot(id)
	else
		file_queued(queue, id, false)
	end
	requeued = requeued + 1
end

-- Whether another execution of the job is alive.
local function elsewhere(id, execution)
	local function alive(member)
		return tonumber(try('ZSCORE', wip, member) or 0) > now
	end
	for _, other in ipairs(try('ZRANGE', 'rq:executions:' .. id, 0, -1) or
	    {}) do
		if other ~= execution and alive(id .. ':' .. other) then
			return true
		end
	end
	return execution ~= '' and alive(id)
end

-- A worker popped the job, put it into wip, and died before the start (RQ 2.x).
local function unstarted(id, execution)
	if not elsewhere(id, execution) and
	    not redis.call('LPOS', KEYS[1], id) and
	    not try('LPOS', intermediate, id) then
		file_queued(queue, id, true)
		requeued = requeued + 1
	end
end

-- Take a job back: by its own count of attempts if it is pl's, else by RQ's
-- policy.
local function take_back(id, execution, ours, f)
	local left = tonumber(f[7] or '') or 0
	local most_attempts = tonumber(f[6] or '') or
		math.max(usual_attempts, left + 1)
	if not good_id(id) then
		fail(id, execution, f[2])
	elseif ours and (tonumber(f[5] or '') or 1) < most_attempts then
		file_queued(queue, id, true)
		requeued = requeued + 1
	elseif not ours and left > 0 then
		retry_as_rq(id, left, f[8])
	else
		fail(id, execution, f[2])
	end
end

-- The lease or wip entry of a member has lapsed. A finished job is never
-- touched, and neither is a job that now runs as another execution.
local function lapse(member, by_lease)
	local id, execution = split(member)
	local f = fields(id, 'status', 'worker_name', 'pl_exec', 'pl_worker',
		'pl_attempts', 'pl_max_attempts', 'retries_left',
		'retry_intervals') or {}
	local worker = f[2] or ''
	local by_pl = f[3] and f[4] == worker
	local ours = by_pl and (execution == '' or execution == f[3])
	if execution == '' and ours then
		execution = f[3]
	end
	local current = f[1] == 'started' and (ours or not by_lease and
		not by_pl and not elsewhere(id, execution))
	drop_execution(queue, id, execution, worker, current)
	if not by_lease then
		try('ZREM', wip, member)
	end
	if current then
		take_back(id, execution, ours, f)
	else
		dropped = dropped + 1
		if f[1] == 'queued' and not by_lease and good_id(id) then
			unstarted(id, execution)
		end
	end
end

-- A Python worker keeps an id in the intermediate list for an instant. Only an
-- id that stays there is an orphan.
local function orphan(id)
	local f = fields(id, 'status')
	if not f or f[1] ~= 'queued' then
		redis.call('LREM', intermediate, 0, id)
		try('HDEL', orphans, id)
		dropped = dropped + 1
	elseif (try('ZCARD', 'rq:executions:' .. id) or 0) == 0 and
	    not redis.call('LPOS', KEYS[1], id) then
		try('HSETNX', orphans, id, now)
		local first = tonumber(try('HGET', orphans, id) or '') or now
		if now - first >= patience then
			redis.call('LREM', intermediate, 0, id)
			redis.call('DEL', intermediate .. ':first_seen:' .. id)
			try('HDEL', orphans, id)
			file_queued(queue, id, true)
			requeued = requeued + 1
		end
	end
end

for _, key in ipairs({lease, wip}) do
	for _, member in ipairs(try('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT',
	    0, most) or {}) do
		lapse(member, key == lease)
	end
end
for _, id in ipairs(try('LRANGE', intermediate, 0, most - 1) or {}) do
	orphan(id)
end
if try('LLEN', intermediate) == 0 then
	redis.call('DEL', orphans)
end
-- Remove the workers whose hash has expired; RQ keeps them.
for _, key in ipairs(try('SMEMBERS', 'rq:workers:' .. queue) or {}) do
	if redis.call('EXISTS', key) == 0 then
		redis.call('SREM', 'rq:workers:' .. queue, key)
		try('SREM', 'rq:workers', key)
	end
end
-- Remove expired entries as RQ's maintenance does, which may not run. In the
-- failed registry the score -1 means for ever; such entries come first.
for _, name in ipairs({'finished', 'failed'}) do
	local key = 'rq:' .. name .. ':' .. queue
	local count = math.min(try('ZCOUNT', key, 0, now) or 0, 20000)
	if count > 0 then
		local first = redis.call('ZCOUNT', key, '-inf', '(0')
		redis.call('ZREMRANGEBYRANK', key, first, first + count - 1)
	end
end
for _, id in ipairs(try('ZRANGEBYSCORE', 'rq:canceled:' .. queue, '-inf',
    now - 2592000, 'LIMIT', 0, 100) or {}) do
	if redis.call('EXISTS', job_key(id)) == 0 then
		redis.call('ZREM', 'rq:canceled:' .. queue, id)
	end
end
return {requeued, failed, dropped}
