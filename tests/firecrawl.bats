#!/usr/bin/env bats
# pl-ingest and Firecrawl's API, with a server that fails on request

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	crawl=$PL_TEST_DATA/crawl-status
	export PL_ALLOW_PRIVATE=1
}

teardown() {
	[ -z "${server_pid:-}" ] || end_pid "$server_pid"
}

# start_api [OPTION...]: the server, its folder in $api.
start_api() {
	api=$BATS_TEST_TMPDIR/api
	mkdir -p "$api/scrapes"
	/usr/bin/python3 "$PL_TEST_ROOT/tests/fake_firecrawl.py" "$api" "$@" \
		>"$api/out" 2>&1 3>&- 4>&- </dev/null &
	server_pid=$!
	wait_until 20 test -s "$api/port"
	FIRECRAWL_API_URL=http://127.0.0.1:$(cat "$api/port")
	export FIRECRAWL_API_URL
}

# pages N: N pages of a site.
pages() {
	jq -nc "[range($1) | {markdown: \"Page \\(.)\", metadata: {
		sourceURL: \"https://x.example/\\(.)\", statusCode: 200}}]"
}

# crawl ID JQ [JQ-OPTION...]: what the server answers about a crawl; JQ may use
# pages(N).
crawl() {
	jq -nc "${@:3}" 'def pages(n): [range(n) | {markdown: "Page \(.)", metadata: {
		sourceURL: "https://x.example/\(.)", statusCode: 200}}];
		'"$2" >"$api/$1.json"
}

# ingest ARGUMENT...: records in $output, the last in $listing.
ingest() {
	run --separate-stderr timeout 60 pl-ingest "$@"
	listing=${output##*$'\n'}
	[[ $listing == '{"type":"listing",'* ]]
	output=${output%"$listing"}
}

listed() {
	[ "$listing" = '{"type":"listing","source":"default","complete":'"$1"',"documents":'"$2"'}' ]
}

fields() {
	jq -c "$1" <<<"$output"
}

# asked: the requests, as METHOD PATH.
asked() {
	jq -r '"\(.method) \(.path)"' "$api/log"
}

@test "a crawl is read from its first part to its last" {
	start_api
	crawl c '{pages: pages(10), part: 4}'
	ingest --firecrawl c
	[ "$status" -eq 0 ]
	[ "$(fields .url | wc -l)" -eq 10 ]
	listed true 10
	[ "$(asked)" = 'GET /v2/crawl/c?limit=1
GET /v2/crawl/c
GET /v2/crawl/c?skip=4
GET /v2/crawl/c?skip=8
GET /v2/crawl/c/errors' ]
	ingest --firecrawl c --api v1
	[ "$(asked | tail -n 1)" = "GET /v1/crawl/c/errors" ]
}

@test "the samples of one crawl, in three parts, have their verdict" {
	start_api
	for v in v1 v2; do
		crawl c '{raw: ({poll: "'"$crawl/$v"'-page-3.json"} +
			([0, 4, 8] | map({key: tostring, value:
			"'"$crawl/$v"'-page-\(. / 4 + 1).json"}) | from_entries))}'
		ingest --firecrawl c --api "$v"
		[ "$status" -eq 3 ]
		[ "$(fields .type | sort | uniq -c | tr -s ' \n' ' ')" = \
			' 7 "document" 3 "error" ' ]
		[ "$(fields 'select(.type == "error").code' | xargs)" = \
			'empty_page http_404 http_503' ]
		listed true 7
	done
}

@test "each sample of a status body has the verdict of its README" {
	start_api
	while IFS=: read -r file code codes complete; do
		crawl c '{raw: {poll: "'"$crawl/$file"'.json",
			"0": "'"$crawl/$file"'.json"}}'
		ingest --once --firecrawl c
		echo "$file: $status $output"
		[ "$status" -eq "$code" ]
		[ "$(fields '.code // empty' | xargs)" = "$codes" ]
		[[ $listing == *"\"complete\":$complete,"* ]]
	done <<-'END'
		v2-in-progress:75:crawl_running:false
		v2-in-progress-empty-same-next:75:crawl_running:false
		v2-cancelled-endless-next:3:crawl_cancelled:false
		v2-kickoff-failed-http200:3:crawl_failed:false
		v2-completed-nothing:0::true
		v2-hostile-strings:0::true
	END
	[ "$(fields .type | wc -l)" -eq 4 ]
	[ "$(asked | grep -c 'skip=')" -eq 0 ]
}

