# Sources, their events, and the documents that wait for their deletion: the
# commands of pl-jobctl.

load helpers
load cases
load jobs

# field FILTER COMMAND...: jq over what it prints
field() {
	local filter=$1
	shift
	"$@" | jq -r "$filter"
}

@test "an unknown option, a full disk and a closed pipe are as everywhere" {
	unknown_option pl-jobctl source add
	unknown_option pl-jobctl events list
	pl-jobctl source add s >/dev/null
	for command in 'source show s' 'source list'; do
		# shellcheck disable=SC2086
		full_disk pl-jobctl $command
	done
	no_reader pl-jobctl source list
}

@test "a command of two words is found, and a wrong one is answered" {
	misused "pl-jobctl source: a command is missing" source
	misused "'lsit' is no command: did you mean 'list'?; see 'pl-jobctl source --help'" source lsit
	misused "'repaly' is no command: did you mean 'replay'?" events repaly
	misused 'an argument is missing: NAME' source show
	run -0 pl-jobctl source --json list
	run -0 pl-jobctl --json source list --table
}

@test "a source keeps its settings, and set changes what is given" {
	printf '{type: "document", url: .u, content: .c}\n' >map.jq
	run -0 pl-jobctl source add 'A b/ü' --url https://a.example/ \
		--verifier hmac:X-Signature:sha256= --map map.jq --prune \
		--grace 36h --max-delete 25% --notify https://n.example/x
	[ "$(jq -r '[.type, .name, .uri, .verifier, .hook, .prune,
	    .grace_seconds, .max_delete, .notify, .map, .status] | join(" ")' \
		<<<"$output")" = "source A b/ü https://a.example/ hmac:X-Signature:sha256= /hook/A%20b%2F%C3%BC true 129600 25 https://n.example/x $(cat map.jq)
 pending" ]
	db_is t "select id = pl.source_id(name) from pl.sources"
	refused "source 'A b/ü' is there already: 'pl-jobctl source set' changes it" \
		pl-jobctl source add 'A b/ü'

	run -0 pl-jobctl source set 'A b/ü' --no-prune
	[ "$(jq -r '[.prune, .grace_seconds, .max_delete, .verifier] |
	    map(tostring) | join(" ")' <<<"$output")" = \
		'false 129600 25 hmac:X-Signature:sha256=' ]
	run -0 pl-jobctl source set 'A b/ü' --map '' --verifier '' --url '' \
		--notify '' --grace 0 --max-delete 0
	[ "$(jq -c '[.map, .verifier, .hook, .uri, .notify, .grace_seconds,
	    .max_delete]' <<<"$output")" = '[null,null,null,null,null,0,0]' ]

	# The standard values.
	run -0 pl-jobctl source add plain
	[ "$(jq -c '[.prune, .grace_seconds, .max_delete, .verifier, .map,
	    .documents]' <<<"$output")" = '[false,604800,10,null,null,{}]' ]
	refused "source 'none': there is no such source" pl-jobctl source set none
	refused "pl-jobctl source add" pl-jobctl source show none
	refused "there is no such source" pl-jobctl source history none
	refused "there is no such source" pl-jobctl source delete --yes none
}

@test "what no setting can be is refused before anything is done" {
	for verifier in firecrawl standard none hmac:X-S hmac:X-S:v1= \
		'hmac:X-S:sha256 = ' token:X-Token; do
		case $verifier in
		*' '*) misused "--verifier '$verifier'" source add s --verifier "$verifier" ;;
		*) pl-jobctl source add "$verifier" --verifier "$verifier" >/dev/null ;;
		esac
	done
	for verifier in Firecrawl hmac hmac: token token: token::x token:X:y \
		'token:X Y' hmac:É: other; do
		misused 'expected firecrawl, standard, hmac:HEADER:PREFIX' \
			source add s --verifier "$verifier"
	done
	misused '--prune and --no-prune' source add s --prune --no-prune
	misused "--max-delete '101'" source add s --max-delete 101
	misused "--max-delete '10%%'" source add s --max-delete 10%%
	misused "--max-delete ''" source add s --max-delete ''
	misused "--grace 'x'" source add s --grace x
	misused "--notify 'ftp://x'" source add s --notify ftp://x
	misused "--url 'a.example'" source add s --url a.example
	misused 'NAME is empty' source add ''
	refused '--map none.jq: No such file' pl-jobctl source add s --map none.jq
	head -c 65537 /dev/zero | tr '\0' . >long.jq
	refused 'longer than 64 KiB' pl-jobctl source add s --map long.jq
	head -c 65536 long.jq >fits.jq
	pl-jobctl source add fits --map fits.jq >/dev/null
	printf '.\0' >nul.jq
	refused 'not UTF-8 text' pl-jobctl source add s --map nul.jq
	printf '.\xff' >bytes.jq
	refused 'not UTF-8 text' pl-jobctl source add s --map bytes.jq
	: >empty.jq
	refused 'empty' pl-jobctl source add s --map empty.jq
	db_is 0 "select count(*) from pl.sources where name = 's'"
}

