# {"url": ..., "markdown": ...}, or an array of such objects. With "deleted": true
# the page is gone.
if type == "array" then .[] else . end |
if .deleted == true then
	{type: "deleted", url}
else
	{type: "document", url, title, content: .markdown,
	content_type: "text/markdown"} | with_entries(select(.value != null))
end
