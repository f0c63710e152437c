-- worker - register a worker, renew it, remove it
--
-- KEYS 1 the worker's hash
-- ARGV word, name, state; then for birth and life: pid, host, version, ip
--      address; then the queues' names
--
-- "birth" returns 0 if a living worker of another pid or host has the name.
-- "life" writes everything again, so a worker is listed even after Redis lost
-- its data. "death" removes the worker from the lists.

local word, name, state = ARGV[1], ARGV[2], ARGV[3]
local key = KEYS[1]
local queues = {unpack(ARGV, 8)}

if redis.call('TYPE', key).ok ~= 'hash' then
	redis.call('DEL', key)
end
if word == 'death' then
	try('SREM', 'rq:workers', key)
	for _, queue in ipairs(queues) do
		try('SREM', 'rq:workers:' .. queue, key)
	end
	if redis.call('EXISTS', key) == 1 then
		redis.call('HSET', key, 'death', stamp())
		redis.call('EXPIRE', key, 60)
	end
	redis.call('DEL', key .. ':executions')
	return 1
end
if word == 'birth' then
	local f = redis.call('HMGET', key, 'birth', 'death', 'pid', 'hostname')
	if f[1] and not f[2] and (f[3] ~= ARGV[4] or f[4] ~= ARGV[5]) then
		return 0
	end
	redis.call('DEL', key, key .. ':executions')
end
redis.call('HSETNX', key, 'birth', stamp())
redis.call('HSET', key, 'last_heartbeat', stamp(), 'state', state, 'pid',
	ARGV[4], 'hostname', ARGV[5], 'version', ARGV[6], 'ip_address',
	ARGV[7], 'python_version', '-', 'queues', table.concat(queues, ','))
redis.call('EXPIRE', key, state == 'busy' and 90 or 60)
redis.call('EXPIRE', key .. ':executions', 150)
try('SADD', 'rq:workers', key)
for _, queue in ipairs(queues) do
	try('SADD', 'rq:workers:' .. queue, key)
end
return 1
