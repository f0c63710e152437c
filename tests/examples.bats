# Everything in examples/ does what it says.

load helpers

setup_file() {
	start_postgres
	start_redis
}

setup() {
	examples=$PL_TEST_ROOT/examples
	cd "$BATS_TEST_TMPDIR"
}

# Enqueue the crawl as a job of the source "handbook"; its id in $job.
enqueue_crawl() {
	fresh_servers
	pl-ingest "$examples/crawl.json" >documents || [ $? -eq 3 ]
	pl-enqueue --source handbook <documents >enqueued || [ $? -eq 3 ]
	job=$(jq -r 'select(.type == "job").id' enqueued)
	[ -n "$job" ]
}

work() {
	pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' || [ $? -eq 3 ]
}

# hits WORDS: the urls that a search finds.
hits() {
	pl-search "$1" | jq -r .url
}

@test "crawl.json is what its pages build" {
	"$examples/crawl/build" | cmp - "$examples/crawl.json"
}

@test "crawl.json holds every page of the handbook" {
	(cd "$examples/handbook" && find . -name '*.md' -printf '%P\n') |
		sort >pages
	cut -f1 "$examples/crawl/pages.tsv" | grep -v -e '^-$' -e '^not-found' |
		sort | diff pages -
}

@test "crawl.json has forty pages, two of them broken" {
	run -0 jq -r '.data | length, ([.[] | select(.metadata.statusCode >= 400)]
		| length), ([.[] | select(.markdown == "")] | length)' \
		"$examples/crawl.json"
	[ "$output" = $'40\n1\n1' ]
}

@test "pl-ingest gives 38 documents of the crawl and names the two others" {
	run -3 --separate-stderr pl-ingest "$examples/crawl.json"
	echo "$output" >records
	[ "$(jq -r .type records | sort | uniq -c | tr -s ' \n' ' ')" = \
		' 38 document 2 error 1 listing ' ]
	jq -r 'select(.type == "error").url' records | sort >urls
	diff - urls <<-'URLS'
		https://docs.haybarn.example/de/entwurf
		https://docs.haybarn.example/old/upgrade-1.x
	URLS
	[[ "$stderr" == *de/entwurf* && "$stderr" == *old/upgrade-1.x* ]]
}

@test "the crawl can be chunked without a server" {
	unset PL_DATABASE_URL PL_REDIS_URL
	pl-ingest "$examples/crawl.json" | pl-chunk |
		jq -c '[.type,.index]' >lines
	[ "$(grep -c '^\["end",null\]$' lines)" -eq 38 ]
	[ "$(grep -c '^\["chunk",0\]$' lines)" -eq 38 ]
	[ "$(grep -c '^\["error",null\]$' lines)" -eq 2 ]
	[ "$(grep -c '^\["chunk",' lines)" -gt 60 ]
}

@test "the handbook as a folder gives the same 38 texts as the crawl" {
	pl-ingest "$examples/handbook" |
		jq -c 'select(.type == "document").content' | sort >folder
	pl-ingest "$examples/crawl.json" |
		jq -c 'select(.type == "document").content' | sort >crawl
	[ "$(wc -l <folder)" -eq 38 ]
	cmp folder crawl
}

@test "stage-by-stage.sh ends well without servers" {
	unset PL_DATABASE_URL PL_REDIS_URL
	run -0 "$examples/stage-by-stage.sh"
	[[ "$output" == *'stages/documents: '*'38 document'* ]]
	[[ "$output" == *'de/entwurf: '* ]]
	[[ "$output" == *'that is all without servers' ]]
}

@test "stage-by-stage.sh runs all stages with servers" {
	empty_servers
	run -0 "$examples/stage-by-stage.sh"
	[[ "$output" == *'38 stored'* ]]
	[[ "$output" == *'old/upgrade-1.x' ]]
	[ "$(db 'select status, documents, stored, failed from pl.jobs')" = \
		'partial|40|38|2' ]
	[ "$(db "select count(*) from pl.documents where status = 'stored'")" \
		-eq 38 ]
}

