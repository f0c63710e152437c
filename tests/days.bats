# The account of a crawl on five days; on the fourth there are no failures.
#
# A site is crawled once a day into the source "site". Each test is a day, after
# the days before it. It shows what an operator types and reads.

load helpers
load jobs

site=https://docs.haybarn.example

setup() {
	jobs_setup
	# The pages of the example crawl, without the two broken ones.
	jq -c '.data |= map(select(.metadata.statusCode == 200 and
	    .markdown != "")) | .total = 38 | .completed = 38' \
		"$PL_TEST_ROOT/examples/crawl.json" >day1.json
	jq -c "$pages"' edited("/concepts") | gone("/faq")' day1.json >day2.json
	jq -c "$pages"' edited("/concepts") | gone("/glossary")' day1.json \
		>day3.json
	jq -c "$pages"' edited("/concepts")' day1.json >day4.json
}

# How a page changes from one day to the next, in jq: somebody adds text, or the
# site answers 404 with an error page.
pages='def page(path): .data[] | select(.metadata.url == "'$site'" + path);
def edited(path): page(path).markdown += "\nAsk the hedgehog.\n";
def gone(path): page(path) |= (.markdown = "# Page not found\n" |
    .metadata += {statusCode: 404, error: "Not Found"});'

# enqueue DAY: enqueue the day's crawl as a job. The job's record is in the file
# job, the exit statuses of both programs in $ended.
enqueue() {
	ended=$(
		set +e
		pl-ingest "$1.json" 2>ingest.err | pl-enqueue --source site >job
		echo "${PIPESTATUS[*]}"
	)
}

# A whole day.
crawled() {
	enqueue "$1"
	pl-worker --burst
}

# told FILTER COMMAND...: jq over the records that it prints, on one line.
told() {
	local filter=$1
	shift
	"$@" --json | jq -r "$filter" | paste -sd' '
}

account='"\(.status): \(.documents) = \(.stored) stored + \(.unchanged) unchanged + \(.failed) failed + \(.canceled) + \(.waiting) + \(.in_flight)"'

# account_is ACCOUNT: status and list print this account of the latest job.
account_is() {
	run -0 told "$account" pl-jobctl status site
	[ "$output" = "$1 + 0 + 0 + 0" ]
	run -0 told "$account" pl-jobctl list --limit 1
	[ "$output" = "$1 + 0 + 0 + 0" ]
}

# line WORDS...: a line of the output has these words, with any spaces.
line() {
	tr -s ' ' <<<"$output" | sed 's/ $//' | grep -qxF -- "$*"
}

# source_is: what pl-jobctl sources prints for the source.
source_is() {
	run -0 told '"\(.name) \(.status): \(.documents) documents, \(.stored) stored, \(.failed) failed"' \
		pl-jobctl sources
	[ "$output" = "site $1" ]
}

# all_is_well: the account adds up, there is nothing to repair, and every
# component is healthy.
all_is_well() {
	run -0 pl-jobctl verify
	[ -z "$output" ]
	run -0 --separate-stderr pl-jobctl sync
	[ -z "$output" ]
	[ -z "$stderr" ]
	run -0 told '.state' pl-jobctl health
	[[ $output != *fail* && $output != *away* ]]
}

# finds WORDS PATH: the first hit of a search is this page.
finds() {
	run -0 told .url pl-search -k 1 "$1"
	[ "$output" = "$site$2" ]
}

# The chunks of a page: their number, texts and metadata.
page_chunks() {
	db "select count(*), md5(string_agg(c.id::text || c.text ||
	    c.embedding::text, ' ' order by c.index))
	    from pl.chunks_default c join pl.documents d on d.id = c.document_id
	    where d.url = '$site$1'"
}

@test "the first day: all pages are new, and all are stored" {
	enqueue day1
	[ "$ended" = '0 0' ]
	[ "$(jq -r "$account" job)" = \
		'queued: 38 = 0 stored + 0 unchanged + 0 failed + 0 + 38 + 0' ]
	source_is 'processing: 38 documents, 0 stored, 0 failed'
	run -0 pl-worker --burst
	account_is 'completed: 38 = 38 stored + 0 unchanged + 0 failed'
	source_is 'ready: 38 documents, 38 stored, 0 failed'
	run -0 pl-jobctl wait site --quiet
	all_is_well
	finds 'a barn of eleven machines' /concepts

	run -0 pl-jobctl status site --table
	line source site '(ready)'
	line status completed
	line documents 38
	line ' stored' 38
	line ' unchanged' 0
	run -0 pl-jobctl list --table
	[[ $output == *"$(jq -r '.id[:13]' job)  site    completed    38    38 "* ]]
	run -0 pl-jobctl sources --table
	[[ $output == *'site    ready     38      38 '* ]]
}

