-- complete - a task is done
--
-- KEYS 1 the job's hash
-- ARGV queue, id, execution, worker, seconds worked, result (base64 of JSON,
--      or empty for none)
--
-- Returns 1, also when this execution already said so, or 0 when the task is
-- no longer this execution's.

local queue, id, execution, worker = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if not held(queue, id, execution, worker) then
	rest(worker, id)
	return settled(id, execution, 'finished') and 1 or 0
end

local f = fields(id, 'result_ttl')
local ttl = tonumber(f[1] or '') or 500
redis.call('HSET', KEYS[1], 'status', 'finished', 'ended_at', stamp(),
	'last_heartbeat', stamp())
leave(queue, id, execution, worker, true)
free_dependents(id)
free_slot(id)
if ttl == 0 then
	redis.call('DEL', KEYS[1], KEYS[1] .. ':dependents', 'rq:job::' .. id ..
		':dependencies', 'rq:executions:' .. id)
else
	local entry = {'type', 1}
	if ARGV[6] ~= '' then
		entry = {'type', 1, 'return_value', ARGV[6]}
	end
	for _, word in ipairs({'worker_name', worker, 'execution_id', execution,
	    'execution_started_at',
	    string.format('%.6f', now + micros / 1e6 - tonumber(ARGV[5])),
	    'execution_ended_at', now_float}) do
		entry[#entry + 1] = word
	end
	try('ZADD', 'rq:finished:' .. queue, ttl < 0 and '+inf' or now + ttl,
		id)
	add_result(id, ttl, unpack(entry))
	expire_job(id, ttl)
end
rest(worker, id, 'successful_job_count', ARGV[5])
return 1