@test "each sample of an error answer has the verdict of its README" {
	start_api
	while read -r http file class code status_wanted; do
		crawl c '{fail: [{skip: "poll", times: 99, status: '"$http"',
			body: $text}]}' --rawfile text "$crawl/$file"
		ingest --once --retry-for 0s --firecrawl c
		echo "$file: $status $output"
		[ "$status" -eq "$status_wanted" ]
		[ "$(fields '[.class, .code, .url] | @tsv')" = \
			"\"$class\\t$code\\t\"" ]
		listed false 0
	done <<-'END'
		400 http-400-validation.json config http_400 1
		401 http-401.json config http_401 1
		402 http-402.json quota http_402 1
		404 http-404-cancel.json input crawl_not_found 1
		404 http-404-expired.json input crawl_expired 1
		404 http-404-not-found.json input crawl_not_found 1
		500 http-500.json transient http_500 75
		502 http-502.html transient http_502 75
	END
}

@test "429: the wait stands in the text, or in a header" {
	start_api
	crawl c '{pages: pages(1), fail: [{skip: "poll", status: 429, body:
		{error: "Rate limit exceeded, please retry after 1s, resets"}}]}'
	ingest -v --firecrawl c
	[ "$status" -eq 0 ]
	listed true 1
	[[ $stderr == *"trying again in 1.0 s"* ]]
	crawl d '{pages: pages(1), fail: [{skip: 0, status: 429,
		headers: {"Retry-After": "1"}, body: "busy"}]}'
	ingest -v --firecrawl d
	[ "$status" -eq 0 ]
	listed true 1
	[[ $stderr == *"trying again in 1.0 s"* ]]
}

@test "429 with a long wait: --once tells how long" {
	start_api
	crawl c '{fail: [{skip: "poll", times: 99, status: 429, body:
		{error: "Please retry after 123s"}}]}'
	ingest --once --firecrawl c
	[ "$status" -eq 75 ]
	[ "$(fields '[.class, .code, .retry_after + 0]')" = \
		'["throttled","http_429",123]' ]
	listed false 0
}

@test "a failing server and a cut connection are tried again" {
	start_api
	crawl c '{pages: pages(6), part: 2, fail: [
		{skip: 0, status: 503}, {skip: 2, cut: true, times: 2},
		{skip: 4, status: 500, body: ""}]}'
	ingest --firecrawl c
	[ "$status" -eq 0 ]
	listed true 6
}

@test "a part that stays away fails the run, and what came is given" {
	start_api
	crawl c '{pages: pages(6), part: 2, fail: [
		{skip: 4, times: 99, cut: true}]}'
	ingest --retry-for 1s --firecrawl c
	[ "$status" -eq 75 ]
	[ "$(fields '.url // .class')" = '"https://x.example/0"
"https://x.example/1"
"https://x.example/2"
"https://x.example/3"
"transient"
"input"' ]
	listed false 4
}

@test "a body that is cut, or no object, is tried again" {
	start_api
	crawl c '{pages: pages(2), fail: [{skip: 0, status: 200,
		body: "{\"status\":\"completed\",\"data\":[{\"markdown\":"},
		{skip: 0, status: 200, body: "<html>"}]}'
	ingest --firecrawl c
	[ "$status" -eq 0 ]
	listed true 2
}

@test "a crawl is waited for, unless --once is given" {
	start_api
	crawl c '{pages: pages(3), runs: 2}'
	ingest --firecrawl c --once
	[ "$status" -eq 75 ]
	[ "$(fields '[.class,.code,.url]')" = '["transient","crawl_running",null]' ]
	listed false 0
	ingest -v --firecrawl c
	[ "$status" -eq 0 ]
	listed true 3
	[[ $stderr == *"crawl c runs"* ]]
}

@test "SIGTERM ends a wait at once, and there is no listing" {
	start_api
	crawl c '{runs: 1000}'
	pl-ingest --firecrawl c >out 2>&1 3>&- &
	pid=$!
	wait_until 10 test -s "$api/log"
	kill "$pid"
	wait_until 2 dead "$pid"
	[ ! -s out ]
}

@test "a cancelled crawl gives its pages, then an error" {
	start_api
	crawl c '{pages: pages(3), part: 2, status: "cancelled"}'
	ingest --firecrawl c
	[ "$status" -eq 3 ]
	[ "$(fields '.url // .code' | xargs)" = 'https://x.example/0 https://x.example/1 https://x.example/2 crawl_cancelled' ]
	listed false 3
}

@test "a 'next' without end is left" {
	start_api
	crawl c '{pages: pages(4), part: 2, endless: true}'
	ingest --firecrawl c
	[ "$status" -eq 3 ]
	[ "$(fields 'select(.type == "error") | [.code,.url]')" = '["bad_next",null]' ]
	listed false 4
	[ "$(asked | grep -c skip=)" -le 3 ]
}

