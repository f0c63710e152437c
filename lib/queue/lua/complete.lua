-- complete - end tasks as done
--
-- KEYS the jobs' hashes
-- ARGV worker; then for each task: queue, id, execution, seconds worked,
--      result (base64 of JSON, or empty for none)
--
-- Returns for each task 1, also if this execution has already ended it so, or 0
-- if the task no longer belongs to this execution.

local worker = ARGV[1]
local out, done, worked, last = {}, 0, 0, ''

local function finish(key, job, queue, id, execution, seconds, result)
	local ttl = tonumber(job.result_ttl or '') or 500
	redis.call('HSET', key, 'status', 'finished', 'ended_at', stamp(),
		'last_heartbeat', stamp())
	drop_execution(queue, id, execution, worker, true)
	free_dependents(id)
	if job.rate_limit_key then
		free_slot(id)
	end
	if ttl == 0 then
		redis.call('DEL', key, key .. ':dependents', 'rq:job::' .. id ..
			':dependencies', 'rq:executions:' .. id)
		return
	end
	local entry = {'type', 1}
	if result ~= '' then
		entry = {'type', 1, 'return_value', result}
	end
	for _, word in ipairs({'worker_name', worker, 'execution_id', execution,
	    'execution_started_at',
	    string.format('%.6f', now + micros / 1e6 - tonumber(seconds)),
	    'execution_ended_at', now_float}) do
		entry[#entry + 1] = word
	end
	try('ZADD', 'rq:finished:' .. queue, ttl < 0 and '+inf' or now + ttl,
		id)
	add_result(id, ttl, unpack(entry))
	expire_job(id, ttl)
end

for i, key in ipairs(KEYS) do
	local at = 5 * i - 3
	local queue, id, execution = ARGV[at], ARGV[at + 1], ARGV[at + 2]
	local job = held(queue, id, execution, worker)
	if job then
		finish(key, job, queue, id, execution, ARGV[at + 3], ARGV[at + 4])
		done, worked = done + 1, worked + tonumber(ARGV[at + 3])
		out[i] = 1
	else
		out[i] = settled(id, execution, 'finished') and 1 or 0
	end
	if i < #KEYS then
		clear_job(worker, id)
	end
	last = id
end
if done > 0 then
	update_worker(worker, last, 'successful_job_count',
		string.format('%.6f', worked), done)
else
	update_worker(worker, last)
end
return out
