-- claim - take tasks from the first queues that have some
--
-- KEYS 1 the worker's hash; 2.. the queues' lists, in order of priority
-- ARGV worker, execution id without its last 4 digits, most to claim, seconds
--      of lease, 1 for the plain wip format, most bytes of data, 1 when asked
--      again after a lost answer, text for a bad id, text for an unknown
--      status (both base64 of zlib); then the queues' names, as KEYS 2..
--
-- Pop, "started" and wip are one step, so no crash can fall in between. An id
-- that cannot be run is dropped or filed as failed, and the next one is taken.
-- After 1000 such ids the script returns "again", so that it does not block
-- Redis. Returns {"suspended"}, {"paused"} or {"ok"|"again", claims, notes}
-- with claim {queue, id, execution, data or false, bytes, timeout, attempt,
-- attempts allowed, enqueued at, 1 for a probe} and note "what, why".

local worker, base, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local lease, plain, limit = tonumber(ARGV[4]), ARGV[5] == '1',
	tonumber(ARGV[6])
local at = stamp()
local claims, notes, dropped = {}, {}, 0

-- A popped job with one of these states is not started: it runs already, has
-- ended, or must wait. Any other unknown state would stop RQ >= 2.0, so such a
-- job is filed as failed.
local not_startable = {started = 1, finished = 1, failed = 1, deferred = 1,
	scheduled = 1, stopped = 1, canceled = 1, rate_limited = 1,
	ready_to_enqueue = 1}

-- The fields of a job's hash that a claim needs; nil if the key is not a hash.
local function read_job(id)
	local f = fields(id, 'status', 'timeout', 'pl_attempts',
		'pl_max_attempts', 'retries_left', 'enqueued_at', 'origin')
	return f and {status = f[1], timeout = f[2] or '',
		attempts = tonumber(f[3] or '') or 0,
		allowed = tonumber(f[4] or '') or math.max(usual_attempts,
			(tonumber(f[5] or '') or 0) + 1),
		enqueued_at = f[6] or '', origin = f[7],
		bytes = redis.call('HSTRLEN', job_key(id), 'data')}
end

local function claimed(queue, id, execution, job)
	claims[#claims + 1] = {queue, id, execution, job.bytes <= limit and
		redis.call('HGET', job_key(id), 'data'), job.bytes,
		job.timeout, job.attempts, job.allowed, job.enqueued_at, 0}
end

-- Whether somebody paused the queue Q of a queue Q@C: then no queue of a
-- collection gives a task. A queue Q that is probed was parked by its own tasks.
local function base_is_paused(queue)
	local base = string.match(queue, '^(.*)@[a-z0-9_]+$')
	local key = base and 'pl:paused:' .. base
	return key and redis.call('EXISTS', key) == 1 and
		(tonumber(try('HGET', key, 'probe_at') or '') or 0) == 0
end

-- How many tasks a queue may give: none while it is paused, one as a probe.
local function allowance(queue)
	if base_is_paused(queue) then
		return 0, false
	end
	local key = 'pl:paused:' .. queue
	local f = try('HMGET', key, 'probe_at', 'probe_every')
	if f and not f[1] and redis.call('EXISTS', key) == 0 then
		return most, false
	end
	local probe_at = f and tonumber(f[1] or '') or 0
	if probe_at == 0 or probe_at > now then
		return 0, false
	end
	return 1, true
end

