# Crawl4AI 0.9: the task must ask for the data in the body
# ("webhook_data_in_payload": true), as there is no address to fetch it from.
def failed($url; $message):
	{type: "error", stage: "crawl4ai", class: "input", code: "crawl_failed",
	message: ($message // "no reason given"), url: $url};
def text: .markdown | if type == "object"
	then (.fit_markdown // "" | select(. != "")) // .raw_markdown else . end;

if .status == "failed" then
	.urls[] as $url | failed($url; .error)
elif .data.results then
	.data.results[] |
	if .success == false then failed(.url; .error_message)
	else {type: "document", url: (.redirected_url // .url),
		title: .metadata.title, content: (text // ""),
		content_type: "text/markdown",
		metadata: (.metadata // {} | {description, statusCode: .status_code}
			| with_entries(select(.value != null)))}
	end
elif .status == "completed" then
	{type: "error", stage: "crawl4ai", class: "input", code: "no_data",
	message: "task \(.task_id) has no data: ask for webhook_data_in_payload"}
else
	empty
end