@test "a 'next' that leads elsewhere is asked of the own server, and told once" {
	start_api
	for next in http://169.254.169.254 https://localhost:3002 \
		"https://127.0.0.1:$(cat "$api/port")" http://127.0.0.1:1 \
		http://user@127.0.0.1:1 //evil.example file:///etc; do
		crawl c '{pages: pages(5), part: 2, next: "'"$next"'"}'
		ingest --firecrawl c
		[ "$status" -eq 0 ]
		listed true 5
		[ "$(grep -c 'leads to another server' <<<"$stderr")" -eq 1 ]
	done
	[ "$(asked | sort -u)" = 'GET /v2/crawl/c
GET /v2/crawl/c/errors
GET /v2/crawl/c?limit=1
GET /v2/crawl/c?skip=2
GET /v2/crawl/c?skip=4' ]
}

@test "a self-hosted server's wrong scheme in 'next'" {
	start_api
	jq -n --arg f "$crawl/v1-selfhosted-wrong-scheme-next.json" \
		'{raw: {poll: $f, "0": $f}, total: 101}' >"$api/c.json"
	ingest --firecrawl c --api v1
	[ "$(asked | grep skip=)" = "GET /v1/crawl/c?skip=100" ]
	# 100 of its pages are not in the sample.
	[ "$(fields 'select(.type == "error").code' | sort -u)" = \
		'"crawl_incomplete"' ]
}

@test "a private address needs --allow-private, also behind a name" {
	start_api
	crawl c '{pages: pages(1)}'
	unset PL_ALLOW_PRIVATE
	for host in 127.0.0.1 localhost 2130706433; do
		FIRECRAWL_API_URL=http://$host:$(cat "$api/port") ingest --firecrawl c
		[ "$status" -eq 1 ]
		[ "$(fields '[.class,.code]')" = '["config","bad_url"]' ]
		[[ $stderr == *--allow-private* ]]
	done
	[ ! -e "$api/log" ]
	ingest --allow-private --firecrawl c
	[ "$status" -eq 0 ]
}

@test "pages that are missing at the end are told" {
	start_api
	crawl c '{pages: pages(5), part: 2, total: 7}'
	ingest --firecrawl c
	[ "$status" -eq 3 ]
	[[ $stderr == *"5 of the crawl's 7 pages"* ]]
	listed false 5
}

@test "pages that failed come from the errors endpoint, with their url" {
	start_api
	crawl c '{pages: pages(1), errors: $errors[0]}' \
		--slurpfile errors "$crawl/errors-v2.json"
	ingest --firecrawl c
	[ "$status" -eq 3 ]
	[ "$(fields 'select(.type == "error").url' | wc -l)" -eq 5 ]
	listed true 1
}

@test "without the errors endpoint a notice is given, and no complete listing" {
	start_api
	for http in 402 403 404; do
		crawl c '{pages: pages(1), errors: '$http'}'
		ingest --firecrawl c
		[ "$status" -eq 0 ]
		[ "$(fields .type)" = '"document"' ]
		[[ $stderr == *"HTTP $http"* ]]
		listed false 1
	done
}

@test "the key goes out as a header, and into no message" {
	start_api --key fc-0123456789
	crawl c '{pages: pages(1)}'
	ingest --firecrawl c
	[ "$status" -eq 1 ]
	[ "$(fields .code)" = '"http_401"' ]
	echo fc-0123456789 >key
	FIRECRAWL_API_KEY_FILE=key ingest --firecrawl c
	[ "$status" -eq 0 ]
	FIRECRAWL_API_KEY=fc-0123456789 ingest -v --firecrawl c
	[ "$status" -eq 0 ]
	crawl e '{fail: [{skip: "poll", times: 9, status: 400,
		body: {error: "what is fc-0123456789?"}}]}'
	FIRECRAWL_API_KEY=fc-0123456789 ingest --firecrawl e
	[[ $stderr == *'what is ***?'* && $output$stderr != *fc-0123* ]]
	run -1 env FIRECRAWL_API_KEY=$'a\r\nb: c' pl-ingest --firecrawl c
}

@test "a part of 10 MB is read in little memory" {
	start_api
	crawl c '{pages: pages(100), pad: 100000}'
	limit=
	is_sanitised || limit='ulimit -v 300000;'
	run --separate-stderr bash -c "$limit pl-ingest --firecrawl c | tail -n 1"
	[[ $output == *'"complete":true,"documents":100}' ]]
}

