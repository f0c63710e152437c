-- common - put in front of every script: time, names, and the moves that
-- several scripts share. Redis does not roll a script back. So a command that
-- could fail on a key of another type goes through try(), and the move that
-- decides (status, wip, list) comes first.

local time = redis.call('TIME')
local now = tonumber(time[1])
local micros = tonumber(time[2])
local now_float = string.format('%d.%06d', now, micros)

-- Attempts of a task that names no number. More than one, as a worker's death
-- is not the fault of the task.
local usual_attempts = 3

-- RQ's text form of a time in unix seconds, UTC. The year starts in March here,
-- so that the leap day is the last one.
local function stamp_of(seconds, fraction)
	local days = math.floor(seconds / 86400) + 719468
	local rest = seconds % 86400
	local day = days % 146097
	local year = math.floor((day - math.floor(day / 1460) +
		math.floor(day / 36524) - math.floor(day / 146096)) / 365)
	day = day - (365 * year + math.floor(year / 4) -
		math.floor(year / 100))
	local month = math.floor((5 * day + 2) / 153)
	day = day - math.floor((153 * month + 2) / 5) + 1
	month = month < 10 and month + 3 or month - 9
	year = year + math.floor(days / 146097) * 400
	if month <= 2 then
		year = year + 1
	end
	return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%06dZ', year,
		month, day, math.floor(rest / 3600),
		math.floor(rest / 60) % 60, rest % 60, fraction)
end

local stamped
local function stamp()
	stamped = stamped or stamp_of(now, micros)
	return stamped
end

-- Call a command that may meet a key of another type: the result is then nil.
-- If a replica refuses a write, the script ends with that error; it is the
-- first write, so nothing was done.
local function try(...)
	local reply = redis.pcall(...)
	if type(reply) ~= 'table' or not reply.err then
		return reply
	end
	if string.find(reply.err, 'READONLY', 1, true) then
		return redis.call(...)
	end
	return nil
end

local function job_key(id)
	return 'rq:job:' .. id
end

local function list_key(queue)
	return 'rq:queue:' .. queue
end

-- RQ >= 2.8 dies on any other id, RQ >= 2.0 on ':'.
local function good_id(id)
	return #id <= 255 and string.find(id, '^[%w_-]+$') ~= nil
end

-- Split 'J:E' or 'J' into id and execution; an execution is 32 hex digits.
local function split(member)
	local id, execution = string.match(member, '^(.*):(%x+)$')
	if id and #execution == 32 then
		return id, execution
	end
	return member, ''
end

local function fields(id, ...)
	return try('HMGET', job_key(id), ...)
end

-- Put an id into the queue's list as RQ does: register the queue, then push.
local function push(queue, id, front)
	redis.call('SADD', 'rq:queues', list_key(queue))
	redis.call(front and 'LPUSH' or 'RPUSH', list_key(queue), id)
end

-- Remove what remains of an execution, whoever ran it. The plain member is
-- removed only if the caller knows that the job belongs to this execution.
local function drop_execution(queue, id, execution, worker, plain)
	local member = id .. ':' .. execution
	try('ZREM', 'rq:wip:' .. queue, member)
	if plain then
		try('ZREM', 'rq:wip:' .. queue, id)
		try('LREM', list_key(queue) .. ':intermediate', 0, id)
	end
	try('ZREM', 'pl:lease:' .. queue, member)
	if execution ~= '' then
		try('DEL', 'rq:execution:' .. member)
		try('ZREM', 'rq:executions:' .. id, execution)
	end
	if worker and worker ~= '' then
		try('SREM', 'rq:worker:' .. worker .. ':executions', member)
	end
end

-- The fence: false, unless this worker's execution still runs the job. Else the
-- fields of the hash that complete.lua needs.
local function held(queue, id, execution, worker)
	local f = fields(id, 'status', 'pl_exec', 'worker_name', 'result_ttl',
		'rate_limit_key')
	if not f or f[1] ~= 'started' or f[2] ~= execution or
	    f[3] ~= worker then
		return false
	end
	return (try('ZSCORE', 'rq:wip:' .. queue, id .. ':' .. execution) or
		try('ZSCORE', 'rq:wip:' .. queue, id)) and
		{result_ttl = f[4], rate_limit_key = f[5]}
end

-- Whether this execution has already made the move, and its answer was lost.
local function settled(id, execution, status, other)
	local f = fields(id, 'status', 'pl_exec')
	return f and f[2] == execution and (f[1] == status or f[1] == other)
end

-- Remove the job from the worker's hash.
local function clear_job(worker, id)
	local key = 'rq:worker:' .. worker
	if try('HGET', key, 'current_job') == id then
		redis.call('HDEL', key, 'current_job')
		redis.call('HSET', key, 'current_job_working_time', '0')
	end
end

-- Update the worker's hash after a job, or after several, of which this is the
-- last. Never creates the hash: a hash without a birth would stand for no
-- worker, and it might stay without a TTL.
local function update_worker(worker, id, counter, seconds, count)
	local key = 'rq:worker:' .. worker
	if try('HEXISTS', key, 'birth') ~= 1 then
		return
	end
	clear_job(worker, id)
	if try('SCARD', key .. ':executions') == 0 then
		redis.call('HSET', key, 'state', 'idle')
	end
	if counter then
		try('HINCRBY', key, counter, count or 1)
		try('HINCRBYFLOAT', key, 'total_working_time', seconds)
	end
	redis.call('HSET', key, 'last_heartbeat', stamp())
	redis.call('EXPIRE', key, 60)