@test "show and history tell how the jobs of a source went" {
	numbered 3 --source site
	work_off >/dev/null
	db "select pl.add_ingest(id, '{\"crawl\": \"c-1\"}', now())
	    from pl.sources" >/dev/null
	db "update pl.documents set delete_at = now() where url = '2';
	    update pl.documents set status = 'failed' where url = '3'"
	run -0 pl-jobctl source show site
	[ "$(jq -c '[.status, .documents, .waits_for_deletion]' <<<"$output")" = \
		'["ready",{"failed":1,"stored":2},1]' ]
	[ "$(jq -c '.jobs | map([.status, .stored])' <<<"$output")" = \
		'[["pending",0],["completed",3]]' ]
	run -0 pl-jobctl source history site
	[ "$(jq -c '[.type, .status, .stored]' <<<"$output" | xargs)" = \
		'[job,pending,0] [job,completed,3]' ]
	[ "$(pl-jobctl source history site --limit 1 | wc -l)" = 1 ]
	run -0 pl-jobctl source history site --table
	[[ ${lines[1]} == *pending*'crawl c-1'* ]]
	[[ ${lines[2]} == *completed*3* ]]
	run -0 pl-jobctl source show site --table
	[[ $output == *'grace_seconds       604800'*'completed'* ]]
	[ "$(awk 'length > 80' <<<"$output")" = "" ]
	# The same list under two names.
	diff <(pl-jobctl sources --json) <(pl-jobctl source list --json)
	[ "$(field .name pl-jobctl sources)" = site ]
}

@test "delete asks first, waits for open jobs, and leaves nothing" {
	pl-jobctl source add other >/dev/null
	db "select pl.save_document('other', 'o', 'Another walrus.');
	    select pl.save_document('site', n::text, 'A walrus, number ' || n)
	    from generate_series(1, 3) n; select pl.enqueue('other')" >/dev/null
	for collection in default manual; do
		pl-jobctl source set site --collection $collection >/dev/null
		db "select pl.enqueue('site', all_documents => true)" >/dev/null
		refused 'is open: nothing is deleted' \
			pl-jobctl source delete --yes site
		pl-worker --burst -- "pl-chunk | pl-embed |
		    pl-store --collection $collection" >/dev/null
	done
	db "select pl.receive((select id from pl.sources where name = 'site'),
	    'd1', sha256('x'), 't', null, '{}', 'x', 'record', null)" >/dev/null
	refused "source 'site' has 3 documents: --yes deletes them" \
		pl-jobctl source delete site
	# A job of another source that has a document of this one.
	job=$(field .id pl-jobctl create --source other)
	db "insert into pl.job_documents (job_id, document_id) select '$job', id
	    from pl.documents where url = '1'"
	refused "job $job is open" pl-jobctl source delete --yes site
	pl-jobctl cancel "$job" >/dev/null
	run -0 pl-jobctl source delete --yes site
	[ "$(jq -c '[.documents, .chunks, .jobs, .events]' <<<"$output")" = \
		'[3,6,2,1]' ]
	db_is 'other' 'select name from pl.sources'
	db_is '1|1|0|0|0' "select (select count(*) from pl.documents),
	    (select count(*) from pl.chunks_default),
	    (select count(*) from pl.chunks_manual),
	    (select count(*) from pl.webhook_events),
	    (select count(*) from pl.unqueued)"
	run -0 pl-jobctl verify
	[ -z "$output" ]
	# It may come back, with the same ids.
	pl-jobctl source add site >/dev/null
	db_is t "select id = pl.source_id('site') from pl.sources
	    where name = 'site'"
}

