# Supabase Database Webhooks: a row with id, title and body is a document. A row
# that is deleted, or loses its text, is gone.
def url: "\(.table)/\((.record // .old_record).id)";

if .type == "DELETE" or (.record.body // "") == "" then
	{type: "deleted", url: url}
else
	{type: "document", url: url, title: .record.title, content: .record.body,
	content_type: "text/markdown",
	metadata: (.record | del(.id, .title, .body))}
end