@test "--start begins a crawl and reads it; the site changes until the next" {
	start_api
	pages 3 >"$api/site.json"
	echo '{"limit":5,"url":"no"}' >options.json
	ingest --start https://x.example/ --crawl-options options.json
	[ "$status" -eq 0 ]
	listed true 3
	[[ $stderr == *"crawl "*" started"* ]]
	[ "$(jq -c 'select(.method == "POST").body' "$api/log")" = \
		'{"limit":5,"url":"https://x.example/"}' ]
	jq 'del(.[1]) | .[0].markdown = "changed"
		| . + [{url: "https://x.example/slow", code: "SCRAPE_TIMEOUT",
		error: "too slow"}]' "$api/site.json" >new
	mv new "$api/site.json"
	ingest --start https://x.example/
	[ "$status" -eq 3 ]
	[ "$(fields '.content // .code')" = '"changed"
"Page 2"
"scrape_timeout"' ]
	listed true 2
}

@test "--detach prints the crawl, --webhook is told, a failed start is an error" {
	start_api
	pages 1 >"$api/site.json"
	ingest --start https://x.example/ --detach --webhook http://127.0.0.1:1/h
	[ "$status" -eq 0 ]
	[ "$(fields '[.type,.status,.url,.source]')" = \
		'["crawl","started","https://x.example/","default"]' ]
	listed false 0
	[ "$(jq -r 'select(.method == "POST").body.webhook' "$api/log")" = \
		http://127.0.0.1:1/h ]
	id=$(jq -r .id <<<"$output")
	ingest --firecrawl "$id"
	listed true 1
	echo '{"zeroDataRetention":true}' >options.json
	ingest --start https://x.example/ --crawl-options options.json
	[ "$status" -ne 0 ]
	[ "$(fields .code)" = '"crawl_failed"' ]
	listed false 0
}

@test "an event of a monitor fetches what changed, and only that" {
	start_api
	echo '{"success":true,"data":{"markdown":"New text","metadata":{"url":"https://docs.kestrel.example/install"}}}' \
		>"$api/scrapes/scrape-2.json"
	echo '[{"markdown":"A new page","metadata":{"url":"https://docs.kestrel.example/new"}}]' \
		>"$api/site.json"
	ingest "$PL_TEST_DATA/webhooks/firecrawl-monitor.page.json"
	[ "$status" -eq 3 ]
	[ "$(fields '[.type,.url,.content // .code]')" = \
		'["deleted","https://docs.kestrel.example/old",null]
["error","https://docs.kestrel.example/slow","scrape_failed"]
["document","https://docs.kestrel.example/install","New text"]
["document","https://docs.kestrel.example/new","A new page"]' ]
	listed false 2
	[ "$(asked)" = 'GET /v2/scrape/scrape-2
GET /v2/scrape/scrape-gone
POST /v2/scrape' ]
	[ "$(jq -c 'select(.method == "POST").body' "$api/log")" = \
		'{"url":"https://docs.kestrel.example/new","formats":["markdown"]}' ]
}

@test "a monitor's page that the API cannot read is an error with its url" {
	start_api
	echo '[]' >"$api/site.json"
	ingest --retry-for 0s "$PL_TEST_DATA/webhooks/firecrawl-monitor.page.json"
	[ "$status" -eq 3 ]
	[ "$(fields 'select(.code == "http_500").url')" = \
		'"https://docs.kestrel.example/install"
"https://docs.kestrel.example/new"' ]
}

@test "a monitor's event while the API is away is tried again as a whole" {
	FIRECRAWL_API_URL=http://127.0.0.1:$(free_port) ingest --retry-for 0s \
		"$PL_TEST_DATA/webhooks/firecrawl-monitor.page.json"
	[ "$status" -eq 75 ]
	[ "$(fields 'select(.class == "transient") | [.code,.url]')" = \
		'["unavailable",null]' ]
}

@test "wrong use is refused" {
	for arguments in '--firecrawl a/b' '--firecrawl ../x' '--firecrawl a?b' \
		'--firecrawl x --start https://x.example/' '--firecrawl x file' \
		'--detach' '--webhook u' '--crawl-options f' '--firecrawl x --api v3' \
		'--start u --crawl-options missing.json'; do
		# shellcheck disable=SC2086
		run -2 pl-ingest $arguments
	done
	for url in ftp://x.example http://u:p@x.example 'http://x.example/?a=b'; do
		FIRECRAWL_API_URL=$url run -1 pl-ingest --firecrawl c
		[[ $output == *FIRECRAWL_API_URL* && $output != *u:p* ]]
	done
}
