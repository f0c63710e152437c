#!/usr/bin/env bats
# pl-ingest --map: jq programs that make records of what senders send

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	maps=$PL_TEST_ROOT/examples/webhooks
	bodies=$PL_TEST_DATA/webhooks
}

# mapped PROGRAM [ARGUMENT...]: records in $output, the last in $listing. The
# listing of an event is never complete.
mapped() {
	PL_MAP_PROGRAM=$1 run --separate-stderr pl-ingest --source s "${@:2}"
	listing=${output##*$'\n'}
	[[ $listing == '{"type":"listing","source":"s","complete":false,'* ]]
	output=${output%"$listing"}
}

fields() {
	jq -c "$1" <<<"$output"
}

# example SENDER BODY JQ: what examples/webhooks makes of a body.
example() {
	run --separate-stderr pl-ingest --map "$maps/$1.jq" "$bodies/$2.json"
	jq -c "select(.type != \"listing\") | $3" <<<"$output"
}

# refused CODE: one error without url, and nothing else.
refused() {
	[ "$status" -eq 3 ]
	[ "$(fields '[.type,.class,.code,.url]')" = \
		'["error","input","'"$1"'",null]' ]
}

@test "a map makes documents, deleted and crawl records" {
	mapped '{url, content: .text}, {type: "deleted", url: "v"},
		{type: "crawl", id: "7", status: "completed"}' \
		<<<'{"url":"u","text":"T"}'
	[ "$status" -eq 0 ]
	[ "$(fields '[.type,.source,.url // .id,.content]')" = \
		'["document","s","u","T"]
["deleted","s","v",null]
["crawl","s","7",null]' ]
	[[ $listing == *'"documents":1}' ]]
}

@test "--map wins over the variable, and every input has its own run" {
	echo '{url, text: input_line_number | tostring}' >m.jq
	echo '{"url":"a"}' >a.json
	echo '{"url":"b"}' >b.json
	mapped error --map m.jq a.json b.json
	[ "$status" -eq 0 ]
	[ "$(fields '[.url,.content]')" = '["a","1"]
["b","1"]' ]
}

@test "a map sees nothing of the environment, and no files" {
	mkdir home
	echo 'def secret: "from the home folder";' >home/.jq
	echo 'def secret: "from a module";' >m.jq
	HOME=$PWD/home OPENAI_API_KEY=k mapped \
		'{url: "u", text: ([$ENV, env] | tojson)}' <<<'{}'
	[ "$(fields '.content | fromjson | map(keys) | unique')" = \
		'[["HOME","PATH"]]' ]
	for program in 'secret' 'import "m" as m; 1' 'include "m"; 1' \
		'1) | (import "m" as m; 1' '"m" | modulemeta' \
		'"'"$PWD"'/m" | modulemeta' '"../../../../../../..'"$PWD"'/m" | modulemeta'; do
		HOME=$PWD/home mapped "$program" <<<'{}'
		echo "$program: $output"
		refused map_failed
	done
}

@test "a map that fails says why, and gives none of its records" {
	mapped '{url: "u", text: "T"}, error("boo")' <<<'{}'
	refused map_failed
	[[ $stderr == *boo* ]]
	mapped '{url: "u"' <<<'{}'
	refused map_failed
	[[ $stderr == *"syntax error"* ]]
	mapped . <<<'{"cut'
	refused map_failed
	mapped . <"$bodies/not-json.txt"
	refused map_failed
	mapped . <"$bodies/truncated.json"
	refused map_failed
	mapped '{url: "u", text: "T"} # a comment at the end' <<<'{}'
	[ "$status" -eq 0 ]
}

@test "a map that loops is ended" {
	mapped 'def f: f; f' --map-timeout 1s <<<'{}'
	refused map_timeout
	# Also one whose input never ends.
	mkfifo in
	exec 5<>in
	mapped . --map-timeout 1s in
	exec 5>&-
	refused map_timeout
}

@test "a map that writes 1 GB is ended" {
	mapped 'range(1e8) | "a text of twenty bytes"' <<<'{}'
	refused map_too_large
	mapped 'range(1000) | {url: tostring, text: "T"}' --map-output 10k <<<'{}'
	refused map_too_large
}

@test "a map that takes much memory is ended" {
	! is_sanitised || skip "the limit is not set in a sanitised build"
	mapped '[range(1e9)]' <<<'{}'
	refused map_failed
}

@test "a map that makes something else: each is named" {
	mapped '1, "a", {type: "deleted"}, {type: "crawl", id: 7}' <<<'{}'
	[ "$status" -eq 3 ]
	[ "$(fields .code | xargs)" = \
		'not_an_object not_an_object wrong_type wrong_type' ]
}

@test "a map cannot be read, is too long, or jq is not there" {
	run -2 pl-ingest --map missing.jq /dev/null
	[[ $output == *"missing.jq: No such file"* ]]
	head -c 200000 /dev/zero | tr '\0' ' ' >long.jq
	run -2 pl-ingest --map long.jq /dev/null
	run -2 pl-ingest --map long.jq --firecrawl x
}

@test "a map that makes nothing is no failure" {
	mapped empty <<<'{"url":"u","text":"T"}'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "Firecrawl: pages, failed pages, and what became of the crawl" {
	[ "$(example firecrawl firecrawl-v2-crawl.page-two-documents .url)" = \
		'"https://docs.kestrel.example/install"
"https://docs.kestrel.example/config"' ]
	[ "$(example firecrawl firecrawl-v2-crawl.page-failed '[.code,.url]')" = \
		'["scrape_failed","https://docs.kestrel.example/slow"]' ]
	id=$(jq -r .id "$bodies/firecrawl-v2-crawl.completed.json")
	for event in started completed cancelled; do
		[ "$(example firecrawl firecrawl-v2-crawl.$event '[.type,.id,.status]')" = \
			'["crawl","'"$id"'","'$event'"]' ]
	done
	[ "$(example firecrawl firecrawl-v0-crawl.completed .type | uniq -c | tr -s ' ')" = \
		' 2 "document"' ]
	for event in v2-unknown-future-event v2-extract.completed \
		monitor.check.completed; do
		[ -z "$(example firecrawl firecrawl-$event .)" ]
	done
}

@test "Crawl4AI: results, failed ones, and a body without data" {
	[ "$(example crawl4ai crawl4ai-completed '[.url,.title,.content // .code]')" = \
		'["https://wiki.merlin.example/","Merlin wiki","# Merlin wiki\n\nMerlin is a build tool."]
["https://wiki.merlin.example/setup/",null,"Run `merlin init`."]
["https://wiki.merlin.example/lost",null,"crawl_failed"]' ]
	[ "$(example crawl4ai crawl4ai-failed '[.url,.code,.message]')" = \
		'["https://wiki.merlin.example/a","crawl_failed","Browser crashed"]
["https://wiki.merlin.example/b","crawl_failed","Browser crashed"]' ]
	[ "$(example crawl4ai crawl4ai-no-data '[.url,.code]')" = '[null,"no_data"]' ]
}

@test "Apify: items in the body, or where they are" {
	[ "$(example apify apify-with-items '[.url,.title,.content]')" = \
		'["https://shop.osprey.example/help","Help","# Help\n\nCall us."]
["https://shop.osprey.example/terms","Terms","Terms of the shop."]' ]
	[[ $(example apify apify-succeeded '[.code,.message]') == \
		*not_fetched*/datasets/dataset000000001/items* ]]
	[ "$(example apify apify-failed .code)" = '"crawl_failed"' ]
}

@test "Supabase: a row comes, loses its text, goes" {
	[ "$(example supabase supabase-insert '[.type,.url,.title,.content,.metadata.author]')" = \
		'["document","posts/42","Kestrel 2.4","Kestrel 2.4 keeps messages in order.","mo"]' ]
	[ "$(example supabase supabase-update '[.type,.url]')" = '["deleted","posts/42"]' ]
	[ "$(example supabase supabase-delete '[.type,.url]')" = '["deleted","posts/42"]' ]
}

@test "a plain body, or an array of them" {
	[ "$(example plain plain '[.url,.title,.content]')" = \
		'["https://heron.example/a","A","# A\n\nText."]' ]
	[ "$(example plain plain-array '[.type,.url]')" = \
		'["document","https://heron.example/a"]
["deleted","https://heron.example/b"]' ]
}

@test "every body through every map: a status of 0 or 3, and a listing" {
	export FIRECRAWL_API_URL=http://127.0.0.1:9 PL_ALLOW_PRIVATE=0
	local files=()
	for body in "$bodies"/*; do
		[[ $body == *monitor.page* ]] || files+=("$body")
	done
	for map in "$maps"/*.jq; do
		run --separate-stderr pl-ingest --map "$map" "${files[@]}"
		echo "$map: $status $stderr"
		[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
		[[ ${output##*$'\n'} == *'"complete":false'* ]]
	done
}
