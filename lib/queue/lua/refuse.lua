-- refuse - file queued tasks as failed, because nobody can run them
--
-- KEYS none
-- ARGV queue, text (base64 of zlib), ids ...
--
-- Only queued tasks are touched: a task that was claimed meanwhile belongs to
-- its worker. Returns how many were filed.

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