@test "the second day: a page is new, a page is gone, the others are as before" {
	crawled day1
	faq=$(page_chunks /faq) rows=$(db 'select count(*) from pl.chunks_default')
	changed=$(page_chunks /concepts)

	enqueue day2
	# pl-ingest said which page it could not take; pl-enqueue saved that.
	[ "$ended" = '3 0' ]
	grep -q "$site/faq: the site answered HTTP 404 Not Found" ingest.err
	[ "$(jq -r "$account" job)" = \
		'queued: 38 = 0 stored + 36 unchanged + 1 failed + 0 + 1 + 0' ]
	run -0 pl-worker --burst
	account_is 'partial: 38 = 1 stored + 36 unchanged + 1 failed'
	# The page that is gone still has the content of the first day.
	source_is 'partial: 38 documents, 38 stored, 0 failed'
	[ "$(page_chunks /faq)" = "$faq" ]
	finds 'extended attributes, resource forks, SELinux labels' /faq
	# The new page is found by its new words.
	[ "$(page_chunks /concepts)" != "$changed" ]
	finds 'ask the hedgehog' /concepts
	db_is "$rows" 'select count(*) from pl.chunks_default'
	run -3 pl-jobctl wait site --quiet
	all_is_well

	run -0 pl-jobctl status site --table
	line source site '(partial)'
	line status partial
	line ' stored' 1
	line ' unchanged' 36
	line ' failed' 1
	[[ $output == *'HTTP 404'* ]]
	run -0 told '"\(.url) \(.error.class) \(.error.code)"' \
		pl-jobctl documents site --failed --ledger
	[ "$output" = "$site/faq input http_404" ]
	run -0 told .status pl-jobctl list --source site
	[ "$output" = 'partial completed' ]

	# A retry has no text of the page that is gone: it does not use
	# yesterday's.
	run -0 --separate-stderr pl-jobctl retry site --failed
	[[ $stderr == *'1 of the documents have no text of this job'* ]]
	account_is 'partial: 38 = 1 stored + 36 unchanged + 1 failed'
}

@test "the third day: nothing is new and a page is gone; the job ends at once" {
	crawled day1
	crawled day2
	pl-worker 2>worker.err 3>&- &
	pid=$!
	wait_until 20 db_is 1 'select count(*) from pl.workers'

	enqueue day3
	[ "$ended" = '3 0' ]
	grep -q "$site/glossary: the site answered HTTP 404" ingest.err
	# The job has ended when it is printed, without any worker.
	[ "$(jq -r "$account" job)" = \
		'partial: 38 = 0 stored + 37 unchanged + 1 failed + 0 + 0 + 0' ]
	[ "$(jq .tasks job)" = 0 ]
	account_is 'partial: 38 = 0 stored + 37 unchanged + 1 failed'
	source_is 'partial: 38 documents, 38 stored, 0 failed'
	run -3 timeout 10 pl-jobctl wait site --quiet
	all_is_well
	finds 'ask the hedgehog' /concepts

	# A worker that runs already is not affected, and reports nothing.
	alive "$pid"
	jq -nc '{url: "https://other.example/", content: "the next job"}' |
		pl-enqueue --source other >/dev/null
	run -0 timeout 30 pl-jobctl wait other --quiet
	all_is_well
	kill "$pid"
	wait "$pid"
	[ ! -s worker.err ]
	# Nor is a worker that starts now.
	run -0 timeout 30 pl-worker --burst
	[ -z "$output" ]
	run -0 told .status pl-jobctl list --source site
	[ "$output" = 'partial partial completed' ]
	run -0 told .state pl-jobctl health
	[ "$output" = 'ok ok ok ok ok ok ok' ]
}

@test "the fourth day: nothing is new, nothing is gone; the source is ready" {
	crawled day1
	crawled day2
	crawled day3
	source_is 'partial: 38 documents, 38 stored, 0 failed'
	processed=$(db 'select max(processed_at) from pl.documents')

	enqueue day4
	[ "$ended" = '0 0' ]
	[ "$(jq -r "$account" job)" = \
		'completed: 38 = 0 stored + 38 unchanged + 0 failed + 0 + 0 + 0' ]
	run -0 pl-worker --burst
	account_is 'completed: 38 = 0 stored + 38 unchanged + 0 failed'
	source_is 'ready: 38 documents, 38 stored, 0 failed'
	run -0 pl-jobctl wait site --quiet
	run -0 told .status pl-jobctl list --source site
	[ "$output" = 'completed partial partial completed' ]
	# Nothing was embedded or stored for this job.
	db_is "$processed" 'select max(processed_at) from pl.documents'
	all_is_well
	finds 'ask the hedgehog' /concepts
}

@test "the fifth day: a page is gone from a source that was ready" {
	crawled day1
	crawled day4
	source_is 'ready: 38 documents, 38 stored, 0 failed'
	enqueue day3
	[ "$ended" = '3 0' ]
	account_is 'partial: 38 = 0 stored + 37 unchanged + 1 failed'
	source_is 'partial: 38 documents, 38 stored, 0 failed'
	run -0 timeout 30 pl-worker --burst
	[ -z "$output" ]
	all_is_well
}
