-- refuse - file queued tasks as failed that nobody can run
--
-- KEYS none
-- ARGV queue, text (base64 of zlib), ids ...
--
-- Only what is queued is touched: a task that was claimed meanwhile is its
-- worker's. Returns how many were filed.

local queue, text = ARGV[1], ARGV[2]
local refused = {}

for i = 3, #ARGV do
	local id = ARGV[i]
	local f = fields(id, 'status')
	if f and f[1] == 'queued' then
		file_failed(queue, id, '', '', text)
		refused[#refused + 1] = id
	end
end
unlist(queue, refused)
return #refused
