-- states - where tasks are
--
-- KEYS none
-- ARGV 1 to look whether queued tasks are in their list, ids ...
--
-- A list is read once, not searched for every id. Returns for each id its
-- status, "" when there is no such job, or "unlisted" for a queued task that is
-- in no list.

local lists = {}
local out = {}

for i = 2, #ARGV do
	local f = fields(ARGV[i], 'status', 'origin')
	local status = f and f[1] or ''
	if status == 'queued' and ARGV[1] == '1' then
		local queue = f[2] or ''
		lists[queue] = lists[queue] or members(queue)
		if not lists[queue][ARGV[i]] then
			status = 'unlisted'
		end
	end
	out[#out + 1] = status
end
return out