end

-- Add an entry to the results stream, and set the stream's TTL (-1: none).
local function add_result(id, ttl, ...)
	local key = 'rq:results:' .. id
	local kind = redis.call('TYPE', key).ok
	if kind ~= 'stream' and kind ~= 'none' then
		redis.call('DEL', key)
	end
	redis.call('XADD', key, 'MAXLEN', '~', 10, '*', ...)
	if ttl < 0 then
		redis.call('PERSIST', key)
	else
		redis.call('EXPIRE', key, ttl)
	end
end

local function expire_job(id, ttl)
	for _, key in ipairs({job_key(id), job_key(id) .. ':dependents',
	    'rq:job::' .. id .. ':dependencies'}) do
		if ttl < 0 then
			redis.call('PERSIST', key)
		else
			redis.call('EXPIRE', key, ttl)
		end
	end
end

local function parents_done(id, allow_failure)
	local parents = try('SMEMBERS', 'rq:job::' .. id .. ':dependencies')
	for _, parent in ipairs(parents or {}) do
		local f = fields(parent, 'status')
		local status = f and f[1]
		if status and status ~= 'finished' and
		    not (allow_failure and status == 'failed') then
			return false
		end
	end
	return true
end

-- Queue the jobs that waited for this job and now wait for no other. As RQ
-- does, take each queued job out of the set of dependents.
local function free_dependents(id)
	local key = job_key(id) .. ':dependents'
	for _, child in ipairs(try('SMEMBERS', key) or {}) do
		local f = fields(child, 'status', 'origin',
			'allow_dependency_failures', 'enqueue_at_front')
		if not f or not f[1] or not f[2] then
			redis.call('SREM', key, child)
		elseif f[1] == 'deferred' and
		    parents_done(child, f[3] == '1') then
			redis.call('HSET', job_key(child), 'status', 'queued',
				'enqueued_at', stamp())
			try('ZREM', 'rq:deferred:' .. f[2], child)
			push(f[2], child, f[4] == '1')
			redis.call('SREM', key, child)
		end
	end
end

-- RQ (unreleased) limits rates: any end of a job frees its slot of the key.
local function free_slot(id)
	local f = fields(id, 'rate_limit_key')
	if f and f[1] and f[1] ~= '' then
		try('ZREM', 'rq:rl:' .. f[1] .. ':allowed', id)
	end
end

-- End a job as failed; text is base64 of zlib, as RQ reads it.
local function file_failed(queue, id, worker, execution, text, status)
	local ttl = tonumber((fields(id, 'failure_ttl') or {})[1] or '') or
		31536000
	redis.call('HSET', job_key(id), 'status', status or 'failed',
		'ended_at', stamp(), 'origin', queue)
	try('ZADD', 'rq:failed:' .. queue, ttl < 0 and -1 or now + ttl, id)
	add_result(id, ttl, 'type', 2, 'exc_string', text, 'worker_name',
		worker, 'execution_id', execution)
	free_dependents(id)
	free_slot(id)
	expire_job(id, ttl)
end

-- Delete all traces of a job but its place in the queue's list. f has the fields
-- status, origin, pl_exec and worker_name of its hash. Returns 1, or 0 if there
-- was no hash.
local function forget(id, f)
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
		free_slot(id)
	end
	local deleted = redis.call('DEL', job_key(id))
	redis.call('DEL', job_key(id) .. ':dependents', 'rq:job::' .. id ..
		':dependencies', 'rq:results:' .. id, 'rq:executions:' .. id)
	return deleted
end

-- Put a job back into the list; the caller has removed it from its old place.
local function file_queued(queue, id, front)
	redis.call('HSET', job_key(id), 'status', 'queued', 'enqueued_at',
		stamp(), 'origin', queue)
	redis.call('PERSIST', job_key(id))
	push(queue, id, front)
	free_slot(id)
end

-- The ids that a queue's list or its intermediate list holds, as a set.
local function members(queue)
	local set = {}
	for _, key in ipairs({list_key(queue), list_key(queue) ..
	    ':intermediate'}) do
		for _, id in ipairs(try('LRANGE', key, 0, -1) or {}) do
			set[id] = true
		end
	end
	return set
end

-- Remove ids from a queue's list: one by one if that is little work, else by
-- writing the list again.
local function unlist(queue, ids)
	local key = list_key(queue)
	local length = try('LLEN', key)
	if not length then
		return
	end
	if #ids * length < 200000 then
		for _, id in ipairs(ids) do
			redis.call('LREM', key, 0, id)
		end
		return
	end
	local gone, keep = {}, {}
	for _, id in ipairs(ids) do
		gone[id] = true
	end
	local all = redis.call('LRANGE', key, 0, -1)
	redis.call('DEL', key)
	for i, id in ipairs(all) do
		if not gone[id] then
			keep[#keep + 1] = id
		end
		if #keep == 1000 or i == #all and #keep > 0 then
			redis.call('RPUSH', key, unpack(keep))
			keep = {}
		end
	end
end
