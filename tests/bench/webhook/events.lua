-- Deliveries for wrk: events of Firecrawl of SIZE bytes, each with an id of its
-- own (RUN, thread, number). The first body is written to the file BODY.

local threads = 0

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

-- Words that repeat as those of a text do, so that they compress as it does.
local function text(length)
	local words, out, n = {}, {}, 0
	math.randomseed(7)
	for i = 1, 3000 do
		local word = {}
		for k = 1, math.random(2, 10) do
			word[k] = string.char(96 + math.random(1, 26))
		end
		words[i] = table.concat(word)
	end
	while n < length do
		local word = words[math.floor(3000 * math.random() ^ 2) + 1]
		out[#out + 1] = word
		n = n + #word + 1
	end
	return table.concat(out, " ")
end

local function body(id)
	return '{"success":true,"type":"crawl.page","id":"0197f0c2-6b1e-7c43",' ..
	    '"webhookId":"' .. id .. '","data":[{"markdown":"' .. page ..
	    '","metadata":{"title":"A page","sourceURL":' ..
	    '"https://example.com/page","statusCode":200}}]}'
end

function init()
	page = text(tonumber(os.getenv("SIZE")) - 230)
	local file = io.open(os.getenv("BODY"), "w")
	file:write(body("first"))
	file:close()
end

local headers = {
	["Content-Type"] = "application/json",
	["X-Token"] = "word",
}
local sent = 0

function request()
	sent = sent + 1
	return wrk.format("POST", "/hook/bench", headers,
	    body(os.getenv("RUN") .. "-" .. number .. "-" .. sent))
end
