# records.bash - chunk records, as pl-embed writes them; after helpers

# doc_id N: the id of document N
doc_id() {
	printf '00000000-0000-4000-8000-%012d' "$1"
}

# chunks N COUNT [TEXT]: document N's chunks of three dimensions, not its end
chunks() {
	jq -nc --arg id "$(doc_id "$1")" --argjson count "$2" --arg text "${3:-a}" '
	range($count) | {type: "chunk", document_id: $id, index: .,
	    text: "\($text) \(.)", start: (. * 10),
	    end: (. * 10 + ("\($text) \(.)" | utf8bytelength)), tokens: 2, headings: ["H", "I"], model: "test-3",
	    embedding: [1, 0.5, .]}'
}

# end N COUNT [TEXT]: its end; the text stands for the content
end() {
	jq -nc --arg id "$(doc_id "$1")" --argjson count "$2" --arg n "$1" \
	    --arg text "${3:-a}" '
	{type: "end", document_id: $id, source: "s",
	    url: "https://s.example/\($n)", title: "Title \($n)",
	    content_hash: $text, chunks: $count}'
}

# document N COUNT [TEXT]
document() {
	chunks "$@"
	end "$@"
}

# told FILTER: jq -r over the last output's records
told() {
	printf '%s\n' "${lines[@]}" | jq -rR "fromjson? | $1"
}
