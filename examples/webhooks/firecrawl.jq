# Firecrawl: bodies with pages go on as they are, as pl-ingest reads them itself;
# the start and the end of a crawl become crawl records.
if (.data | type) == "array" and (.data | length) > 0 then
	.
elif .type | test("^crawl\\.(started|completed|cancelled|failed)$") then
	{type: "crawl", id: (.id // .jobId), status: (.type | ltrimstr("crawl."))}
else
	empty
end