# receive SOURCE DELIVERY BODY [ACTION]: as pl-webhook saves an event
receive() {
	db "select event from pl.receive((select id from pl.sources
	    where name = '$1'), '$2', sha256('$3'), 'page', 'application/json',
	    '{\"x-id\": \"7\"}', '$3', '${4:-body}', null)"
}

@test "events are listed, shown, replayed and dropped" {
	pl-jobctl source add site --verifier none >/dev/null
	pl-jobctl source add other --verifier none >/dev/null
	first=$(receive site one '{"url": "u"}')
	second=$(receive site two '\xff00')
	third=$(receive other three text record)
	[ "$(pl-jobctl events list | jq -r .id | xargs)" = "$third $second $first" ]
	[ "$(pl-jobctl events list --unhandled | jq -r .id | xargs)" = \
		"$second $first" ]
	[ "$(pl-jobctl events list --source other | jq -r .status)" = handled ]
	[ "$(pl-jobctl events list --limit 1 | jq -r .id)" = "$third" ]

	run -0 pl-jobctl events show "$first"
	[ "$(jq -c '[.type, .source, .delivery_id, .event, .status, .headers,
	    .body, .bytes]' <<<"$output")" = '["event","site","one","page","waiting",{"x-id":"7"},"{\"url\": \"u\"}",12]' ]
	[ "$(field .body_base64 pl-jobctl events show "$second")" = /wA= ]
	run -0 pl-jobctl events show "$first" --table
	[[ $output == *'delivery_id         one'* ]]
	refused 'there is no such event' pl-jobctl events show 999
	misused "ID 'x': expected the number" events show x

	# An ingest task ends with an error; the event has it.
	refused 'is open: wait for its end' pl-jobctl events replay "$first"
	db "update pl.tasks set status = 'failed', finished_at = now(), error =
	    '{\"class\": \"input\", \"message\": \"the map failed\"}'
	    where ingest->>'event' = '$first'"
	[ "$(pl-jobctl events list --failed | jq -r '[.id, .message] |
	    join(" ")')" = "$first the map failed" ]
	run -0 pl-jobctl events replay "$first"
	[ "$(jq -c '[.type, .status, .details]' <<<"$output")" = \
		"[\"job\",\"pending\",{\"ingest\":{\"event\":$first}}]" ]
	job=$(jq -r .id <<<"$output")
	db_is "ingest|pending|{\"event\": $first}" "select queue, status, ingest
	    from pl.tasks where job_id = '$job'"
	[ "$(field '[.status, .job_id] | join(" ")' pl-jobctl events show \
		"$first")" = "waiting $job" ]
	refused 'there is no such event' pl-jobctl events replay 999

	# Only what was handled is dropped.
	misused 'say --before or --older-than' events drop
	misused 'say --before or --older-than' events drop --before 2026-01-01 \
		--older-than 1d
	misused "--before 'soon'" events drop --before soon
	db "update pl.webhook_events set received_at = now() - interval '3 days'"
	run -0 pl-jobctl events drop --older-than 5d
	[[ $output == *'0 events deleted'* ]]
	run -0 pl-jobctl events drop --before "@$(($(date +%s) - 86400))"
	[[ $output == *'1 events deleted'* ]]
	[ "$(pl-jobctl events list | jq -r .id | xargs)" = "$second $first" ]
}

@test "an open ingest task is no violation of the account" {
	pl-jobctl source add site >/dev/null
	db "select pl.add_ingest(id, '{\"crawl\": \"c\"}', now() + interval '1 h')
	    from pl.sources; update pl.jobs set fed_at = now() - interval '1 h'" \
		>/dev/null
	run -0 pl-jobctl verify
	[ -z "$output" ]
	db "update pl.tasks set status = 'canceled', finished_at = now()"
	run -1 --separate-stderr pl-jobctl verify
	[ "$(jq -r .check <<<"$output")" = unsealed ]
}

# chunks COLLECTION: how many rows it has
chunks() {
	db "select count(*) from pl.chunks_$1"
}

# listing: a complete listing of the source lacks the documents that it does not
# name.
listing() {
	db "update pl.documents set seen_at = now() - interval '1 minute'"
	for url; do
		db "select pl.save_document('site', '$url', 'The walrus $url.')"
	done >/dev/null
	db "select stopped from pl.prune(pl.source_id('site'), now() - interval
	    '30 s', interval '7 days', 100)"
}

