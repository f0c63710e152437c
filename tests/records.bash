# records.bash - chunk records, as pl-embed writes them; load it after helpers

# doc_id N: the id of document N
doc_id() {
	printf '00000000-0000-4000-8000-%012d' "$1"
}

# records JQ [N COUNT TEXT]: the output of a jq program. It may use "given",
# which is {n, count, text} of the arguments, "chunks", which have three
# dimensions, and "ending", the end record. The text serves as the content.
records() {
	jq -nc --args '
	def given: $ARGS.positional |
	    {n: .[0], count: .[1] | tonumber, text: .[2]};
	def id: "00000000-0000-4000-8000-" + "00000000000\(.n)"[-12:];
	def chunks: id as $id | .text as $text | range(.count) |
	    {type: "chunk", document_id: $id, index: .,
	    text: "\($text) \(.)", start: (. * 10),
	    end: (. * 10 + ("\($text) \(.)" | utf8bytelength)), tokens: 2,
	    headings: ["H", "I"], model: "test-3", embedding: [1, 0.5, .]};
	def ending: {type: "end", document_id: id, source: "s",
	    url: "https://s.example/\(.n)", title: "Title \(.n)",
	    content_hash: .text, chunks: .count};
	'"$1" "${@:2}"
}

# chunks N COUNT [TEXT]: document N's chunks, not its end
chunks() {
	records 'given | chunks' "$1" "$2" "${3:-a}"
}

# end N COUNT [TEXT]
end() {
	records 'given | ending' "$1" "$2" "${3:-a}"
}

# document N COUNT [TEXT]
document() {
	records 'given | chunks, ending' "$1" "$2" "${3:-a}"
}

# documents FROM TO [COUNT [TEXT]]: the documents of these numbers; count and
# text may be jq that uses the number.
documents() {
	records "range($1; $2 + 1) | {n: ., count: (${3:-1}),
	    text: (${4:-\"a\"})} | chunks, ending"
}

# told FILTER: jq -r over the records in the last output
told() {
	printf '%s\n' "${lines[@]}" | jq -rR "fromjson? | $1"
}
