#!/usr/bin/env bats
# pl-ingest: foreign formats to document records

load helpers
load cases

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	crawl=$PL_TEST_DATA/crawl-status
	datasets=$PL_TEST_DATA/datasets
}

# limit KIB COMMAND: run it with that much memory. A sanitised build reserves
# more than any limit.
limit() {
	local limit="ulimit -v $1;"
	! is_sanitised || limit=
	run --separate-stderr bash -c "$limit $2"
}

# ingest ARGUMENT...: run pl-ingest; messages in $stderr, its last record in
# $listing, those before in $output.
ingest() {
	run --separate-stderr pl-ingest "$@"
	take_listing
}

take_listing() {
	listing=
	if [[ ${output##*$'\n'} == '{"type":"listing",'* ]]; then
		listing=${output##*$'\n'}
		output=${output%"$listing"}
		output=${output%$'\n'}
	fi
}

# listed COMPLETE DOCUMENTS [SOURCE]: whether the listing says that.
listed() {
	[ "$listing" = '{"type":"listing","source":"'"${3:-default}"'","complete":'"$1"',"documents":'"$2"'}' ]
}

# fields JQ: one compact line per record of $output.
fields() {
	jq -c "$1" <<<"$output"
}

# ingested FILE JQ: jq over the records of a sample.
ingested() {
	ingest "$1"
	fields "$2"
}

# The cases that every tool begins with.

@test "an unknown option is refused with a hint at --help" {
	unknown_option pl-ingest
}

@test "a value that an option cannot have is refused" {
	for option in --invalid=maybe --max-record=big --format=pdf --source=; do
		ingest "$option" /dev/null
		[ "$status" -eq 2 ]
		[[ $stderr == *"${option%%=*}"* ]]
	done
}

@test "--help fits the screen and --version names the tool" {
	help_and_version pl-ingest
}

@test "empty input gives nothing and is no failure" {
	ingest </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	# Most likely the program that was to write the input has failed.
	listed false 0
}

@test "text on standard input is recognised, and the message says how to read it" {
	run -3 --separate-stderr pl-ingest < <(echo hello)
	[[ $stderr == *"not valid JSON: unexpected"*"is it text? --format markdown reads that"* ]]
	[[ $stderr != *"JSON: not valid"* ]]
}

@test "a bad line in the middle costs only itself" {
	printf '%s\n' '{"url":"a","text":"A"}' '{"url":"b","text":' \
		'{"url":"c","text":"C"}' >x.ndjson
	ingest x.ndjson
	[ "$status" -eq 3 ]
	[ "$(fields '[.type,.url,.code,.line]')" = '["document","a",null,null]
["error",null,"bad_json",2]
["document","c",null,null]' ]
	[[ $stderr == *"x.ndjson:2: not valid JSON"* ]]
}

@test "a missing last line end is no error" {
	printf '{"url":"a","text":"A"}\n{"url":"b","text":"B"}' >x.ndjson
	[ "$(ingested x.ndjson .url)" = '"a"
"b"' ]
}

@test "a full disk is a failure with a message" {
	full_disk pl-ingest "$crawl/v2-page-1.json"
}

@test "a full disk is noticed for --help and --formats too" {
	full_disk pl-ingest --help
	full_disk pl-ingest --formats
}

@test "a reader that goes away ends it without a message" {
	jq -nc 'range(5000) | {url: "u\(.)", text: "some text \(.)"}' >x.json
	closed_pipe pl-ingest x.json
}

# A crawl.

@test "a crawl in three parts gives what its README says" {
	for v in v1 v2; do
		ingest -v "$crawl"/$v-page-{1,2,3}.json
		[ "$status" -eq 3 ]
		[ "$(fields '[.type,.url,.code]')" = "\
[\"document\",\"https://docs.kestrel.example/\",null]
[\"document\",\"https://docs.kestrel.example/install\",null]
[\"document\",\"https://docs.kestrel.example/config\",null]
[\"document\",\"https://docs.kestrel.example/%E7%94%A8%E8%AA%9E%E9%9B%86\",null]
[\"error\",\"https://docs.kestrel.example/empty\",\"empty_page\"]
[\"error\",\"https://docs.kestrel.example/old/upgrade\",\"http_404\"]
[\"document\",\"https://docs.kestrel.example/raw\",null]
[\"document\",\"https://docs.kestrel.example/releases/2.4?utm_source=feed&x=1\",null]
[\"document\",\"https://docs.kestrel.example/paper.pdf\",null]
[\"error\",\"https://docs.kestrel.example/status\",\"http_503\"]" ]
		[ "$(grep -c 'a repeat' <<<"$stderr")" -eq 2 ]
		[[ $stderr == *"7 documents, 3 failed, 2 repeats left out" ]]
	done
}

@test "the parts may come in any order and as one stream" {
	ingest "$crawl"/v2-page-{3,1,2}.json
	[ "$(fields .url | sort | uniq | wc -l)" -eq 10 ]
	[[ $stderr != *missing* ]]
	cat "$crawl"/v2-page-{1,2,3}.json >all
	ingest <all
	[ "$status" -eq 3 ]
	[ "$(fields .url | sort | uniq | wc -l)" -eq 10 ]
	[[ $stderr != *missing* ]]
}

@test "one page keeps its text, title and metadata" {
	ingest "$crawl/v2-page-1.json"
	jq -e -s --slurpfile in "$crawl/v2-page-1.json" '
		.[0] == {type: "document",
			id: "3d877e5f-456d-5c40-bd71-84b5325a3457",
			source: "default",
			url: "https://docs.kestrel.example/",
			title: "Kestrel handbook",
			content: $in[0].data[0].markdown,
			content_type: "text/markdown",
			content_hash: .[0].content_hash,
			metadata: ($in[0].data[0].metadata
				+ {links: $in[0].data[0].links})}' \
		<<<"$output"
}

@test "a page with HTML only is passed on as HTML" {
	ingest "$crawl/v2-page-2.json"
	[ "$(fields 'select(.url | endswith("/raw")?) | [.content_type,
		(.content | .[:9]), .metadata.rawHtml]')" = \
		'["text/html","<!doctype",null]' ]
}

@test "a failed page is named with its id, so that it can be recorded" {
	ingest --source handbook "$crawl/v2-page-2.json"
	id=$(fields 'select(.code == "http_404") | .document_id')
	sed 's/"statusCode": 404/"statusCode": 200/' "$crawl/v2-page-2.json" >mended.json
	ingest --source handbook mended.json
	[ "$(fields 'select(.url | endswith("upgrade")?) | .id')" = "$id" ]
}

@test "missing parts of a crawl are reported" {
	ingest "$crawl"/v2-page-{1,3}.json
	[ "$status" -eq 3 ]
	[ "$(fields 'select(.code == "crawl_incomplete") | .class')" = '"input"' ]
	[[ $stderr == *"8 of the crawl's 12 pages"*"pages 5 to 8"* ]]
	ingest "$crawl/v1-selfhosted-wrong-scheme-next.json"
	[[ $stderr == *"1 of the crawl's 101 pages"* ]]
}

@test "a crawl that still runs gives its pages and a message" {
	ingest "$crawl/v2-in-progress.json"
	[ "$status" -eq 3 ]
	[ "$(fields '[.type,.class,.code]')" = '["document",null,null]
["document",null,null]
["error","transient","crawl_unfinished"]' ]
	[ "$(ingested "$crawl/v2-in-progress-empty-same-next.json" .code)" = \
		'"crawl_unfinished"' ]
}

@test "a cancelled crawl is reported" {
	ingest "$crawl/v2-cancelled-endless-next.json"
	[ "$status" -eq 3 ]
	[ "$(fields .code)" = '"crawl_cancelled"' ]
}

@test "a crawl that failed at kick-off is an error though HTTP said 200" {
	ingest "$crawl/v2-kickoff-failed-http200.json"
	[ "$status" -eq 3 ]
	[ "$(fields .code)" = '"crawl_failed"' ]
	[[ $stderr == *"could not be queued"* ]]
}

@test "a completed crawl without pages shows the warning" {
	ingest "$crawl/v2-completed-nothing.json"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"Only 0 result(s) found."* ]]
}

@test "hostile strings are replaced, and cost nothing else" {
	ingest "$crawl/v2-hostile-strings.json"
	[ "$status" -eq 0 ]
	jq -e -s 'map(.content) == ["A NUL\ufffdinside, which Postgres text and jsonb refuse",
		"A lone surrogate \ufffd and then text",
		"BOM first\r\nCRLF lines\r\nand a \u0007 bell, a \u001b[31mred\u001b[0m escape\t\u2029end",
		"last one wins in most parsers"]' <<<"$output"
	[[ $output == *'"big":12345678901234567890'* ]]
	[[ $output == *'1e400'* ]]
	[[ $stderr == *"3 characters of invalid text"* ]]
	[[ $(fields .url | tail -n1) == '"'*'v2-hostile-strings.json#4"' ]]
}

@test "--invalid reject costs the pages with hostile strings only" {
	ingest --invalid reject "$crawl/v2-hostile-strings.json"
	[ "$status" -eq 3 ]
	[ "$(fields '.code // .content[:3]')" = '"invalid_text"
"invalid_text"
"BOM"
"las"' ]
	[[ $stderr != *missing* ]]
}

@test "the list of failed pages becomes errors that name them" {
	[ "$(ingested "$crawl/errors-v2.json" '[.code,.url]')" = '["scrape_timeout","https://docs.kestrel.example/slow"]
["scrape_ssl_error","https://docs.kestrel.example/broken-tls"]
["scrape_failed","https://docs.kestrel.example/odd"]
["robots_blocked","https://docs.kestrel.example/private/"]
["robots_blocked","https://docs.kestrel.example/admin"]' ]
}

@test "answers without pages are distinguished from crawls" {
	for f in "$crawl"/http-*.json; do
		ingest "$f"
		[ "$status" -eq 3 ]
		[ "$(fields .code)" = '"api_error"' ]
		[[ $stderr == *"$(jq -r .error "$f" | cut -c1-40)"* ]]
	done
	[ "$(ingested "$crawl/start-v2-200.json" .code)" = '"crawl_not_fetched"' ]
}

@test "a web page where JSON is expected is named as such" {
	ingest <"$crawl/http-502.html"
	[ "$status" -eq 3 ]
	[ "$(fields .code)" = '"html_not_json"' ]
	cp "$crawl/http-502.html" page.json
	[ "$(ingested page.json .code)" = '"html_not_json"' ]
}

@test "a failed page event names its reason" {
	ingest <<<'{"success":false,"type":"crawl.page","id":"x","data":[{"metadata":{"sourceURL":"https://x.example/slow"}}],"error":"The page took too long."}'
	[ "$(fields '[.code,.url]')" = '["scrape_failed","https://x.example/slow"]' ]
	[[ $stderr == *"The page took too long."* ]]
}

@test "a webhook body of the first API holds all pages" {
	ingest <<<'{"success":true,"type":"crawl.completed","jobId":"x","data":[{"content":"A","markdown":"A","metadata":{"sourceURL":"https://x.example/a"}},{"content":"B","metadata":{"sourceURL":"https://x.example/b"}}]}'
	[ "$status" -eq 0 ]
	[ "$(fields '[.url,.content,.metadata.markdown]')" = '["https://x.example/a","A",null]
["https://x.example/b","B",null]' ]
}

@test "an event without pages is named as such" {
	ingest <<<'{"success":true,"type":"crawl.completed","id":"x1","data":[],"metadata":{}}'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"GET /v2/crawl/x1"* ]]
}

@test "wrong types in a crawl result are refused" {
	ingest <<<'{"success":"true","type":"crawl.completed","id":12345,"data":7,"metadata":"acme"}'
	[ "$status" -eq 3 ]
	[ "$(fields .code)" = '"wrong_type"' ]
	ingest <<<'{"status":"completed","total":4,"data":[1,{"markdown":["x"],"metadata":{"url":"https://x.example/"}},{"markdown":"ok","metadata":7},{"metadata":{"url":"https://y.example/"}}]}'
	[ "$(fields '[.code // .content,.url]')" = '["not_an_object",null]
["wrong_type","https://x.example/"]
["ok","stdin#3"]
["no_text","https://y.example/"]' ]
}

@test "a long crawl result is read page by page in little memory" {
	jq -nc '{success: true, status: "completed", total: 4000, data:
		[range(4000) | {markdown: ("words " * 2000), metadata:
			{url: "https://x.example/\(.)", statusCode: 200}}]}' >x.json
	[ "$(stat -c %s x.json)" -gt 40000000 ]
	limit 65536 'pl-ingest x.json | wc -l'
	[ "$output" -eq 4001 ]
	[ -z "$stderr" ]
}

@test "a long crawl result that is cut short keeps the pages before" {
	jq -nc '{success: true, status: "completed", total: 400, data:
		[range(400) | {markdown: ("words " * 2000), metadata:
			{url: "https://x.example/\(.)", statusCode: 200}}]}' |
		head -c 2000000 >x.json
	ingest x.json
	[ "$status" -eq 3 ]
	[ "$(fields .type | sort | uniq -c | tr -s ' ')" = ' 165 "document"
 1 "error"' ]
	[ "$(fields '.code // empty')" = '"cut_short"' ]
}

@test "urls that lead to one page are one document" {
	for url in https://x.example HTTPS://X.example:443/ 'https://x.example/#top' \
		'https://x.example/#/route' https://x.example/a/ https://x.example/a; do
		jq -nc --arg u "$url" '{markdown: "M", metadata: {sourceURL: $u}}'
	done >x.ndjson
	[ "$(ingested x.ndjson .url)" = '"https://x.example/"
"https://x.example/#/route"
"https://x.example/a/"
"https://x.example/a"' ]
}

@test "a failure of a page that was read before does not count" {
	page='{"markdown":"M","metadata":{"url":"https://x.example/","statusCode":200}}'
	printf '%s\n%s\n' "$page" "${page/200/500}" >x.ndjson
	ingest x.ndjson
	[ "$status" -eq 0 ]
	[ "$(fields .type)" = '"document"' ]
}

# page ASKED_FOR URL TEXT: a page of Firecrawl, as a line.
page() {
	jq -nc --args '{markdown: $ARGS.positional[2], metadata:
		{sourceURL: $ARGS.positional[0], url: $ARGS.positional[1]}}' "$@"
}

@test "another text of a page gets the url that was crawled, or a number" {
	{
		page https://x.example/a https://x.example/login 'Sign in to A'
		page https://x.example/b https://x.example/login 'Sign in to B'
		page https://x.example/b https://x.example/login 'Sign in to B'
		page https://x.example/b https://x.example/login 'Sign in again'
		page https://x.example/login https://x.example/login 'Sign in'
	} >x.ndjson
	ingest -v x.ndjson
	[ "$status" -eq 0 ]
	[ "$(fields '[.url,.content]')" = '["https://x.example/login","Sign in to A"]
["https://x.example/b","Sign in to B"]
["https://x.example/login#2","Sign in again"]
["https://x.example/login#3","Sign in"]' ]
	[ "$(fields .id | sort -u | wc -l)" -eq 4 ]
	[[ $stderr == *"x.ndjson: https://x.example/login: another text has this url, this one gets https://x.example/b"* ]]
	[[ $stderr == *"4 documents, 1 repeat left out" ]]
	first=$output
	ingest x.ndjson
	[ "$output" = "$first" ]
}

@test "another text of a url is numbered in the order of the input" {
	printf '%s\n' '{"url":"u","text":""}' '{"url":"u","text":"one"}' \
		'{"url":"u","text":"two"}' '{"url":"u","text":"one","tag":1}' \
		'{"url":"u","text":"two"}' '{"url":"u","text":"three"}' >a.ndjson
	echo '{"url":"u","text":"four"}' >b.ndjson
	ingest a.ndjson b.ndjson
	[ "$status" -eq 3 ]
	[ "$(fields '[.url,.content // .code]')" = '["u","empty_page"]
["u","one"]
["u#2","two"]
["u#3","three"]
["u#4","four"]' ]
	[[ $stderr == *"4 documents, 1 failed, 2 repeats left out" ]]
}

@test "very many texts of one url take no longer than as many urls" {
	jq -nc 'range(20000) | {url: "u", text: "text \(.)"}' >x.ndjson
	run --separate-stderr timeout 60 pl-ingest x.ndjson
	take_listing
	listed true 20000
	[ "$(fields .url | sort -u | wc -l)" -eq 20000 ]
	[ "$(fields .url | tail -n 1)" = '"u#20000"' ]
}

# The listing.

@test "the listing of a folder, an input, and two inputs is complete" {
	mkdir d empty
	echo one >d/a.md
	echo two >d/b.md
	ingest -s s d
	listed true 2 s
	ingest empty
	[ "$status" -eq 0 ]
	listed true 0
	ingest d <(echo '{"url":"x","text":"x"}')
	listed true 3
	ingest <<<'[]'
	listed true 0
}

@test "what was refused without a url makes the listing incomplete" {
	ingest <<<'{"text":"a"} {"text":}'
	listed false 1
	ingest < <(printf '{"text":"a"}\n7\n{"text":"b"}\n')
	listed false 2
	echo one >a.md
	ingest a.md missing.json
	listed false 1
}

@test "a page or file that was refused with its url does not" {
	printf '%s\n' '{"url":"a","text":""}' '{"url":"b","text":"B"}' >x.ndjson
	ingest x.ndjson
	[ "$status" -eq 3 ]
	listed true 1
	ingest missing.md x.ndjson
	[ "$(fields .url)" = '"missing.md"
"a"
"b"' ]
	listed true 1
}

@test "repeats are left out of the listing's number" {
	printf '%s\n' '{"url":"a","text":"A"}' '{"url":"a","text":"A"}' \
		'{"url":"a","text":"B"}' >x.ndjson
	ingest x.ndjson
	listed true 2
}

@test "an input that is cut short, empty, or no text has no complete listing" {
	ingest < <(head -c 2000 "$crawl/v2-page-1.json")
	listed false 0
	: >empty.json
	echo '{"url":"a","text":"A"}' >a.ndjson
	ingest a.ndjson empty.json
	listed false 1
	gzip -c a.ndjson >b.ndjson
	ingest a.ndjson b.ndjson
	listed false 1
	run --separate-stderr timeout 20 bash -c 'exec pl-ingest <&-'
	take_listing
	listed false 0
}

@test "of a crawl only all parts of a completed one are complete" {
	ingest "$crawl"/v2-page-{1,2,3}.json
	listed true 7
	ingest "$crawl"/v2-page-{1,3}.json
	listed false 6
	for f in "$crawl"/v2-{in-progress,cancelled-endless-next,kickoff-failed-http200}.json; do
		ingest "$f"
		[[ $listing == *'"complete":false,'* ]]
	done
	ingest "$crawl/v2-completed-nothing.json"
	listed true 0
}

@test "an event never has all pages of its source" {
	ingest <<<'{"success":true,"type":"crawl.page","id":"x","data":[{"markdown":"M","metadata":{"url":"https://x.example/"}}]}'
	[ "$status" -eq 0 ]
	listed false 1
	ingest <<<'{"success":true,"type":"crawl.completed","id":"x1","data":[],"metadata":{}}'
	listed false 0
	ingest <<<'{"success":true,"type":"agent.completed","id":"x1","data":[{"x":1}]}'
	listed false 0
}

@test "a program that is killed writes no listing" {
	mkfifo in
	pl-ingest <in >out 3>&- &
	pid=$!
	exec 5>in
	echo '{"text":"a"}' >&5
	wait_until 10 test -s out
	end_pid "$pid"
	exec 5>&-
	[ "$(jq -r .type out)" = document ]
}

@test "documents of several sources make no complete listing" {
	printf '%s\n' '{"type":"document","source":"a","url":"1","content":"x"}' \
		'{"type":"document","source":"b","url":"2","content":"x"}' \
		'{"type":"document","source":"a","url":"3","content":"x"}' >x.ndjson
	ingest x.ndjson
	listed false 2 a
	ingest -s c x.ndjson
	listed true 3 c
}

@test "a listing in the input, an output that was kept, is checked" {
	jq -nc 'range(9) | {url: "u\(.)", text: "text \(.)"}' | pl-ingest >kept
	ingest kept
	listed true 9
	[ "$output" = "$(head -n 9 kept)" ]
	ingest <(grep -v '"u5"' kept)
	listed false 8
	ingest <(sed 's/true/false/' kept)
	listed false 9
	ingest kept kept
	listed true 9
}

@test "errors of an earlier program count: only with a url the listing is complete" {
	ingest <<<'{"type":"error","stage":"fetch","class":"input","code":"x","url":"u"}'
	listed true 0
	ingest <<<'{"type":"error","stage":"fetch","class":"input","code":"x"}'
	listed false 0
}

@test "later stages pass the listing, as the last record" {
	printf '%s\n' '{"url":"a","text":"A"}' '{"url":"b","text":""}' |
		pl-ingest 2>/dev/null >in || [ $? -eq 3 ]
	pl-chunk <in | pl-embed >out
	[ "$(tail -n 1 out)" = "$(tail -n 1 in)" ]
	[ "$(jq -r .type out | xargs)" = 'chunk end error listing' ]
	[ "$(pl-chunk --jobs 2 <in | tail -n 1)" = "$(tail -n 1 in)" ]
}

@test "deleted and crawl records pass, with the name of the source" {
	ingest -s s < <(printf '%s\n' '{"type":"deleted","url":"u"}' \
		'{"type":"crawl","id":"c","source":"x"}' '{"text":"t"}')
	[ "$status" -eq 0 ]
	[ "$(head -n 2 <<<"$output")" = '{"type":"deleted","url":"u","source":"s"}
{"type":"crawl","id":"c","source":"s"}' ]
	listed true 1 s
	ingest <<<'{"type":"deleted",  "url":"u","source":"x"}'
	[ "$output" = '{"type":"deleted",  "url":"u","source":"x"}' ]
	ingest < <(printf '%s\n' '{"type":"deleted","url":7}' \
		'{"type":"crawl","id":""}')
	[ "$status" -eq 3 ]
	[ "$(fields .code)" = '"wrong_type"
"wrong_type"' ]
	listed false 0
}

# Other formats.

@test "LangChain documents, plain and dumped" {
	[ "$(ingested "$datasets/langchain.jsonl" \
		'[.url,.title,.content,.content_type,.metadata.page]')" = \
		'["https://docs.kestrel.example/","Kestrel handbook","Kestrel keeps messages in order.","text/plain",null]
["doc-2",null,"Build from source.","text/plain",3]' ]
	[ "$(ingested "$datasets/langchain-dumps.json" '[.url,.content,.metadata]')" = \
		'["https://docs.kestrel.example/","Kestrel keeps messages in order.",{"source":"https://docs.kestrel.example/","id":"doc-1"}]' ]
}

@test "pieces of one LangChain source are separate documents" {
	for p in 1 2 2; do
		echo '{"page_content":"page '$p'","metadata":{"source":"https://x.example/a.pdf","page":'$p'}}'
	done >x.jsonl
	ingest x.jsonl
	[ "$(fields '[.url,.content]')" = '["https://x.example/a.pdf","page 1"]
["https://x.example/a.pdf#page=2","page 2"]' ]
	[[ $stderr == *"1 repeat"* ]]
}

@test "LlamaIndex nodes and their docstore" {
	[ "$(ingested "$datasets/llamaindex-nodes.jsonl" \
		'[.url,.title,.content,.metadata.id_,.metadata.relationships["1"].node_id]')" = \
		'["https://docs.kestrel.example/install","install.md","Build from source.","node-1","doc-1"]
["doc-1",null,"Build from source.",null,null]' ]
	[ "$(ingested "$datasets/llamaindex-docstore.json" '[.url,.title,.content]')" = \
		'["https://docs.kestrel.example/install","install.md","Build from source."]' ]
}

@test "a docstore that holds its nodes as strings" {
	jq '.["docstore/data"]["node-1"].__data__ |= tojson' \
		"$datasets/llamaindex-docstore.json" >x.json
	[ "$(ingested x.json .url)" = '"https://docs.kestrel.example/install"' ]
}

@test "Hugging Face rows; a null text is a failed document" {
	ingest "$datasets/huggingface-text.jsonl"
	[ "$status" -eq 3 ]
	[ "$(fields '[.content // .code, .metadata.language, .metadata.meta.pile_set_name]')" = \
		'["Kestrel keeps messages in order.",null,null]
["Build from source.","en",null]
["A row with a nested field.",null,"Pile-CC"]
["no_text",null,null]' ]
	[ "$(fields .url)" = "\"$datasets/huggingface-text.jsonl#1\"
\"https://docs.kestrel.example/install\"
\"$datasets/huggingface-text.jsonl#3\"
\"https://docs.kestrel.example/null-text\"" ]
}

@test "Unstructured's elements become one Markdown document" {
	[ "$(ingested "$datasets/unstructured-elements.json" \
		'[.url,.title,.content,.content_type,.metadata.filetype,.metadata.languages]')" = \
		'["https://docs.kestrel.example/install","Install","# Install\n\nBuild from source.\n\n<table><tr><td>Key</td><td>Default</td></tr><tr><td>port</td><td>5671</td></tr></table>","text/markdown","text/html",["eng"]]' ]
}

@test "elements of several files become several documents" {
	jq -nc '[["a","Title","A"],["a","ListItem","one"],["a","Header","x"],
		["b","NarrativeText","B"],["b","CodeSnippet","```\nx\n```"]] |
		map({type: .[1], element_id: "e", text: .[2], metadata: {filename: .[0]}})' >x.json
	[ "$(ingested x.json '[.url,.title,.content]')" = '["a","A","# A\n\n- one"]
["b",null,"B\n\n````\n```\nx\n```\n````"]' ]
	jq -c '.[]' x.json >x.ndjson
	[ "$(ingested x.ndjson .url)" = '"a"
"b"' ]
}

@test "formats that pl-ingest does not read are refused by name" {
	for f in commoncrawl.wet sample.warc sitemap.xml sitemap-index.xml; do
		ingest "$datasets/$f"
		[ "$status" -eq 3 ]
		[ "$(fields .code)" = '"unsupported_format"' ]
	done
	printf '%%PDF-1.4\n' >x.pdf
	ingest x.pdf
	[[ $stderr == *"x.pdf: a PDF file: convert it"* ]]
	gzip -c "$crawl/v2-page-1.json" >x.json
	ingest x.json
	[ "$(fields .code)" = '"compressed"' ]
	[[ $stderr == *"gzip -dc"* ]]
	printf '\xff\xfeh\0i\0' >x.txt
	[ "$(ingested x.txt .code)" = '"not_utf8"' ]
}

@test "a mirror's pages are HTML documents" {
	ingest -u https://docs.kestrel.example "$datasets/wget-mirror/docs.kestrel.example"
	[ "$status" -eq 0 ]
	[ "$(fields '[.url,.title,.content_type]')" = '["https://docs.kestrel.example/index.html","Kestrel handbook","text/html"]
["https://docs.kestrel.example/install.html","Install","text/html"]' ]
}

@test "--formats lists what --help promises" {
	ingest --formats
	[ "$status" -eq 0 ]
	for f in firecrawl-crawl langchain llamaindex unstructured record; do
		grep -q "^$f " <<<"$output"
	done
}

# Layouts of JSON.

@test "an array, pretty-printed and concatenated JSON give the same as lines" {
	jq -nc 'range(50) | {url: "u\(.)", text: "text \(.)", deep: [[{a: []}]]}' >lines
	ingest <lines
	want=$output
	[ "$(fields .type | wc -l)" -eq 50 ]
	jq -s . lines >array
	jq -sc . lines >array-line
	jq . lines >pretty
	jq -j . lines | tr -d '\n' >joined
	{ printf '\xef\xbb\xbf'; sed 's/$/\r/' lines; } >windows
	sed 's/^/\x1e/' lines >rfc7464
	{ echo '['; sed 's/$/,/' lines | sed '$s/,$//'; echo ']'; } >lines-array
	for layout in array array-line pretty joined windows rfc7464 lines-array; do
		ingest <$layout
		echo "$layout: $stderr"
		[ "$status" -eq 0 ]
		[ "$output" = "$want" ]
	done
}

@test "a bad element of an array costs only itself" {
	ingest <<<'[{"text":"a"}, 7, {"text":}, {"text":"b"}]'
	[ "$status" -eq 3 ]
	[ "$(fields '.content // .code')" = '"a"
"not_an_object"
"bad_json"
"b"' ]
}

@test "an array among lines is taken" {
	printf '%s\n' '{"text":"a"}' '[{"text":"b"},{"text":"c"}]' '{"text":"d"}' >x
	ingest <x
	[ "$status" -eq 0 ]
	[ "$(fields '[.content,.url]')" = '["a","stdin#1"]
["b","stdin#2"]
["c","stdin#3"]
["d","stdin#4"]' ]
}

@test "a file cut short in pretty-printed JSON is one failure" {
	jq . "$crawl/v2-page-1.json" | head -n 40 >x.json
	ingest x.json
	[ "$status" -eq 3 ]
	[ "$(fields .code)" = '"cut_short"' ]
}

@test "a first line that is cut short does not cost the second" {
	printf '%s\n' '{"url":"a",' '{"url":"b","text":"B"}' >x.ndjson
	[ "$(ingested x.ndjson '.code // .url')" = '"bad_json"
"b"' ]
}

@test "records of other stages pass, in order and unchanged" {
	printf '%s\n' '{"type":"error","stage":"fetch","class":"input",  "code":"x"}' \
		'{"text":"a"}' '{"type":"chunk","document_id":"x","text":"y"}' >x
	ingest <x
	[ "$status" -eq 0 ]
	[ "$(sed -n '1p;3p' <<<"$output")" = "$(sed -n '1p;3p' x)" ]
	[ "$(sed -n 2p <<<"$output" | jq -r .content)" = a ]
}

@test "it reads its own output to the same bytes" {
	ingest --source s "$crawl"/v2-page-{1,2,3}.json "$datasets"/*.jsonl
	want=$output
	ingest <<<"$want"
	[ "$output" = "$want" ]
}

@test "the same input gives the same bytes" {
	ingest "$crawl" "$datasets"
	first=$output
	ingest "$crawl" "$datasets"
	[ "$output" = "$first" ]
}

# Records.

@test "the source names the ids" {
	ingest -s handbook <<<'{"url":"https://x.example/","content":"x"}'
	[ "$(fields '[.source,.id]')" = '["handbook","e21bf65d-ceec-5258-b491-a42cbe10084c"]' ]
	PL_SOURCE=handbook ingest <<<'{"url":"https://x.example/","content":"x"}'
	[ "$(fields .source)" = '"handbook"' ]
	listed true 1 handbook
}

@test "without a name the source is the same for every format" {
	echo x >a.md
	ingest a.md "$datasets/unstructured-elements.json" "$datasets/langchain.jsonl"
	[ "$(fields .source | sort -u)" = '"default"' ]
}

@test "--source wins over what a record says" {
	ingest <<<'{"source":"a","content":"x"}'
	[ "$(fields .source)" = '"a"' ]
	ingest -s b <<<'{"source":"a","content":"x"}'
	[ "$(fields .source)" = '"b"' ]
}

@test "--content-key names the text" {
	ingest -k corpus <<<'{"corpus":"x","text":"y"}'
	[ "$(fields '[.content,.metadata]')" = '["x",{"text":"y"}]' ]
	ingest -k corpus <<<'{"text":"y"}'
	[ "$status" -eq 3 ]
	[[ $stderr == *"--content-key"* ]]
}

@test "a wrong type in a key names the key and the document" {
	ingest <<<'{"type":"document","url":"u","title":7,"content":"x"}'
	[ "$status" -eq 3 ]
	[ "$(fields '[.code,.url]')" = '["wrong_type","u"]' ]
	[[ $stderr == *"title is not a string"* ]]
}

@test "a document without text names the document" {
	printf '%s\n' '{"url":"a"}' '{"url":"b","text":" \n\t"}' \
		'{"type":"document","url":"c"}' '{"url":"d","text":7}' >x
	ingest <x
	[ "$status" -eq 3 ]
	[ "$(fields '[.url,.code]')" = '["a","no_text"]
["b","empty_page"]
["c","no_text"]
["d","wrong_type"]' ]
}

@test "a row's number is its id" {
	ingest <<<'{"id":42,"text":"x"}'
	[ "$(fields '[.url,.metadata]')" = '["42",{"id":42}]' ]
}

@test "a url of 10 kB is kept whole" {
	url=https://x.example/$(head -c 10000 /dev/zero | tr '\0' a)
	ingest <<<"{\"url\":\"$url\",\"text\":\"x\"}"
	[ "$status" -eq 0 ]
	[ "$(fields .url)" = "\"$url\"" ]
	ingest <<<"{\"url\":\"$url\",\"text\":\"\"}"
	[ "$(fields .url)" = "\"$url\"" ]
	[ "${#stderr}" -lt 1000 ]
}

@test "a line of 100 MB is refused, and costs neither memory nor the next line" {
	{
		echo '{"url":"a","text":"A"}'
		printf '{"url":"b","text":"'
		head -c 104857600 /dev/zero | tr '\0' x
		printf '"}\n{"url":"c","text":"C"}\n'
	} >x.ndjson
	limit 400000 'pl-ingest x.ndjson'
	take_listing
	[ "$status" -eq 3 ]
	[ "$(fields '.code // .url')" = '"a"
"too_long"
"c"' ]
	[[ $stderr == *"--max-record"* ]]
	sed -n 2p x.ndjson | tr -d '\n' >one.json
	limit 400000 'pl-ingest one.json'
	take_listing
	[ "$(fields .code)" = '"too_long"' ]
}

@test "--max-record is a limit for lines, elements and files" {
	ingest --max-record 30 <<<'{"text":"0123456789012345678901234567890"}'
	[ "$(fields .code)" = '"too_long"' ]
	ingest --max-record 30 <<<'[{"text":"0123456789012345678901234567890"},{"text":"a"}]'
	[ "$(fields '.code // .content')" = '"too_long"
"a"' ]
	echo 0123456789012345678901234567890 >x.txt
	ingest --max-record 30 x.txt
	[ "$(fields '[.code,.url]')" = '["too_long","x.txt"]' ]
}

@test "a document that later stages would refuse is refused, by the length of its record" {
	# A quote is written as two bytes.
	head -c 34000000 /dev/zero | tr '\0' '"' >quotes.txt
	head -c 34000000 /dev/zero | tr '\0' 'x' >letters.txt
	pl-ingest quotes.txt letters.txt >out || status=$?
	[ "$status" = 3 ]
	[ "$(jq -r '[.type,.url,.code,.class,(.document_id | length)] | @csv' \
		<(head -n 1 out))" = '"error","quotes.txt","too_long","input",36' ]
	[ "$(sed -n 2p out | pl-chunk | tail -n 1 | jq -r .type)" = end ]
}

@test "invalid UTF-8 is replaced and its place reported, or refused" {
	printf '{"url":"a","text":"x\xff"}\n{"url":"b","text":"y\xe2\x82"}\n' >x.ndjson
	ingest x.ndjson
	[ "$status" -eq 0 ]
	[ "$(fields .content)" = '"x�"
"y�"' ]
	[[ $stderr == *"x.ndjson:1: 1 character"*"at byte 20"* ]]
	ingest --invalid reject x.ndjson
	[ "$status" -eq 3 ]
	[ "$(fields '[.code,.offset]')" = '["invalid_text",20]
["invalid_text",20]' ]
}

@test "deep nesting is refused" {
	{ printf '{"text":"a","x":'; head -c 2000 /dev/zero | tr '\0' '['
		head -c 2000 /dev/zero | tr '\0' ']'; echo '}'; echo '{"text":"b"}'; } >x
	ingest <x
	[ "$status" -eq 3 ]
	[ "$(fields '.code // .content')" = '"bad_json"
"b"' ]
}

@test "no record waits for the next one" {
	mkfifo in out
	pl-ingest <in >out 3>&- &
	pid=$!
	exec 5>in 6<out
	echo '{"text":"a"}' >&5
	read -r -t 10 line <&6
	[ "$(jq -r .content <<<"$line")" = a ]
	echo '{"text":"b"}' >&5
	read -r -t 10 line <&6
	[ "$(jq -r .content <<<"$line")" = b ]
	exec 5>&-
	read -r -t 10 line <&6
	[ "$(jq -r .type <<<"$line")" = listing ]
	run ! read -r -t 10 line <&6
	exec 6<&-
	wait $pid
}

# Files and folders.

@test "a folder is read in order, hidden files and pictures left out" {
	mkdir -p d/b d/.git d/a.d
	echo '# One' >d/b/one.md
	echo 'two' >d/a.txt
	echo 'three' >d/a.d/three
	echo '# x' >d/.git/x.md
	echo '# x' >d/.x.md
	printf '\x89PNG' >d/p.PNG
	ingest d
	[ "$status" -eq 0 ]
	[ "$(fields '[.url,.title,.content_type,.metadata.path]')" = '["d/a.d/three","three","text/plain","d/a.d/three"]
["d/a.txt","two","text/plain","d/a.txt"]
["d/b/one.md","One","text/markdown","d/b/one.md"]' ]
	[[ $stderr == *"1 other file left out" ]]
}

@test "a file has one url however its path is written" {
	mkdir d
	echo x >d/a.md
	ingest d .//d/./a.md "$PWD/d"
	[ "$(fields .url)" = "\"d/a.md\"
\"$PWD/d/a.md\"" ]
}

@test "--base-url and the path below the folder make the url" {
	mkdir -p 'd/ü b'
	echo x >'d/ü b/c#1.md'
	echo y >e.md
	ingest -u https://x.example/docs d ./e.md ../"${PWD##*/}"/e.md
	[ "$(fields .url)" = "\"https://x.example/docs/%C3%BC%20b/c%231.md\"
\"https://x.example/docs/e.md\"
\"https://x.example/docs/${PWD##*/}/e.md\"" ]
}

@test "globs choose names and paths" {
	mkdir -p d/x/y d/node_modules
	touch d/empty
	for f in d/a.md d/b.txt d/x/c.md d/x/y/d.md d/node_modules/e.md; do
		echo "$f" >$f
	done
	rm d/empty
	ingest --include '*.md' --exclude node_modules d
	[ "$(fields .url | tr -d '"\n')" = d/a.mdd/x/c.mdd/x/y/d.md ]
	ingest --include 'x/*.md' d
	[ "$(fields .url)" = '"d/x/c.md"' ]
	ingest --include 'x/**.md' --include '*.txt' d
	[ "$(fields .url | tr -d '"\n')" = d/b.txtd/x/c.mdd/x/y/d.md ]
	ingest --exclude 'x/y' --exclude 'node_*' --exclude 'b.*' d
	[ "$(fields .url | tr -d '"\n')" = d/a.mdd/x/c.md ]
}

@test "links to files are followed, loops end, dead links are left out and counted" {
	mkdir -p d/sub
	echo x >d/a.md
	ln -s a.md d/b.md
	ln -s .. d/sub/up
	ln -s nowhere d/c.md
	mkfifo d/pipe
	run --separate-stderr timeout 20 pl-ingest d
	take_listing
	listed false 2
	[ "$status" -eq 0 ]
	[ "$(fields '[.url,.code]')" = '["d/a.md",null]
["d/b.md",null]' ]
	[[ $stderr == *"1 file that cannot be read is left out"*": d/c.md: a link that leads nowhere"* ]]
	ingest d/c.md
	[ "$status" -eq 1 ]
}

@test "titles of Markdown: front matter, headings outside of code, first line" {
	printf -- '---\ntitle: "From matter"\n---\n# No\n' >1.md
	printf '```\n# code\n```\n\n  ## Second ##\n' >2.md
	printf 'Setext\n======\n\ntext\n' >3.md
	printf '\n\nonly text\nmore\n' >4.md
	printf '#hashtag\n\n# Real\n' >5.md
	printf -- '---\n\n# After a rule\n' >6.md
	ingest [1-6].md
	[ "$(fields .title)" = '"From matter"
"Second"
"Setext"
"only text"
"Real"
"After a rule"' ]
}

@test "a title of HTML has its entities resolved" {
	printf '<html><TITLE lang=en>\n A &amp; B\n&lt;c&gt; </title>x' >x.html
	[ "$(ingested x.html .title)" = '"A & B <c>"' ]
}

@test "text may hold a byte order mark, NUL and bad UTF-8" {
	printf '\xef\xbb\xbf# Title\n\nsome longer text with a NUL \0 and \xff in it\n' >x.md
	ingest x.md
	[ "$status" -eq 0 ]
	[ "$(fields '[.title,.content]')" = \
		'["Title","# Title\n\nsome longer text with a NUL � and � in it\n"]' ]
	[[ $stderr == *"x.md: 2 characters"*"at byte 40"* ]]
	ingest --invalid reject x.md
	[ "$status" -eq 3 ]
	[ "$(fields '[.code,.url,.offset]')" = '["invalid_text","x.md",40]' ]
}

@test "in a folder, what is in no known format is left out and counted" {
	mkdir d
	echo x >d/a.md
	head -c 3000 /dev/urandom >d/b.dat
	cat "$(command -v cat)" >d/c.md
	gzip -c d/a.md >d/d.md.gz
	printf '%%PDF-1.4\n' >d/e.pdf
	ingest d
	[ "$status" -eq 0 ]
	[ "$(fields '[.url,.code]')" = '["d/a.md",null]' ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "pl-ingest: 4 files that cannot be read are left out"*"--exclude"*"the first: d/b.dat: not text"* ]]
	# None of them was ever a document: what is listed is complete.
	listed true 1
	ingest -v d
	[[ $stderr == *"d/c.md: not text"*"d/d.md.gz: compressed"*"d/e.pdf: a PDF"* ]]
	ingest --exclude 'b.*' --exclude c.md --exclude '*.gz' --exclude '*.pdf' d
	[ -z "$stderr" ]
	# Who names a file wants it.
	ingest d/a.md d/c.md
	[ "$status" -eq 3 ]
	[ "$(fields '[.url,.code]')" = '["d/a.md",null]
["d/c.md","binary"]' ]
	[[ $stderr == *"d/c.md: not text"*"--exclude"* ]]
}

# remedy FILE: the command that pl-ingest prints for a file, which it was given.
remedy() {
	pl-ingest "$1" 2>&1 >/dev/null | sed -n 's/^pl-ingest: .*compressed by [a-z0-9]*: //p;
		s/^pl-ingest: .*UTF-16 text: //p'
}

@test "a compressed file is told the command that reads it, with format and url" {
	mkdir -p "it's"
	printf '# One\n\nThe first.\n' >"it's/a b.md"
	printf '<html><title>Two</title>x' >page.html
	echo '{"url":"u","content":"Three"}' >data.jsonl
	printf 'Four' >plain.txt
	for file in "it's/a b.md" page.html data.jsonl plain.txt; do
		for how in gzip:gz xz:xz bzip2:bz2 zstd:zst; do
			command -v ${how%:*} >/dev/null || continue
			${how%:*} -c "$file" >"$file.${how#*:}"
			run -0 remedy "$file.${how#*:}"
			[ "$(bash -c "$output" | grep -v '"listing"' | jq -S 'del(.metadata)')" = \
				"$(pl-ingest "$file" | grep -v '"listing"' | jq -S 'del(.metadata)')" ]
		done
	done
	iconv -f UTF-8 -t UTF-16 plain.txt >wide.txt
	run -0 remedy wide.txt
	[ "$(bash -c "$output" | jq -r 'select(.content) | .url + " " + .content')" = \
		'wide.txt Four' ]
	# In a folder, the line of the first one ends with its command.
	mkdir d
	gzip -c "it's/a b.md" >d/a.md.gz
	ingest d
	[ "$status" -eq 0 ]
	[ "$(bash -c "${stderr##*gzip: }" | jq -r 'select(.content).url')" = d/a.md ]
}

@test "a missing file is an error that names it, the others are read" {
	echo x >a.md
	ingest missing.md a.md
	[ "$status" -eq 3 ]
	[ "$(fields '[.url,.code]')" = '["missing.md","cannot_open"]
["a.md",null]' ]
	[[ $stderr == *"missing.md: No such file or directory"* ]]
}

@test "when nothing at all can be read the status is 1, and there is no document" {
	ingest missing.md other.txt
	[ "$status" -eq 1 ]
	[ "$(fields '[.url,.document_id,.code]')" = '[null,null,"cannot_open"]
[null,null,"cannot_open"]' ]
}

@test "an unreadable folder in a folder is left out and counted" {
	mkdir -p d/closed
	echo x >d/a.md
	chmod 755 . d
	chmod 0 d/closed
	if [ "$(id -u)" -eq 0 ]; then
		dir=$(mktemp -d /tmp/pl-ingest.XXXXXX)
		chmod 755 "$dir"
		cp "$(command -v pl-ingest)" "$dir"
		cp -R d "$dir"
		run --separate-stderr setpriv --reuid=65534 --regid=65534 \
			--clear-groups bash -c "cd $dir && ./pl-ingest d"
		rm -rf "$dir"
	else
		ingest d
	fi
	chmod 755 d/closed
	[ "$status" -eq 0 ]
	take_listing
	listed false 1
	[ "$(fields '.url // .code')" = '"d/a.md"' ]
	[[ $stderr == *"d/closed: folder: Permission denied"* ]]
}

@test "a file without a known suffix is recognised by its content" {
	cp "$crawl/v2-in-progress.json" crawl
	echo '[1] is a footnote' >note
	echo '<!DOCTYPE html><title>T</title>x' >page
	ingest crawl note page
	[ "$(fields '.content_type // .code')" = '"text/markdown"
"text/markdown"
"text/plain"
"text/html"
"crawl_unfinished"' ]
}

@test "--format takes standard input as text" {
	ingest -f markdown -u https://x.example/page <<<'# Hello'
	[ "$(fields '[.url,.title,.content_type,.metadata]')" = \
		'["https://x.example/page","Hello","text/markdown",{}]' ]
	echo '# Hello' | pl-ingest -f text - | head -n 1 |
		jq -e '.content_type == "text/plain"'
}

@test "a name that is not UTF-8 is still read" {
	echo x >$'a\xff.md'
	ingest $'a\xff.md'
	[ "$status" -eq 0 ]
	[ "$(fields .url)" = '"a%FF.md"' ]
}

@test "files whose names differ in invalid bytes are separate documents" {
	mkdir d
	echo E9 >d/$'caf\xe9.md'
	echo E8 >d/$'caf\xe8.md'
	echo UTF-8 >d/café.md
	ingest d
	[ "$status" -eq 0 ]
	[ "$(fields '[.url,.title]')" = '["d/café.md","UTF-8"]
["d/caf%E8.md","E8"]
["d/caf%E9.md","E9"]' ]
	# Also from a file that has that very name.
	echo percent >d/caf%E9.md
	ingest d
	[ "$(fields '[.url,.title]')" = '["d/caf%E9.md","percent"]
["d/café.md","UTF-8"]
["d/caf%E8.md","E8"]
["d/caf%E9.md#2","E9"]' ]
	ingest -u https://x.example/ d
	[ "$(fields '[.url,.title]')" = '["https://x.example/caf%25E9.md","percent"]
["https://x.example/caf%C3%A9.md","UTF-8"]
["https://x.example/caf%E8.md","E8"]
["https://x.example/caf%E9.md","E9"]' ]
}

@test "a file is read from a pipe by its name" {
	run --separate-stderr bash -c "pl-ingest <(cat '$crawl/v2-page-1.json') | wc -l"
	[ "$output" -eq 6 ]
}

@test "a body with one page on each line is one body" {
	{
		echo '{"status":"completed","completed":2,"total":2,"data":['
		echo '{"markdown":"One","metadata":{"url":"https://x.example/1"}},'
		echo '{"markdown":"Two","metadata":{"url":"https://x.example/2"}}'
		echo ']}'
	} >body.json
	ingest body.json
	[ "$status" -eq 0 ]
	listed true 2
	[ "$(jq -r .content <<<"$output" | xargs)" = "One Two" ]
}
