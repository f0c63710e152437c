# What a source no longer has is deleted, and nothing else

load helpers
load jobs

# pages FROM TO: documents of the source "site", with what a complete listing
# says at the end.
pages() {
	seq "$1" "$2" | jq -c '{type: "document", source: "site",
	    url: "https://site.example/\(.)", content: "Page \(.) on walrus."}'
	jq -nc --argjson n $(($2 - $1 + 1)) \
		'{type: "listing", source: "site", complete: true, documents: $n}'
}

# listed [OPTION...]: enqueue standard input with --prune.
listed() {
	pl-enqueue --prune "$@"
}

# stored [NAME]: process all tasks, into the collection NAME.
stored() {
	timeout 50 pl-worker --burst -- \
		"pl-chunk | pl-embed | pl-store --collection ${1:-default}"
}

gone() {
	db "select count(*) from pl.documents
		where status = 'deleted' or delete_at is not null"
}

chunks() {
	db "select count(*) from pl.chunks_$1 c join pl.documents d
		on d.id = c.document_id where d.url = 'https://site.example/$2'"
}

# A site of twenty pages in two collections.
site() {
	pages 1 20 | listed >/dev/null
	stored
	pages 1 20 | listed --all --collection papers >/dev/null
	stored papers
}

@test "a complete listing deletes what it lacks, in every collection" {
	site
	pages 2 20 | listed --grace 0s 2>err >job
	grep -q 'source site: 1 documents were not in the listing: deleted' err
	[ "$(jq -c .details.prune job)" = \
		'{"absent":1,"stopped":false,"documents":20}' ]
	db_is 'deleted|0|' "select status, chunk_count, content from pl.documents
		where url = 'https://site.example/1'"
	[ "$(chunks default 1) $(chunks papers 1)" = '0 0' ]
	[ "$(chunks default 2) $(chunks papers 2)" = '1 1' ]
	db_is 19 'select count(*) from pl.chunks_papers'
	run -0 pl-search --collection papers 'Page 1 on walrus'
	[[ $output != *site.example/1\"* ]]
	run -0 pl-jobctl verify
}

@test "a document that is gone waits for the time of grace, and a worker deletes it" {
	site
	pages 2 20 | listed --grace 1h >/dev/null 2>err
	grep -q 'they are deleted in' err
	db_is "stored|t" "select status, delete_at > now() from pl.documents
		where url = 'https://site.example/1'"
	pl-worker --burst
	[ "$(chunks default 1)" = 1 ]
	# The hour is over.
	db "update pl.documents set delete_at = now() where delete_at is not null"
	pl-worker -- cat 2>err 3>&- &
	worker=$!
	wait_until 20 db_is deleted "select status from pl.documents
		where url = 'https://site.example/1'"
	kill "$worker"
	wait "$worker"
	[ "$(chunks default 1) $(chunks papers 1)" = '0 0' ]
}

@test "a document that comes again is not deleted, and a deleted one is stored again" {
	site
	pages 2 20 | listed --grace 1h >/dev/null
	[ "$(gone)" = 1 ]
	pages 1 20 | listed >job
	[ "$(jq .unchanged job)" = 20 ]
	[ "$(gone)" = 0 ]
	pages 2 20 | listed --grace 0s >/dev/null
	[ "$(gone)" = 1 ]
	pages 1 20 | listed >job
	[ "$(jq -c '[.unchanged, .tasks]' job)" = '[19,1]' ]
	stored papers
	[ "$(gone)" = 0 ]
	[ "$(chunks default 1) $(chunks papers 1)" = '0 1' ]
}

@test "a dry run lists what would be deleted, and marks nothing" {
	site
	pages 3 20 | listed --dry-run --grace 0s >out
	[ "$(jq -r 'select(.type == "deleted") | .url' out | sort | xargs)" = \
		'https://site.example/1 https://site.example/2' ]
	[ "$(gone)" = 0 ]
}

@test "too many deletions at once stop all of them" {
	site
	pages 4 20 >in
	run -3 --separate-stderr listed --grace 0s <in
	[[ $stderr == *'3 of 20 documents are not in the listing, more than 10 %: none is deleted'* ]]
	[ "$(jq -r 'select(.type == "error") | .class, .code' <<<"$output" | xargs)" = \
		'config prune_stopped' ]
	[ "$(gone)" = 0 ]
	run -3 listed --grace 0s --max-delete 14% <in
	[ "$(gone)" = 0 ]
	run -0 listed --grace 0s --max-delete 15% <in
	[ "$(gone)" = 3 ]
	run -2 listed --max-delete 101% </dev/null
	run -2 listed --max-delete ten </dev/null
}

@test "only a listing that is complete deletes" {
	local case
	site
	pages 2 20 >whole
	grep -v '"listing"' whole >none
	sed 's/"complete":true/"complete":false/' whole >unfinished
	grep -v 'example/7"' whole >thinned
	{
		cat whole
		tail -n 1 whole
	} >twice
	{
		echo '{"type":"error","stage":"ingest","class":"input","code":"cannot_open","message":"m"}'
		cat whole
	} >failed
	{
		echo '{"url": oops'
		cat whole
	} >broken
	sed 's/"source":"site","comp/"source":"other","comp/' whole >other
	for case in none unfinished thinned twice failed broken other; do
		run listed --grace 0s <"$case"
		[ "$status" -eq 3 ] || [ "$case" = other ]
		[[ $output == *'nothing is deleted'* ]]
		[ "$(gone)" = 0 ]
	done
	run -0 listed --grace 0s <whole
	[ "$(gone)" = 1 ]
}

@test "a page that failed stays, one that answered 404 is gone" {
	local code
	site
	for code in scrape_timeout http_500 http_404; do
		pages 2 20 | sed '1i {"type":"error","stage":"ingest","class":"input","source":"site","code":"'$code'","message":"m","url":"https://site.example/1"}' |
			listed --grace 0s >job
		[ "$(jq .failed job)" = 1 ]
		[ "$(gone)" = "$([ $code = http_404 ] && echo 1 || echo 0)" ]
	done
}

@test "a page of a crawl that failed stays, though only pl-ingest knows its source" {
	local api='{"success":true,"status":"completed","total":2,"completed":2,"data":['
	one() {
		echo '{"markdown":"The first walrus.","metadata":{"url":"https://c.example/1","statusCode":'$1'}}'
	}
	two='{"markdown":"The second walrus.","metadata":{"url":"https://c.example/2","statusCode":200}}]}'
	echo "$api$(one 200),$two" >good.json
	echo "$api$(one 503),$two" >bad.json
	pl-ingest --source c good.json | listed >/dev/null
	stored
	pl-ingest --source c bad.json | listed --grace 0s --max-delete 100% >job
	[ "$(jq .failed job)" = 1 ]
	[ "$(gone)" = 0 ]
	db_is c "select string_agg(name, ' ') from pl.sources"
	echo "$api$(one 404),$two" >bad.json
	pl-ingest --source c bad.json | listed --grace 0s --max-delete 100% >job
	[ "$(gone)" = 1 ]
}

@test "a source that is set to prune needs no option" {
	site
	pages 2 20 >in
	pl-enqueue <in >/dev/null
	[ "$(gone)" = 0 ]
	db "update pl.sources set prune = true, grace = '0', max_delete = 3"
	run -3 pl-enqueue <in
	[ "$(gone)" = 0 ]
	db 'update pl.sources set max_delete = 5'
	run -0 pl-enqueue <in
	[ "$(gone)" = 1 ]
	# Records of other programs have no listing.
	grep -v '"listing"' in >plain
	run -0 --separate-stderr pl-enqueue <plain
	[[ $stderr != *listing* ]]
}

@test "a deleted record deletes one document after the source's time of grace" {
	site
	echo '{"type":"deleted","source":"site","url":"https://site.example/5"}' >in
	run -0 --separate-stderr pl-enqueue <in
	[ "$output" = '' ]
	db_is 'https://site.example/5|t' "select url, delete_at > now() +
		interval '6 days' from pl.documents where delete_at is not null"
	db "update pl.sources set grace = '0'"
	run -0 pl-enqueue <in
	[ "$(chunks default 5) $(chunks papers 5)" = '0 0' ]
	run -3 pl-enqueue <<<'{"type":"deleted","source":"site"}'
}

# PL_TEST_CUTS=1000 cuts more often.
@test "a listing that is cut anywhere deletes nothing" {
	local size at
	site
	pages 1 20 >in
	size=$(stat -c %s in)
	RANDOM=7
	for ((i = 0; i < ${PL_TEST_CUTS:-100}; i++)); do
		at=$(((RANDOM * 32768 + RANDOM) % (size - 2)))
		head -c "$at" in | listed --grace 0s --max-delete 100% \
			>/dev/null 2>&1 || [ $? -eq 3 ]
	done
	[ "$(gone)" = 0 ]
	db_is 20 'select count(*) from pl.chunks_papers'
}
