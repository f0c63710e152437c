# A crawl ends, its webhook arrives, and only what changed is processed: with a
# fake of Firecrawl's API, and everything else real.

load helpers
load jobs

setup() {
	jobs_setup
	background=()
	mkdir api secrets
	site
	echo s3cret >secrets/site
	background /usr/bin/python3 "$PL_TEST_ROOT/tests/fake_firecrawl.py" api \
		--secret s3cret --delay 0.5
	wait_until 20 test -s api/port
	export FIRECRAWL_API_URL=http://127.0.0.1:$(<api/port) PL_ALLOW_PRIVATE=1
	pl-jobctl source add site --verifier firecrawl --prune --grace 0s \
		--max-delete 50% >/dev/null
	receive
}

teardown() {
	local pid
	for pid in "${background[@]}"; do
		kill -CONT "$pid" 2>/dev/null || true
		end_pid "$pid" KILL
	done
	[ ! -e err ] || tail -n 30 err
}

# background COMMAND...: run it until the test ends; its pid is $!.
background() {
	"$@" >>out 2>>err 3>&- &
	background+=("$!")
}

# site [FILTER]: the pages of the crawled site.
site() {
	jq -n '[range(1; 11) | {markdown: "# Page \(.)\n\nThe walrus of page \(.).",
	    metadata: {url: "https://walrus.example/\(.)",
	        sourceURL: "https://walrus.example/\(.)", statusCode: 200,
	        title: "Page \(.)"}}]' | jq "${1:-.}" >api/site.json
}

receive() {
	background pl-webhook --listen 127.0.0.1:0 --secrets secrets
	wait_until 20 grep -q 127.0.0.1: out err
	hook=http://$(grep -ho '127.0.0.1:[0-9]*' out err | head -n 1)/hook/site
}

# crawl: start a crawl that sends its events; its id is $crawl.
crawl() {
	crawl=$(curl -s "$FIRECRAWL_API_URL/v2/crawl" \
		-H 'Content-Type: application/json' \
		-d '{"url": "https://walrus.example/", "webhook": "'"$hook"'"}' |
		jq -r .id)
}

events() {
	db_is "$1" 'select count(*) from pl.webhook_events'
}

source_is() {
	[ "$(pl-jobctl --json source show site | jq -r .status)" = "$1" ]
}

account_is() {
	[ "$(pl-jobctl --json status site | jq -r '[.status, .documents, .stored,
	    .unchanged, .failed] | map(tostring) | join(" ")')" = "$1" ]
}

work() {
	timeout 60 pl-worker --burst "$@"
}

@test "a crawl becomes searchable, and its source says how far it is" {
	source_is pending
	crawl
	wait_until 20 source_is crawling
	wait_until 20 events 2
	background pl-worker -- "while [ ! -e go ]; do sleep 0.1; done
		pl-chunk | pl-embed | pl-store"
	wait_until 20 source_is processing
	touch go
	wait_until 20 source_is ready
	account_is 'completed 10 10 0 0'
	db_is '1|2|2' 'select count(distinct job_id), count(*),
		count(handled_at) from pl.webhook_events'
	run -0 pl-search 'walrus of page 7'
	[[ $output == *walrus.example/7* ]]
	run -0 pl-jobctl verify
}

@test "the next crawl processes what changed, and deletes what is gone" {
	crawl
	wait_until 20 events 2
	work
	account_is 'completed 10 10 0 0'
	site 'del(.[6]) | .[0].markdown += "\nIt has tusks."'
	crawl
	wait_until 20 events 4
	work
	account_is 'completed 9 1 8 0'
	[ "$(pl-jobctl --json status site | jq -c .details.prune)" = \
		'{"absent":1,"stopped":false,"documents":10}' ]
	run -0 pl-search 'walrus of page 7'
	[[ $output != *walrus.example/7* ]]
	source_is ready
}

@test "an event that is sent again causes nothing" {
	crawl
	wait_until 20 events 2
	printf %s "$(db "select convert_from(body, 'UTF8') from pl.webhook_events
		where id = 2")" >body
	local signature
	signature=$(openssl dgst -sha256 -hmac s3cret <body | sed 's/.* //')
	for i in 1 2 3; do
		curl -s "$hook" -H "X-Firecrawl-Signature: sha256=$signature" \
			-H 'Content-Type: application/json' --data-binary @body \
			-o answer -w '%{http_code}\n' >>codes
	done
	[ "$(sort -u codes)" = 200 ]
	[ "$(jq .repeat answer)" = true ]
	db_is '1|1' 'select (select count(*) from pl.jobs),
		(select count(*) from pl.tasks)'
	db_is 3 'select max(repeats) from pl.webhook_events'
}

@test "a crawl whose webhook never comes is polled" {
	pl-ingest --source site --start https://walrus.example/ --detach |
		pl-enqueue --source site
	wait_until 20 source_is crawling
	# Two minutes later it goes on, and after two more it has ended.
	for i in 1 2; do
		source_is crawling
		db 'update pl.tasks set run_at = now()'
		work || [ $? -eq 75 ]
	done
	source_is ready
	account_is 'completed 10 10 0 0'
}