-- A parked queue gave a task as a probe: set the time of the next probe.
local function note_probe(queue)
	local key = 'pl:paused:' .. queue
	claims[#claims][10] = 1
	redis.call('HSET', key, 'probe', claims[#claims][3], 'probe_at', now +
		(tonumber(redis.call('HGET', key, 'probe_every') or '') or 300))
end

-- Before an id is popped, the registries of RQ and pl must have the right type.
local function usable(queue)
	for key, kind in pairs({[list_key(queue)] = 'list',
	    ['rq:wip:' .. queue] = 'zset', ['pl:lease:' .. queue] = 'zset'}) do
		local found = redis.call('TYPE', key).ok
		if found ~= 'none' and found ~= kind then
			notes[#notes + 1] = 'key ' .. key .. ' is a ' ..
				found .. ', not a ' .. kind ..
				': the queue is skipped'
			return false
		end
	end
	return true
end

local function refuse(queue, id, text, why)
	file_failed(queue, id, worker, '', text)
	notes[#notes + 1] = 'task ' .. string.sub(id, 1, 80) .. ': ' .. why ..
		': filed as failed'
end

local function start(queue, id, job)
	local execution = string.format('%s%04x', base, #claims)
	local member = id .. ':' .. execution
	job.attempts = job.attempts + 1
	redis.call('PERSIST', job_key(id))
	redis.call('HSET', job_key(id), 'status', 'started', 'started_at', at,
		'last_heartbeat', at, 'worker_name', worker, 'origin', queue,
		'pl_exec', execution, 'pl_worker', worker, 'pl_attempts',
		job.attempts)
	redis.call('ZADD', 'rq:wip:' .. queue, now + 90,
		plain and id or member)
	redis.call('ZADD', 'pl:lease:' .. queue, now + lease, member)
	try('LREM', list_key(queue) .. ':intermediate', 0, id)
	redis.call('DEL', list_key(queue) .. ':intermediate:first_seen:' .. id)
	if not plain then
		redis.call('HSET', 'rq:execution:' .. member, 'id', execution,
			'job_id', id, 'worker_name', worker, 'created_at',
			now_float, 'last_heartbeat', now_float)
		redis.call('EXPIRE', 'rq:execution:' .. member, 90)
		try('ZADD', 'rq:executions:' .. id, now + 150, execution)
		redis.call('EXPIRE', 'rq:executions:' .. id, 150)
	end
	try('SADD', KEYS[1] .. ':executions', member)
	claimed(queue, id, execution, job)
end

-- One popped id: start it, or say why not.
local function take(queue, id)
	if #id > 255 then
		notes[#notes + 1] = 'a task id of ' .. #id .. ' bytes: dropped'
		return
	end
	local job = read_job(id)
	if not job then
		notes[#notes + 1] = 'task ' .. string.sub(id, 1, 80) ..
			': its key is not a hash: dropped'
	elseif not_startable[job.status] or job.bytes == 0 and
	    redis.call('HEXISTS', job_key(id), 'data') == 0 then
		return
	elseif not good_id(id) then
		refuse(queue, id, ARGV[8], 'RQ does not allow its id')
	elseif job.status and job.status ~= '' and job.status ~= 'queued' and
	    job.status ~= 'created' then
		refuse(queue, id, ARGV[9], 'its status is unknown')
	else
		start(queue, id, job)
	end
end

-- Repeat the answer to an earlier call, which was lost with the connection.
local function repeat_answer()
	local mine = {}
	for _, member in ipairs(try('SMEMBERS', KEYS[1] .. ':executions') or
	    {}) do
		local id, execution = split(member)
		if string.sub(execution, 1, #base) == base then
			mine[#mine + 1] = {execution, id}
		end
	end
	table.sort(mine, function(a, b) return a[1] < b[1] end)
	for _, pair in ipairs(mine) do
		local job = read_job(pair[2])
		if job and job.origin and
		    held(job.origin, pair[2], pair[1], worker) then
			claimed(job.origin, pair[2], pair[1], job)
			if try('HGET', 'pl:paused:' .. job.origin, 'probe') ==
			    pair[1] then
				claims[#claims][10] = 1
			end
		end
	end
	return #claims > 0
end

local function show_busy()
	if try('HEXISTS', KEYS[1], 'birth') ~= 1 then
		return
	end
	redis.call('HSET', KEYS[1], 'state', 'busy', 'current_job',
		claims[#claims][2], 'current_job_working_time', '0',
		'last_heartbeat', at)
	redis.call('EXPIRE', KEYS[1], 90)
end

if ARGV[7] == '1' and repeat_answer() then
	return {'ok', claims, notes}
end
if redis.call('EXISTS', 'rq:suspended') == 1 then
	return {'suspended'}
end
local paused = 0
for i = 2, #KEYS do
	local queue = ARGV[8 + i]
	local allowed, is_probe = allowance(queue)
	local full = math.min(most, #claims + allowed)
	if allowed == 0 then
		paused = paused + 1
	elseif usable(queue) then
		while #claims < full and dropped < 1000 do
			local id = redis.call('LPOP', KEYS[i])
			if not id then
				break
			end
			local before = #claims
			take(queue, id)
			if #claims == before then
				dropped = dropped + 1
			elseif is_probe then
				note_probe(queue)
			end
		end
	end
end
if #claims > 0 then
	redis.call('EXPIRE', KEYS[1] .. ':executions', 150)
	show_busy()
elseif paused == #KEYS - 1 then
	return {'paused'}
end
return {dropped == 1000 and 'again' or 'ok', claims, notes}