waiting() {
	pl-jobctl prune site --json 2>/dev/null | jq -r .url | xargs
}

@test "prune lists what waits, keeps it, deletes it, and it may come back" {
	for url in a b c; do
		db "select pl.save_document('site', '$url', 'The walrus $url.')"
	done >/dev/null
	for collection in default manual; do
		pl-jobctl source set site --collection $collection >/dev/null
		db "select pl.enqueue('site', all_documents => true)" >/dev/null
		pl-worker --burst -- "pl-chunk | pl-embed |
		    pl-store --collection $collection" >/dev/null
	done
	run -0 --separate-stderr pl-jobctl prune site
	[ -z "$output" ]
	[[ $stderr == *'no document waits'* ]]
	[ "$(listing a)" = f ]
	[ "$(waiting)" = 'b c' ]
	[ "$(field .waits_for_deletion pl-jobctl source show site)" = 2 ]
	run -0 pl-jobctl prune site --table
	[[ ${lines[0]} == URL* ]]

	# One comes again, one is kept by hand.
	[ "$(listing a b)" = f ]
	[ "$(waiting)" = c ]
	run -0 --separate-stderr pl-jobctl prune site --undo --url c
	[ "$(jq -c '[.url, .delete_at]' <<<"$output")" = '["c",null]' ]
	[[ $stderr == *'1 documents are kept'* ]]
	[ -z "$(waiting)" ]
	refused "document 'c' does not wait" pl-jobctl prune site --undo --url c

	[ "$(listing a)" = f ]
	run -0 --separate-stderr pl-jobctl prune site --now --url b
	[ "$(jq -r .url <<<"$output")" = b ]
	[[ $stderr == *'1 documents deleted'* ]]
	[ "$(chunks default) $(chunks manual)" = '2 2' ]
	[ "$(waiting)" = c ]
	run -0 --separate-stderr pl-jobctl prune site --now
	[ "$(chunks default) $(chunks manual)" = '1 1' ]
	db_is 'a|stored,b|deleted,c|deleted' "select string_agg(url || '|' ||
	    status, ',' order by url) from pl.documents"
	run -0 pl-jobctl verify
	[ -z "$output" ]

	[ "$(listing a b)" = f ]
	pl-jobctl source set site --collection default >/dev/null
	db "select pl.enqueue('site')" >/dev/null
	pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' >/dev/null
	[ "$(chunks default) $(chunks manual)" = '2 1' ]
	[ -z "$(waiting)" ]
	# What was given up in another way waits for nothing.
	db "update pl.documents set status = 'deleted', delete_at = now()
	    where url = 'b'"
	[ -z "$(waiting)" ]
	[ "$(field .waits_for_deletion pl-jobctl source show site)" = 0 ]
	misused '--undo and --now: one of them' prune site --undo --now
	refused "there is no such source" pl-jobctl prune nobody
}