@test "crawl-webhook.sh takes a crawl from its webhook to the search" {
	empty_servers
	run -0 "$examples/crawl-webhook.sh"
	[[ "$output" == *'crawled  crawling'* ]]
	[[ "$output" == *'crawl.completed  waiting'* ]]
	[[ "$output" == *https://docs.haybarn.example/* ]]
	db_is 'partial|40|38|2' 'select status, documents, stored, failed
		from pl.jobs'
	# The same crawl again: one page answered 404, so a job is made, and
	# nothing is processed again.
	run -0 "$examples/crawl-webhook.sh"
	db_is 'partial|40|0|38|2' 'select status, documents, stored, unchanged,
		failed from pl.jobs order by created_at desc limit 1'
}

# Print the commands of the crontab, one a line.
cron_commands() {
	sed -E '/^#/d; /^[A-Z_]+=/d; /^$/d; s/^([^ ]+ +){5}//' \
		"$examples/crontab"
}

@test "cron can read the crontab's lines" {
	[ "$(cron_commands | wc -l)" -eq 4 ]
	# A percent sign would end the command there.
	run ! grep -v '^#' "$examples/crontab" --only-matching -e %
	if command -v crontab >/dev/null && crontab -T /dev/null 2>/dev/null
	then
		crontab -T "$examples/crontab"
	fi
}

# cron_run: run each line of the crontab; prints a line for each: its exit status,
# and how many bytes it wrote to standard output and to standard error.
cron_run() {
	local command status
	while read -r command; do
		status=0
		sh -c "$command" >out 2>err </dev/null || status=$?
		echo "$status $(wc -c <out) $(wc -c <err)"
		cat out err >&2
	done < <(cron_commands)
}

cron_folders() {
	fresh_servers
	mkdir notes metrics locks
	cp "$examples"/handbook/{faq,glossary}.md notes
	export NOTES=$PWD/notes METRICS=$PWD/metrics LOCKS=$PWD/locks
}

@test "no line of the crontab prints a byte while all is well" {
	cron_folders
	for _ in first second; do
		run -0 cron_run
		[ "$(sort -u <<<"$output")" = '0 0 0' ]
		[ "$(db "select count(*) from pl.documents where status =
			'stored'")" -eq 2 ]
	done
	# Nor if a file is left out because of its name.
	: >notes/picture.jpg
	run -0 cron_run
	[ "$(sort -u <<<"$output")" = '0 0 0' ]
	grep -q '^# TYPE pl_' metrics/pl.prom
	# The second run found nothing to do.
	[ "$(db 'select unchanged from pl.jobs order by created_at desc
		limit 1')" -eq 2 ]
}

@test "each line of the crontab says on standard error what is wrong" {
	cron_folders
	run -0 env PL_DATABASE_URL=postgresql://pl@/pl?host=/nowhere bash -c "
		$(declare -f cron_run cron_commands)
		examples='$examples' cron_run 2>$PWD/told"
	[ "${#lines[@]}" -eq 4 ]
	for line in "${lines[@]}"; do
		echo "$line"
		[[ $line == [1-9]*' 0 '[1-9]* ]]
	done
	# A file that is no good is no reason to fail, but one to write.
	echo '{"url": "u", "content": ' >notes/broken.json
	run -0 --separate-stderr cron_run
	[[ ${lines[0]} == '0 0 '[1-9]* ]]
	[[ $stderr == *"broken.json"* ]]
	# A job that nobody works on.
	pl-enqueue --queue slow >/dev/null <<<'{"url":"u","content":"x"}'
	db "update pl.tasks set run_at = now() - interval '1 hour',
	    created_at = now() - interval '1 hour'"
	run -0 --separate-stderr cron_run
	[[ ${lines[3]} == '1 0 '[1-9]* ]]
	[[ $stderr == *"tasks wait and nobody works"* ]]
}

@test "the systemd units of pl-webhook are valid, and start it" {
	cp "$examples"/systemd/pl-webhook.socket .
	sed "s|/usr/local/bin/pl-webhook|$(command -v true)|" \
		"$examples/systemd/pl-webhook.service" >pl-webhook.service
	if command -v systemd-analyze >/dev/null; then
		run -0 systemd-analyze verify --man=no ./pl-webhook.service \
			./pl-webhook.socket
		[[ "$output" != *pl-webhook* ]]
	fi
	grep -qx 'Restart=always' pl-webhook.service
	grep -qx 'ExecStart=/usr/local/bin/pl-webhook' \
		"$examples/systemd/pl-webhook.service"
	# The proxy passes on to where the socket listens.
	address=$(sed -n 's/^ListenStream=//p' pl-webhook.socket)
	grep -qF "server $address;" "$examples/nginx-webhook.conf"
	if command -v nginx >/dev/null; then
		sed '/ssl/d; s/listen 443.*/listen 8443;/' \
			"$examples/nginx-webhook.conf" >site.conf
		echo "events {} http { include $PWD/site.conf; }" >nginx.conf
		# It may lack the folders of the machine's own service.
		run nginx -t -c "$PWD/nginx.conf" -g "pid $PWD/pid;"
		[[ $output == *"syntax is ok"* ]]
	fi
}

@test "the systemd unit is valid and starts the worker it describes" {
	unit=$examples/systemd/pl-worker@.service
	if command -v systemd-analyze >/dev/null; then
		sed "s|/usr/local/bin/pl-worker|$(command -v true)|" "$unit" \
			>pl-worker@1.service
		run -0 systemd-analyze verify --man=no ./pl-worker@1.service
		# systemd may also print warnings about units of the machine.
		[[ "$output" != *pl-worker@* ]]
	fi

	# No temporary fault stops the workers for good.
	grep -qx 'Restart=always' "$unit"
	grep -qx 'StartLimitIntervalSec=0' "$unit"
	run ! grep '^RestartPreventExitStatus' "$unit"

	# The settings as systemd reads them, without the servers' addresses.
	while IFS= read -r line; do
		case $line in
		PL_QUEUE=* | PL_PIPELINE=*) export "${line?}" ;;
		esac
	done <"$examples/systemd/worker.env"
	# "${NAME}" is one word to systemd, whatever is in it.
	command=$(sed -n 's/^ExecStart=//p' "$unit" |
		sed -E 's/\$\{[A-Z_]+\}/"&"/g; s|^[^ ]*/(pl-worker) |\1 --burst |')
	enqueue_crawl
	eval "$command" || [ $? -eq 3 ]
	[ "$(db 'select stored, failed from pl.jobs')" = '38|2' ]
}

# enqueue_again [OPTION...]: with Python, enqueue five documents of $job as
# tasks of a new job, $other; the tasks' ids are in $tasks.
enqueue_again() {
	other=$(pl-jobctl create --source handbook | jq -r .id)
	pl-jobctl documents "$job" | jq -c 'select(.content != null)' |
		head -n 5 >five
	tasks=$(rq_python "$examples/rq-producer.py" "$@" "$other" <five)
}

@test "rq-producer.py writes what an RQ producer writes" {
	enqueue_crawl
	redis flushall
	enqueue_again --batch 3
	[ "$(wc -l <<<"$tasks")" -eq 2 ]
	[ "$(redis lrange rq:queue:processing 0 -1)" = "$tasks" ]
	run -0 rq_python - "$PL_REDIS_URL" "${tasks%%$'\n'*}" <<-'PYTHON'
		import sys, zlib
		from redis import Redis
		data = Redis.from_url(sys.argv[1]).hget("rq:job:" + sys.argv[2], "data")
		print(zlib.decompress(data).decode())
	PYTHON
	ids=$(head -n 3 five | jq -c '[.id]' | jq -sc 'add' | sed 's/,/, /g')
	[ "$output" = "[\"process_documents\", null, [\"$other\", $ids], {}]" ]
}

@test "rq-producer.py names the line it cannot read" {
	run -1 rq_python "$examples/rq-producer.py" JOB <<<'{"id":"a"}
not JSON'
	[[ "$output" == *'line 2'* ]]
}

@test "pl-worker runs what rq-producer.py enqueued" {
	enqueue_crawl
	work
	enqueue_again
	work
	pl-jobctl complete "$other"
	[ "$(db "select status, documents, stored from pl.jobs
		where id = '$other'")" = 'completed|5|5' ]
	[ "$(redis hget "rq:job:$tasks" status)" = finished ]
	[ "$(db "select status from pl.tasks where id = '$tasks'")" = completed ]
}

@test "rq-worker.py runs pl's tasks and keeps the account" {
	enqueue_crawl
	rq_python "$examples/rq-worker.py" --burst
	[ -z "$(redis lrange rq:queue:processing 0 -1)" ]
	[ "$(redis zcard rq:finished:processing)" -eq 1 ]
	hits 'keyboard layout rescue system' | grep -q /troubleshooting
	[ "$(db 'select status, stored, failed from pl.jobs')" = 'partial|38|2' ]
}

@test "rq-worker.py answers for documents that its pipeline swallows" {
	enqueue_crawl
	PL_PIPELINE='head -n 20 | pl-chunk | pl-embed | pl-store' \
		rq_python "$examples/rq-worker.py" --burst
	[ "$(db 'select status, stored, failed from pl.jobs')" = \
		'partial|20|20' ]
	[ "$(db "select count(*) from pl.job_documents
		where error->>'code' = 'no_result'")" -eq 18 ]
}

@test "the Kubernetes files name options, a queue and a list that exist" {
	enqueue_crawl
	cd "$examples/kubernetes"
	mapfile -t command < <(sed -n 's/^ *command: //p' worker.yaml |
		jq -r '.[]')
	list=$(sed -n 's/^ *listName: //p' scaler.yaml)
	[ "$(redis llen "$list")" = 1 ]
	"${command[@]}" --burst
	[ "$(redis llen "$list")" = 0 ]
	mapfile -t command < <(sed -n 's/^ *command: //p' sync.yaml |
		jq -r '.[]')
	"${command[@]}"
}