@test "a crawl that goes on is looked at again, and no attempt counts" {
	jq '{pages: ., runs: 2}' api/site.json >api/slow.json
	db "select pl.note_crawl((select id from pl.sources), 'slow', true)"
	for i in 1 2; do
		work || [ $? -eq 75 ]
		db_is 'pending|0|f' "select t.status, t.tries, j.sealed
			from pl.tasks t join pl.jobs j on j.id = t.job_id"
		db 'update pl.tasks set run_at = now()'
	done
	work
	account_is 'completed 10 10 0 0'
}

# stored_once: all pages are stored, as a first crawl does it.
stored_once() {
	jq '{pages: .}' api/site.json >api/first.json
	db "select pl.note_crawl((select id from pl.sources), 'first', true)"
	work
	account_is 'completed 10 10 0 0'
}

undeleted() {
	db_is 10 "select count(*) from pl.documents
		where status = 'stored' and delete_at is null"
	db_is 10 'select count(*) from pl.chunks_default'
}

@test "a crawl that is expired fails the job with the reason, and deletes nothing" {
	stored_once
	jq -n '{fail: [{skip: "poll", times: 1000, status: 404,
	    body: {success: false, error: "Job expired"}}]}' >api/gone.json
	db "select pl.note_crawl((select id from pl.sources), 'gone', true)"
	work || [ $? -eq 1 ]
	account_is 'failed 0 0 0 0'
	[[ $(pl-jobctl --json status site | jq -r .error.message) == *expired* ]]
	source_is failed
	undeleted
}

@test "a crawl whose parts are lost deletes nothing, and is read again" {
	stored_once
	# The second part is cut, three times a try.
	jq '{pages: .[:8], part: 4, fail: [{skip: 4, times: 1000, cut: true}]}' \
		api/site.json >api/cut.json
	db "select pl.note_crawl((select id from pl.sources), 'cut', true)"
	export PL_RETRY_FOR=1s
	background pl-worker
	wait_until 60 db_is 1 "select count(*) from pl.tasks
		where tries > 0 and status = 'pending'"
	undeleted
	db_is f "select sealed from pl.jobs where unique_key is not null
		order by created_at desc limit 1"
	jq '{pages: ., part: 4}' api/site.json >api/cut.json
	db 'update pl.tasks set run_at = now() where finished_at is null'
	wait_until 30 account_is 'completed 10 0 10 0'
	undeleted
}

@test "a crawl that was cancelled keeps what it has not, and is partial" {
	stored_once
	jq '{pages: .[:6], status: "cancelled", endless: true}' api/site.json \
		>api/stopped.json
	db "select pl.note_crawl((select id from pl.sources), 'stopped', true)"
	work || [ $? -eq 1 ]
	account_is 'partial 6 0 6 0'
	source_is partial
	undeleted
}

@test "a page that a monitor saw removed is deleted" {
	stored_once
	mkdir api/scrapes
	jq -n '{success: true, type: "monitor.page", id: "m", webhookId: "w1", data: [
	    {monitorId: "m", checkId: "c", url: "https://walrus.example/3",
	        status: "removed"},
	    {monitorId: "m", checkId: "c", url: "https://walrus.example/4",
	        status: "same"}]}' >body
	signature=$(openssl dgst -sha256 -hmac s3cret <body | sed 's/.* //')
	curl -sf "$hook" -H "X-Firecrawl-Signature: sha256=$signature" \
		-H 'Content-Type: application/json' --data-binary @body >/dev/null
	work
	db_is 'https://walrus.example/3' \
		"select url from pl.documents where status = 'deleted'"
	db_is 9 'select count(*) from pl.chunks_default'
}

@test "a map makes documents of what any sender sends" {
	pl-jobctl source add posts --verifier token:X-Token --grace 0s \
		--map "$PL_TEST_ROOT/examples/webhooks/supabase.jq" >/dev/null
	echo t0ken >secrets/posts
	post() {
		curl -sf "${hook%site}posts" -H 'X-Token: t0ken' \
			-H 'Content-Type: application/json' -d "$1" >/dev/null
	}
	post '{"type":"INSERT","table":"posts","schema":"public","old_record":null,
	    "record":{"id":7,"title":"Tusks","body":"A walrus has tusks."}}'
	work
	run -0 pl-search tusks
	[[ $output == *'A walrus has tusks.'* ]]
	post '{"type":"DELETE","table":"posts","schema":"public","record":null,
	    "old_record":{"id":7,"title":"Tusks","body":"A walrus has tusks."}}'
	work
	db_is 0 'select count(*) from pl.chunks_default'
}

@test "a map that fails is said with its reason, and the event can be replayed" {
	echo 'error("no such field")' >bad.jq
	echo '{url: "u", content: .text}' >good.jq
	pl-jobctl source add any --verifier none --map bad.jq >/dev/null
	curl -sf "${hook%site}any" -d '{"text":"A walrus."}' >/dev/null
	work || [ $? -eq 1 ]
	db_is 'failed|map_failed' "select status, error->>'code' from pl.jobs"
	pl-jobctl source set any --map good.jq >/dev/null
	pl-jobctl events replay 1
	work
	db_is 1 "select count(*) from pl.documents where status = 'stored'"
}
