# Apify: the event of a run names its data set and has no items in it, unless a
# payload template, or a program in between, has put them under items.
def items: [.items, .eventData.items, .resource.items] | map(arrays) | first;

if .eventType == "ACTOR.RUN.SUCCEEDED" and items then
	items[] |
	{type: "document", url, title: (.metadata.title // .title),
	content: (.markdown // .text // ""), content_type: "text/markdown",
	metadata: (.metadata // {})}
elif .eventType == "ACTOR.RUN.SUCCEEDED" then
	{type: "error", stage: "apify", class: "input", code: "not_fetched",
	message: ("the items are in the data set: curl -s https://api.apify.com/v2/"
		+ "datasets/\(.resource.defaultDatasetId)/items | pl-ingest")}
elif .eventType | test("^ACTOR\\.RUN\\.(FAILED|ABORTED|TIMED_OUT)$") then
	{type: "error", stage: "apify", class: "input", code: "crawl_failed",
	message: "run \(.resource.id): \(.resource.status)"}
else
	empty
end
