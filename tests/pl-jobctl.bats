# pl-jobctl: the state of jobs, seen and changed.
load helpers
load cases
load jobs

# enqueue SOURCE N: a job of N documents, in tasks of two; its id in $job
enqueue() {
	jq -nc --arg n "$2" 'range($n | tonumber) | {type: "document",
	    url: "https://x.example/\(.)", title: "T\(.)", content: "Text \(.)."}' |
		pl-enqueue --source "$1" --batch 2 >"$BATS_TEST_TMPDIR/enqueued"
	job=$(jq -r 'select(.type == "job").id' "$BATS_TEST_TMPDIR/enqueued")
}

# work [FAILING-URL]: do all tasks, without any real stage
work() {
	pl-worker --burst -- 'jq -c --unbuffered "if .url == \"'"${1:-}"'\"
	    then {type: \"error\", stage: \"chunk\", class: \"input\",
	        code: \"no\", message: \"bad page\", document_id: .id,
	        lease: .lease}
	    else {type: \"stored\", document_id: .id, collection: \"c\",
	        chunks: 2, lease: .lease} end"' >/dev/null
}

# store N: set N of the documents to stored, as a worker does
store() {
	db "with d as (update pl.job_documents set status = 'stored', chunks = 1
	    where document_id in (select document_id from pl.job_documents
	    limit $1) returning document_id)
	    update pl.documents set status = 'stored' from d
	    where id = document_id"
}

# field FILTER COMMAND...: jq over the one record that it prints
field() {
	local filter=$1
	shift
	"$@" | jq -r "$filter"
}

account='"\(.status) \(.documents) = \(.stored) + \(.unchanged) + \(.failed) + \(.canceled) + \(.waiting) + \(.in_flight)"'

# This runs after every test: no test may leave a wrong account.
verified() {
	run -0 pl-jobctl verify
	[ -z "$output" ]
}

# The cases of every tool.

@test "an unknown option is refused with status 2 and a hint at --help" {
	unknown_option pl-jobctl
	unknown_option pl-jobctl list
}

@test "a misspelt command is answered with the right one" {
	run -2 pl-jobctl cancle
	[[ $output == *"'cancle'"*"'cancel'"* ]]
	run -2 pl-jobctl qqqqqqqq
	[[ $output == *"'qqqqqqqq'"* ]]
	[[ $output != *"mean"* ]]
	run -2 pl-jobctl
	[[ $output == *"missing"* ]]
}

@test "--help names every command in 80 columns, and so does each command" {
	run -0 pl-jobctl --help
	[ "$(awk 'length > 80' <<<"$output")" = "" ]
	for command in $(sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p' \
		<<<"$output"); do
		run -0 pl-jobctl "$command" --help
		[[ $output == "usage: pl-jobctl $command"* ]]
		[ "$(awk 'length > 80' <<<"$output")" = "" ]
	done
	[ "$command" = doctor ]
	run -0 pl-jobctl --version
	[[ $output == "pl-jobctl (pl) "* ]]
}

@test "a full disk as standard output is a failure" {
	enqueue s 1
	for command in --help list "status $job" "documents $job" metrics; do
		full_disk pl-jobctl $command
	done
}

@test "a closed pipe ends it without a message" {
	enqueue s 3
	no_reader pl-jobctl documents s
}

@test "progress: a bad line costs only itself, and the last needs no newline" {
	job=$(field .id pl-jobctl create --source s)
	id=$(field .id pl-jobctl progress "$job" --document u --status pending)
	id=$(field .document_id pl-jobctl documents "$job" --ledger)
	run -3 --separate-stderr pl-jobctl progress "$job" < <(
		echo '{"type":"chunk","x":1}'
		echo 'not json'
		printf '{"type":"stored","document_id":"%s","chunks":2}' "$id"
	)
	[ "$(jq -r .type <<<"$output" | xargs)" = "chunk error stored" ]
	[ "$(jq -r 'select(.type == "error").line' <<<"$output")" = 2 ]
	[[ $stderr == *"line 2"* ]]
	[ "$(field .stored pl-jobctl status "$job")" = 1 ]
	run -0 pl-jobctl progress "$job" </dev/null
	[ -z "$output" ]
}

# Missing and wrong servers.

@test "without an address the message says how to get one" {
	for tool in 'pl-jobctl list' pl-store pl-enqueue pl-worker \
		'pl-search x'; do
		PGHOST='' run -75 env -u PL_DATABASE_URL PGPORT=1 $tool </dev/null
		[[ $output == *"PL_DATABASE_URL is not set, and no private server runs: 'pl up' starts one"* ]]
		PL_DATABASE_URL='' PGHOST=/nonexistent run -75 $tool </dev/null
		[[ $output == *"are the PG* variables right"* ]]
	done
}

@test "no server: status 75, and what to check" {
	PL_DATABASE_URL=postgresql:///pl?host=/nonexistent
	for command in init list metrics 'wait x' 'health'; do
		run -75 --separate-stderr pl-jobctl $command
		[[ $stderr$output == *"nonexistent"* ]]
		[[ $stderr$output != *"Is the server running"* ]]
	done
}

@test "a Redis that refuses the client, or an invalid URL, is not an outage" {
	redis config set requirepass secret
	run pl-jobctl sync
	sync="$status $output"
	run pl-jobctl health --json
	health="$status $output"
	run pl-jobctl resume processing
	resume="$status $output"
	redis -a secret --no-auth-warning config set requirepass ''
	[[ $sync == 1*NOAUTH* ]]
	[[ $health == 1*'"state":"fail"'*NOAUTH* ]]
	[[ $resume == 1*NOAUTH* ]]
	PL_REDIS_URL=http://localhost run -1 pl-jobctl sync
	[[ $output == *"not a Redis URL"* ]]
	PL_REDIS_URL=http://localhost run -1 pl-jobctl health
	PL_REDIS_URL=unix:///nowhere run -75 pl-jobctl sync
	PL_REDIS_URL=unix:///nowhere run -75 pl-jobctl health
}

@test "after a wrong password it does not try again" {
	wrong_password pl-jobctl list
}

@test "without the schema, or with another version, it says what to run" {
	empty_servers >/dev/null
	run -1 pl-jobctl list
	[[ $output == *"pl-jobctl init"* ]]
	run -1 pl-jobctl health
	[[ $output == *"pl-jobctl init"* ]]
	pl-jobctl init >/dev/null
	db 'insert into pl.schema_version values (999)'
	run -1 pl-jobctl list
	[[ $output == *"999"*"newer"* ]]
	run -1 pl-jobctl init
	[[ $output == *"999"*"newer"* ]]
}

@test "init makes the schema once, however many run it at once" {
	empty_servers >/dev/null
	pids=
	for i in 1 2 3 4; do
		pl-jobctl init >"$BATS_TEST_TMPDIR/init$i" &
		pids="$pids $!"
	done
	wait $pids
	[ "$(cat "$BATS_TEST_TMPDIR"/init? | jq -s 'map(.changed) | sort |
	    map(tostring) | join(" ")' -r)" = "false false false true" ]
	latest=$(find "$PL_TEST_ROOT/lib/store/schema" -name '*.sql' | wc -l)
	[ "$(field '"\(.from) \(.version)"' pl-jobctl init)" = "$latest $latest" ]
	[ "$(db 'select count(*) from pl.schema_version')" = "$latest" ]
}

# Which job.

@test "a job is found by its id, its beginning, its source, or as the latest" {
	enqueue one 1
	first=$job
	sleep 0.002
	enqueue two 1
	for name in "$first" one "${first:0:23}" "${first^^}"; do
		[ "$(field .id pl-jobctl status "$name")" = "$first" ]
	done
	[ "$(field .id pl-jobctl status latest)" = "$job" ]
	run -1 pl-jobctl status "${job:0:4}"
	[[ $output == *"${job:0:4}"*"several"* ]]
	for name in nobody zz "" ffffffff 00000000-0000-4000-8000-000000000000 \
		01-x "%" "'"; do
		run -1 pl-jobctl status "$name"
		[[ $output == *"job '$name'"*"pl-jobctl list"* ]]
	done
	run -2 pl-jobctl status
	run -2 pl-jobctl status one two
}

# Moves.

@test "a job of an outside program: create, start, progress, complete" {
	run -0 pl-jobctl create --source site --type crawl --details '{"a":[1]}' \
		--timeout 2h --max-attempts 5
	job=$(jq -r .id <<<"$output")
	[ "$(jq -c '[.type, .source, .status, .documents, .details, .sealed,
	    .job_type]' <<<"$output")" = \
	    '["job","site","pending",0,{"a":[1]},false,"crawl"]' ]
	[ "$(db 'select timeout_seconds, max_attempts from pl.jobs')" = "7200|5" ]
	[ "$(field .status pl-jobctl start "$job")" = in_progress ]
	[ "$(db 'select status from pl.sources')" = processing ]

	pl-jobctl progress "$job" --document https://a/ --status processing \
		--stage fetch >/dev/null
	[ "$(field "$account" pl-jobctl status "$job")" = \
		"in_progress 1 = 0 + 0 + 0 + 0 + 0 + 1" ]
	run -1 pl-jobctl complete "$job"
	[[ $output == *"$job has 1 document not done"*"progress"* ]]
	pl-jobctl progress "$job" --document https://a/ --status stored \
		--chunks 3 >/dev/null
	pl-jobctl progress "$job" --document https://b/ --status failed \
		--message 'no such page' --class input --stage fetch >/dev/null
	[ "$(field '"\(.attempts) \(.status) \(.stage) \(.error.class) \(.error.message)"' \
		pl-jobctl documents "$job" --ledger --failed)" = \
		"1 failed fetch input no such page" ]
	[ "$(field "$account + \" \\(.chunks)\"" pl-jobctl complete "$job")" = \
		"partial 2 = 1 + 0 + 1 + 0 + 0 + 0 3" ]
	[ "$(db 'select status from pl.sources')" = partial ]
	[ "$(db 'select url, status from pl.documents order by 1' | xargs)" = \
		"https://a/|stored https://b/|failed" ]
	verified
}

@test "create: a unique key gives the open job, and another when it has ended" {
	one=$(field .id pl-jobctl create --unique nightly)
	run -0 --separate-stderr pl-jobctl create --unique nightly
	[ "$(jq -r .id <<<"$output")" = "$one" ]
	[[ $stderr == *"nightly"* ]]
	pl-jobctl complete "$one" >/dev/null
	two=$(field .id pl-jobctl create --unique nightly)
	[ "$two" != "$one" ]
	# The ended job cannot be opened while the other one is open.
	pl-jobctl progress "$two" </dev/null
	db "insert into pl.sources (id, name) values (gen_random_uuid(), 's');
	    insert into pl.documents (id, source_id, url, content)
	    select gen_random_uuid(), id, 'u', 'x' from pl.sources;
	    insert into pl.job_documents (job_id, document_id, status, attempts)
	    select '$one', id, 'failed', 1 from pl.documents"
	run -1 pl-jobctl retry "$one"
	[[ $output == *"unique key"* ]]
	pids=
	for i in 1 2 3 4; do
		pl-jobctl create --unique race >"$BATS_TEST_TMPDIR/race$i" \
			2>/dev/null &
		pids="$pids $!"
	done
	wait $pids
	[ "$(jq -r .id "$BATS_TEST_TMPDIR"/race? | sort -u | wc -l)" = 1 ]
}

@test "create: a message says what is wrong with an option" {
	for bad in '--details [1]' '--details {' '--timeout 0' '--max-attempts x' \
		'--source=' 'extra'; do
		run -2 pl-jobctl create $bad
		[[ $output == *"pl-jobctl create --help"* ]]
	done
	run -2 pl-jobctl create --source $'caf\xe9'
	[[ $output == *"UTF-8"* ]]
	[ "$(db 'select count(*) from pl.jobs')" = 0 ]
}

@test "every move of lib/store/moves.txt is legal in the database, and no other" {
	local states="pending queued in_progress completed partial failed canceled
		crawling processing ready stored deleted unknown"
	awk -v states="$states" '
		/^#/ || NF == 0 { next }
		{ for (i = 3; i <= NF; i++) legal[$1 " " $2 " " $i] = 1 }
		END {
			n = split(states, s, " ")
			split("source job document task", kind, " ")
			for (k = 1; k <= 4; k++)
				for (i = 1; i <= n; i++)
					for (j = 1; j <= n; j++) {
						m = kind[k] " " s[i] " " s[j]
						print m, m in legal ? "t" : "f"
					}
		}' "$PL_TEST_ROOT/lib/store/moves.txt" | sort >wanted
	[ "$(grep -c 't$' wanted)" -gt 60 ]
	db "select k, b, a, pl.legal_move(k, b, a)
	    from unnest('{source,job,document,task}'::text[]) k,
	    unnest(string_to_array(regexp_replace('$states', '\s+', ' ', 'g'),
	        ' ')) b,
	    unnest(string_to_array(regexp_replace('$states', '\s+', ' ', 'g'),
	        ' ')) a" | tr '|' ' ' | sort >found
	diff wanted found
}

# outcome STATE OUTCOME: a job ends with OUTCOME, without a task, while its
# source is in STATE; print the states of both.
outcome() {
	local source=00000000-0000-4000-8000-000000000001
	local job=00000000-0000-4000-8000-000000000002 documents
	case $2 in
	completed) documents='stored unchanged' ;;
	partial) documents='stored failed' ;;
	failed) documents='failed' ;;
	canceled) documents='canceled' ;;
	esac
	db "set client_min_messages = warning;
	    truncate pl.sources, pl.jobs cascade;
	    insert into pl.sources (id, name, status) values ('$source', 's', '$1');
	    insert into pl.jobs (id, source_id) values ('$job', '$source');
	    insert into pl.documents (id, source_id, url)
	        select gen_random_uuid(), '$source', word
	        from unnest(string_to_array('$documents', ' ')) word;
	    insert into pl.job_documents (job_id, document_id, status, finished_at)
	        select '$job', id, url, now() from pl.documents;
	    update pl.jobs set sealed = true"
	db 'select j.status, s.status from pl.jobs j
	    join pl.sources s on s.id = j.source_id'
}

@test "a job may end in every way while its source is in any state" {
	local state
	for state in pending crawling processing ready partial failed; do
		[ "$(outcome $state completed)" = 'completed|ready' ]
		[ "$(outcome $state partial)" = 'partial|partial' ]
		[ "$(outcome $state failed)" = 'failed|failed' ]
		[ "$(outcome $state canceled)" = 'canceled|partial' ]
	done
}

@test "moves that are not legal are refused, naming job and state" {
	job=$(field .id pl-jobctl create)
	pl-jobctl start "$job" >/dev/null
	run -1 pl-jobctl start "$job"
	[[ $output == *"job $job is in progress: it cannot be started"* ]]
	pl-jobctl complete "$job" >/dev/null
	for move in start complete cancel 'fail --message x'; do
		run -1 pl-jobctl $move "$job"
		[[ $output == *"job $job is completed: it cannot be "* ]]
	done
	run -1 pl-jobctl progress "$job" --document u --status stored
	[[ $output == *"job $job is completed"* ]]
	run -2 pl-jobctl fail "$job"
	[[ $output == *"--message"* ]]
	run -2 pl-jobctl progress "$job" --document u
	run -2 pl-jobctl progress "$job" --status stored
	run -2 pl-jobctl progress "$job" --document u --status sotred
	[[ $output == *"'sotred'"*"stored"* ]]
}

@test "progress: documents in tasks for workers are refused" {
	enqueue s 1
	id=$(field .document_id pl-jobctl documents "$job" --ledger)
	run -1 pl-jobctl progress "$job" --document "$id" --status stored
	[[ $output == *"document $id"*"workers"* ]]
	run -1 pl-jobctl progress "$job" --document new --status stored
	[[ $output == *"sealed"* ]]
	run -1 pl-jobctl progress "$job" \
		--document 00000000-0000-4000-8000-000000000000 --status stored
	[[ $output == *"no such document"* ]]
	job=$(field .id pl-jobctl create)
	run -1 pl-jobctl progress "$job" --document u --status stored
	[[ $output == *"no source"* ]]
	[ "$(db "select count(*) from pl.documents where url = 'u'")" = 0 ]
}

@test "progress: records of a pipeline are taken and passed on" {
	job=$(field .id pl-jobctl create --source s)
	for url in a b; do
		pl-jobctl progress "$job" --document $url --status pending >/dev/null
	done
	ids=($(field .document_id pl-jobctl documents "$job" --ledger))
	cat >"$BATS_TEST_TMPDIR/in" <<-IN
		{"type":"stored","document_id":"${ids[0]}","collection":"c","chunks":4}
		{"type":"error","stage":"embed","class":"quota","code":"q","message":"m","document_id":"${ids[1]}","chunk":3}
		{"type":"error","stage":"embed","class":"quota","code":"q","message":"m","document_id":"${ids[1]}"}
		{"type":"error","stage":"ingest","class":"input","code":"x","message":"nobody's"}
	IN
	run -0 --separate-stderr pl-jobctl progress "$job" <"$BATS_TEST_TMPDIR/in"
	[ "$output" = "$(cat "$BATS_TEST_TMPDIR/in")" ]
	[ "$(field "$account" pl-jobctl complete "$job")" = \
		"partial 2 = 1 + 0 + 1 + 0 + 0 + 0" ]
	[ "$(db "select stage, error->>'class', attempts from pl.job_documents
	    where status = 'failed'")" = "embed|quota|1" ]
	# The job has ended: each report is refused in its place, other records
	# pass.
	run -3 --separate-stderr pl-jobctl progress "$job" <"$BATS_TEST_TMPDIR/in"
	[ "$(jq -r '.document_id // "-"' <<<"$output" | xargs)" = \
		"${ids[0]} ${ids[1]} ${ids[1]} -" ]
	[ "$(jq -r 'select(.code == "report_refused").line' <<<"$output" |
		xargs)" = "1 3" ]
	verified
}

@test "cancel: a queued job ends at once in Postgres and in Redis" {
	enqueue s 5
	[ "$(redis llen rq:queue:processing)" = 3 ]
	[ "$(field "$account" pl-jobctl cancel "$job")" = \
		"canceled 5 = 0 + 0 + 0 + 5 + 0 + 0" ]
	[ "$(redis llen rq:queue:processing)" = 0 ]
	[ "$(db 'select distinct status from pl.tasks')" = canceled ]
	[ "$(db 'select status from pl.sources')" = partial ]
	[ "$(field .status pl-jobctl cancel "$job")" = canceled ]
	work
	[ "$(db "select count(*) from pl.documents where status = 'stored'")" = 0 ]
	verified
}

@test "cancel: stored documents stay, and the job is partial" {
	enqueue s 5
	store 2
	[ "$(field "$account" pl-jobctl cancel "$job")" = \
		"partial 5 = 2 + 0 + 0 + 3 + 0 + 0" ]
	verified
}

@test "cancel: an open job without documents is canceled, not completed" {
	job=$(field .id pl-jobctl create)
	[ "$(field .status pl-jobctl cancel "$job")" = canceled ]
	job=$(field .id pl-jobctl create --source s)
	pl-jobctl progress "$job" --document u --status stored >/dev/null
	[ "$(field .status pl-jobctl cancel "$job")" = canceled ]
	verified
}

@test "cancel: it works without Redis, too" {
	enqueue s 1
	PL_REDIS_URL=unix:///nonexistent run -0 --separate-stderr \
		pl-jobctl cancel "$job"
	[[ $stderr == *"Redis"*"will not run them"* ]]
	[ "$(jq -r .status <<<"$output")" = canceled ]
	work
	[ "$(field .canceled pl-jobctl status "$job")" = 1 ]
}

@test "fail: a job ends as failed with its reason, even if documents were stored" {
	enqueue s 3
	store 1
	run -0 pl-jobctl fail "$job" --message 'disk is full' --class config \
		--code disk
	[ "$(jq -r "$account" <<<"$output")" = "failed 3 = 1 + 0 + 2 + 0 + 0 + 0" ]
	[ "$(jq -c '.error | [.class, .code, .message]' <<<"$output")" = \
		'["config","disk","disk is full"]' ]
	[ "$(db 'select status from pl.sources')" = failed ]
	[ "$(redis llen rq:queue:processing)" = 0 ]
	verified
	run -2 pl-jobctl fail "$job" --message x --class bad
	[[ $output == *"transient"* ]]
}

@test "retry: only the failed documents, and the job completes" {
	enqueue s 5
	work https://x.example/3 || [ $? -eq 3 ]
	[ "$(field "$account" pl-jobctl status "$job")" = \
		"partial 5 = 4 + 0 + 1 + 0 + 0 + 0" ]
	run -0 pl-jobctl retry "$job" --failed
	[ "$(jq -r "$account" <<<"$output")" = "queued 5 = 4 + 0 + 0 + 0 + 1 + 0" ]
	[ "$(jq -r .finished_at <<<"$output")" = null ]
	[ "$(redis llen rq:queue:processing)" = 1 ]
	[ "$(db "select attempts, error is null from pl.job_documents
	    where status = 'pending'")" = "0|t" ]
	[ "$(db 'select status from pl.sources')" = processing ]
	verified
	work
	[ "$(field "$account" pl-jobctl status "$job")" = \
		"completed 5 = 5 + 0 + 0 + 0 + 0 + 0" ]
	[ "$(db 'select status from pl.sources')" = ready ]
	verified
}

@test "retry: by class, by document, all, in tasks of --batch" {
	enqueue s 5
	work https://x.example/3 || [ $? -eq 3 ]
	run -0 --separate-stderr pl-jobctl retry "$job" --class transient
	[[ $stderr == *"no document"* ]]
	[ "$(jq -r .status <<<"$output")" = partial ]
	[ "$(field .waiting pl-jobctl retry "$job" --class input)" = 1 ]
	work https://x.example/3 || [ $? -eq 3 ]
	[ "$(field .waiting pl-jobctl retry "$job" \
		--document https://x.example/3)" = 1 ]
	work
	[ "$(field "$account" pl-jobctl retry "$job" --all --batch 2)" = \
		"queued 5 = 0 + 0 + 0 + 0 + 5 + 0" ]
	[ "$(redis llen rq:queue:processing)" = 3 ]
	work
	[ "$(field .stored pl-jobctl status "$job")" = 5 ]
	id=$(field .document_id pl-jobctl documents "$job" --ledger --limit 1)
	[ "$(field .waiting pl-jobctl retry "$job" --document "$id")" = 1 ]
	run -1 pl-jobctl retry "$job" --document nowhere
	[[ $output == *"'nowhere'"*"$job"* ]]
	run -2 pl-jobctl retry "$job" --failed --all
	run -2 pl-jobctl retry "$job" --class bad
	verified
}

@test "retry: a canceled job continues" {
	enqueue s 3
	pl-jobctl cancel "$job" >/dev/null
	[ "$(field "$account" pl-jobctl retry "$job")" = \
		"queued 3 = 0 + 0 + 0 + 0 + 3 + 0" ]
	work
	[ "$(field .status pl-jobctl status "$job")" = completed ]
}

@test "retry: a page that never had content is skipped, and reported" {
	job=$(field .id pl-jobctl create --source s)
	pl-jobctl progress "$job" --document u --status failed --message no \
		>/dev/null
	pl-jobctl complete "$job" >/dev/null
	run -0 --separate-stderr pl-jobctl retry "$job"
	[[ $stderr == *"1 of the documents have no text of this job"* ]]
	[ "$(jq -r "$account" <<<"$output")" = "failed 1 = 0 + 0 + 1 + 0 + 0 + 0" ]
}

@test "retry: without Redis the tasks wait in Postgres" {
	enqueue s 1
	work https://x.example/0 || [ $? -eq 3 ]
	PL_REDIS_URL=unix:///nonexistent run -0 --separate-stderr \
		pl-jobctl retry "$job"
	[[ $stderr == *"Redis"*"saved"* ]]
	[ "$(db "select count(*) from pl.tasks where status = 'pending'")" = 1 ]
	work
	[ "$(field .status pl-jobctl status "$job")" = completed ]
}

# Listing.

@test "documents: records that go through the stages again, exactly as saved" {
	jq -nc '{type: "document", url: "u", title: "T", content: "a\n\u00e9\ud83d\ude00",
	    content_type: "text/markdown", metadata: {k: [1, {"x": null}]}}' |
		pl-ingest --source s - | head -n 1 >"$BATS_TEST_TMPDIR/in"
	pl-enqueue <"$BATS_TEST_TMPDIR/in" >/dev/null
	run -0 pl-jobctl documents s
	[ "$(jq -S 'del(.lease)' <<<"$output")" = "$(jq -S . "$BATS_TEST_TMPDIR/in")" ]
	[ "$(jq -c keys_unsorted <<<"$output")" = \
		'["type","id","source","url","title","content","content_type","content_hash","metadata"]' ]
	# Enqueued again from this record, it is the same document.
	[ "$(pl-jobctl documents s | pl-enqueue --all | jq -r .documents)" = 1 ]
	[ "$(db 'select count(*) from pl.documents')" = 1 ]
}

@test "documents: chosen by state, class, document and number" {
	enqueue s 4
	work https://x.example/2 || [ $? -eq 3 ]
	[ "$(field .url pl-jobctl documents s --failed)" = https://x.example/2 ]
	[ "$(field .url pl-jobctl documents s --class input)" = \
		https://x.example/2 ]
	[ "$(pl-jobctl documents s --class quota)" = "" ]
	[ "$(pl-jobctl documents s --status stored,failed | wc -l)" = 4 ]
	[ "$(pl-jobctl documents s --status stored --limit 2 | wc -l)" = 2 ]
	[ "$(field .title pl-jobctl documents s --document https://x.example/1)" \
		= T1 ]
	run -1 pl-jobctl documents s --document nowhere
	run -2 pl-jobctl documents s --status bad
	[[ $output == *"'bad'"*"unchanged"* ]]
	run -0 pl-jobctl documents s --failed --table
	[[ ${lines[0]} == "URL "*"STATUS"*"STAGE"*"ERROR" ]]
	[[ ${lines[1]} == "https://x.example/2  failed"*"chunk"*"input: bad page" ]]
	[ "$(field '"\(.status) \(.stage) \(.error.message) \(.attempts)"' \
		pl-jobctl documents s --failed --ledger)" = \
		"failed chunk bad page 1" ]
}

@test "tables fit 80 columns, with any names" {
	long=$(printf 'n%.0s' {1..200})
	job=$(field .id pl-jobctl create --source "$long")
	pl-jobctl progress "$job" --document "https://$long.example/page" \
		--status failed --stage "$long" --message "$long $long" >/dev/null
	printf -v evil '\033[31mred\n'
	pl-jobctl create --source "$evil" >/dev/null
	unset COLUMNS
	for command in list "documents $job" "status $job" sources queues workers metrics \
		health verify; do
		pl-jobctl --table $command >"$BATS_TEST_TMPDIR/table" 2>/dev/null ||
			true
		[ "$(wc -L <"$BATS_TEST_TMPDIR/table")" -le 80 ]
		run ! grep -q $'\033' "$BATS_TEST_TMPDIR/table"
	done
	[ "$(COLUMNS=120 pl-jobctl --table list | wc -L)" -gt 80 ]
}

@test "the reason of a failure can be read at 80 columns" {
	job=$(field .id pl-jobctl create --source s)
	url=a/rather/long/path/to/a/file/with-a-long-name.md
	reason='the server did not take it: row is too big: size 8,672, maximum
		8,160 bytes: split it and try again'
	reason=$(xargs <<<"$reason")
	pl-jobctl progress "$job" --document "$url" --status failed \
		--stage store --class input --message "$url: $reason" >/dev/null
	unset COLUMNS
	run -0 pl-jobctl documents "$job" --failed --table
	# In the last column, without the name that the first one has.
	at=${lines[0]%%ERROR*}
	[ "$(for line in "${lines[@]:1}"; do echo "${line:${#at}}"; done | xargs)" = "input: $reason" ]
	run -0 pl-jobctl status "$job" --table
	[[ $(xargs <<<"$output") == *"failed 1 store input: $url: $reason" ]]
	[ "$(wc -L <<<"$output")" -le 80 ]
}

@test "on a terminal there are tables, with --json records" {
	enqueue s 1
	run -0 script -qec "pl-jobctl status s" /dev/null
	[[ $output == *"source      s (processing)"* ]]
	run -0 script -qec "pl-jobctl --json status s" /dev/null
	[[ $output == '{"type":"job",'* ]]
	run -0 script -qec "pl-jobctl status s --json" /dev/null
	[[ $output == '{"type":"job",'* ]]
}

@test "list, status and health are in colour on a terminal, unless NO_COLOR is set" {
	job=$(field .id pl-jobctl create --source s)
	pl-jobctl progress "$job" --document d --status failed >/dev/null
	pl-jobctl complete "$job" >/dev/null
	# on_screen COMMAND: its output on a terminal, in which $red may be.
	on_screen() {
		TERM=xterm script -qec "$1" /dev/null </dev/null
	}
	red=$'\033[31mfailed\033[m' green=$'\033[32mok\033[m'
	[[ $(on_screen 'pl-jobctl list') == *"$red"* ]]
	[[ $(on_screen 'pl-jobctl status s') == *"$red"* ]]
	[[ $(on_screen 'pl-jobctl health') == *"$green"* ]]
	for command in list 'status s' health; do
		[[ $(NO_COLOR=1 on_screen "pl-jobctl $command") != *$'\033'* ]]
		[[ $(TERM=dumb script -qec "pl-jobctl $command" /dev/null) != *$'\033'* ]]
		run ! grep $'\033' <(pl-jobctl --table $command)
	done
}

@test "list shows how far a job is, and how long it took or takes" {
	enqueue s 4
	work
	enqueue t 4
	db "update pl.job_documents set status = 'stored' where document_id =
	    (select min(document_id::text)::uuid from pl.job_documents
	    where job_id = '$job');
	    update pl.jobs set started_at = now() - interval '10 minutes',
	    finished_at = case when finished_at is not null
	        then now() - interval '8 minutes' end"
	run -0 pl-jobctl --table list
	[[ $(xargs <<<"${lines[1]}") == *' 4 1 0 25 10 m '* ]]
	[[ $(xargs <<<"${lines[2]}") == *' completed 4 4 0 100 2 m '* ]]
}

@test "status of a running job shows the rate and the time that is left" {
	enqueue s 50
	store 10
	db "update pl.jobs set status = 'in_progress', started_at = now() - interval '20 seconds';
	    update pl.job_documents set finished_at = now() where status = 'stored'"
	run -0 pl-jobctl --table status s
	[[ $output == *'progress    ['*'] 10 of 50 documents, 0.5/s, 1 m '*' left'* ]]
}

@test "a table of failed documents has each error once, with their number" {
	job=$(field .id pl-jobctl create --source s)
	# By url in the group, and the groups by their size.
	for n in 3 1 2; do
		pl-jobctl progress "$job" --document "page/$n" --status failed \
			--stage store --message "page/$n: too big" >/dev/null
	done
	pl-jobctl progress "$job" --document a/rare/one --status failed \
		--message 'no such thing' >/dev/null
	run -0 pl-jobctl --table documents "$job" --failed
	[ "$(awk '{ print $1 }' <<<"$output" | xargs)" = \
		'URL page/1 page/2 page/3 a/rare/one' ]
	[[ ${lines[1]} == *'3 times: internal: too big' ]]
	[[ ${lines[2]} == *' the same' && ${lines[3]} == *' the same' ]]
	[[ ${lines[4]} == *' internal: no such thing' ]]
}

@test "status: the keys of a job record, in their order" {
	enqueue s 1
	[ "$(pl-jobctl status s | jq -c keys_unsorted)" = '["type","id","source","collection","status","documents","stored","incomplete","unchanged","failed","canceled","waiting","in_flight","tasks","chunks","error","details","created_at","started_at","finished_at","job_type","unique_key","sealed"]' ]
	[[ $(field .created_at pl-jobctl status s) =~ ^20[0-9-]{8}T[0-9:.]{12}Z$ ]]
	[ "$(field .started_at pl-jobctl status s)" = null ]
	work https://x.example/0 || [ $? -eq 3 ]
	run -0 pl-jobctl status s --table
	[[ $output == *"status      failed"* ]]
	[[ $output == *"1  chunk input: bad page"* ]]
}

@test "list: the newest first, by source, state and number" {
	enqueue one 1
	enqueue two 1
	work
	enqueue three 1
	sources='.source'
	[ "$(field $sources pl-jobctl list | xargs)" = "three two one" ]
	[ "$(field $sources pl-jobctl list --limit 1)" = three ]
	[ "$(field $sources pl-jobctl list --source one)" = one ]
	[ "$(field $sources pl-jobctl list --status completed | xargs)" = "two one" ]
	[ "$(field $sources pl-jobctl list --status open)" = three ]
	[ "$(field $sources pl-jobctl list --status ended,queued | xargs)" = \
		"three two one" ]
	run -2 pl-jobctl list --status done
	[[ $output == *"'done'"*"completed"* ]]
	run -0 pl-jobctl list --table
	[[ ${lines[0]} == "JOB "*"AGE" ]]
	# The part of an id that it shows is enough to name the job.
	[ "$(field .source pl-jobctl status "${lines[1]%% *}")" = three ]
	run -0 pl-jobctl list --table --source nobody
	[[ $output == *"no such job"* ]]
}

@test "sources, workers and queues are listed" {
	enqueue s 3
	[ "$(pl-jobctl sources | jq -c '[.type, .name, .status, .documents, .stored]')" \
		= '["source","s","processing",3,0]' ]
	[ "$(pl-jobctl queues | jq -c '[.type, .name, .queued, .documents,
	    .redis_length, .paused]')" = '["queue","processing",2,3,2,false]' ]
	db "insert into pl.workers (name, host, pid, queues, status, heartbeat_at)
	    values ('h.1', 'h', 1, '{a,b}', 'busy', now()),
	    ('h.2', 'h', 2, '{a}', 'idle', now() - interval '1 minute')"
	[ "$(pl-jobctl workers | jq -c '[.name, .queues, .status]' | xargs)" = \
		'[h.1,a,b,busy] [h.2,a,lost]' ]
	run -0 pl-jobctl workers --table
	[[ $output == *"1 m ago"* ]]
	PL_REDIS_URL=unix:///nonexistent run -75 --separate-stderr \
		pl-jobctl queues
	[ "$(jq -c '[.queued, .redis_length]' <<<"$output")" = '[2,null]' ]
}

@test "pause and resume a queue" {
	enqueue s 1
	[ "$(field '"\(.paused) \(.reason)"' pl-jobctl pause processing \
		--reason 'no quota')" = "true no quota" ]
	run -75 work
	[ "$(field .waiting pl-jobctl status s)" = 1 ]
	run -0 pl-jobctl health --table
	[[ $output == *"paused: no quota"* ]]
	[ "$(field .paused pl-jobctl resume processing)" = false ]
	work
	[ "$(field .status pl-jobctl status s)" = completed ]
	PL_REDIS_URL=unix:///nonexistent run -0 --separate-stderr \
		pl-jobctl pause other --create
	[[ $stderr == *"Postgres"* ]]
	[ "$(db "select paused_at is not null from pl.queues
	    where name = 'other'")" = t ]
	run -2 pl-jobctl pause
}

@test "pause: a queue that nobody knows is refused, with the name that was meant" {
	numbered 1 --queue slow
	run -1 pl-jobctl pause slowe
	[[ $output == *"queue slowe is not known: did you mean 'slow'?"*--create* ]]
	run -1 pl-jobctl pause elsewhere
	[[ $output != *"did you mean"* ]]
	db_is 0 "select count(*) from pl.queues where paused_at is not null"
	# Redis may know a queue that Postgres has forgotten, and a worker may
	# serve one that is empty.
	redis sadd rq:queues rq:queue:of-python
	db "insert into pl.workers (name, host, pid, queues)
	    values ('h.1', 'h', 1, '{idle,idle@papers}')"
	for queue in slow slow@papers of-python idle processing ingest; do
		run -0 pl-jobctl pause "$queue"
	done
	PL_QUEUE=mine run -0 pl-jobctl pause mine
	run -0 pl-jobctl pause elsewhere --create
	db_is 8 "select count(*) from pl.queues where paused_at is not null"
}

# Waiting.

@test "wait: the job's end decides the exit status" {
	enqueue s 2
	work
	run -0 pl-jobctl wait s
	[ "$(jq -r .status <<<"$output")" = completed ]
	enqueue p 2
	work https://x.example/1 || [ $? -eq 3 ]
	run -3 pl-jobctl wait p
	enqueue f 1
	work https://x.example/0 || [ $? -eq 3 ]
	run -1 pl-jobctl wait f
	enqueue c 1
	pl-jobctl cancel c >/dev/null
	run -1 pl-jobctl wait c --quiet
	[ -z "$output" ]
}

@test "wait: until the job ends, or the timeout" {
	enqueue s 2
	run -75 --separate-stderr pl-jobctl wait s --timeout 100ms
	[ "$(jq -r .status <<<"$output")" = queued ]
	[[ $stderr == *"not ended"* ]]
	pl-jobctl wait s --progress >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" &
	wait_until 10 grep -q 'of 2 documents' "$BATS_TEST_TMPDIR/err"
	work
	wait $!
	[ "$(jq -r .status "$BATS_TEST_TMPDIR/out")" = completed ]
	grep -q '2 of 2 documents' "$BATS_TEST_TMPDIR/err"
	run -2 pl-jobctl wait s --timeout soon
}

@test "wait: it waits for a restart of Postgres" {
	enqueue s 1
	pl-jobctl -v wait s >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" &
	waiter=$!
	wait_until 10 db "select 1 / count(*) from pg_stat_activity
	    where application_name = 'pl-jobctl'"
	stop_postgres immediate
	wait_until 10 grep -q Postgres "$BATS_TEST_TMPDIR/err"
	start_postgres
	wait_until 20 db 'select 1'
	work
	wait $waiter
	[ "$(jq -r .status "$BATS_TEST_TMPDIR/out")" = completed ]
}

# Verifying, metrics, health.

@test "verify: every kind of violation is found and named" {
	enqueue s 4
	verified
	# The triggers are off, as they forbid these faults.
	psql -XAtq "$PL_TEST_ADMIN_URL" <<-SQL
		set session_replication_role = replica;
		update pl.jobs set stored = 7;
		update pl.tasks set status = 'completed', finished_at = now()
		 where id in (select id from pl.tasks limit 1);
	SQL
	run -1 pl-jobctl verify
	[ "$(jq -r 'select(.type == "violation").check' <<<"$(grep '^{' <<<"$output")" |
		sort | uniq -c | xargs)" = "1 counts 2 stranded" ]
	[[ $output == *"3 violations"* ]]
	psql -XAtq "$PL_TEST_ADMIN_URL" <<-SQL
		set session_replication_role = replica;
		update pl.jobs set stored = 0, status = 'completed';
	SQL
	run -1 --separate-stderr pl-jobctl verify s
	[ "$(jq -r .check <<<"$output" | sort | uniq -c | xargs)" = \
		"4 ended_with_work 1 source_status" ]
	[ "$(jq -r .job_id <<<"$output" | sort -u)" = "$job" ]
	psql -XAtq "$PL_TEST_ADMIN_URL" <<-SQL
		set session_replication_role = replica;
		update pl.jobs set stored = 4, status = 'in_progress',
		    collection = 'default';
		insert into pl.collections (name, table_name)
		    values ('default', 'chunks_default');
		update pl.job_documents set status = 'stored';
		update pl.documents set status = 'stored', chunk_count = 2;
	SQL
	run -1 --separate-stderr pl-jobctl verify
	[ "$(jq -r .check <<<"$output" | sort | uniq -c | xargs)" = \
		"4 missing 1 open_without_work" ]
	run -1 --separate-stderr pl-jobctl verify --table
	[[ ${lines[0]} == "CHECK "*"WHAT" ]]
}

without_ids() {
	sed -E 's/[0-9a-f]{8}-[0-9a-f-]{27}/ID/g'
}

@test "verify: chunks are counted in every collection" {
	enqueue s 2
	work
	db "update pl.documents set chunk_count = 2;
	    insert into pl.collections (name, table_name, model, dimensions,
	    vector_type) values ('it''s', 'chunks_x', 'm', 3, 'real[]');
	    insert into pl.collection_documents (collection_id, document_id,
	    content_hash, chunks) select c.id, d.id, d.content_hash, 2
	    from pl.documents d, pl.collections c where c.name = 'it''s';
	    create table pl.chunks_x (document_id uuid, index int);
	    insert into pl.chunks_x select id, i from pl.documents,
	    generate_series(0, 1) i"
	verified
	db "insert into pl.chunks_x select id, 0 from pl.documents limit 1"
	run -1 --separate-stderr pl-jobctl verify
	again='pl-jobctl documents ID --document ID | pl-enqueue'
	[ "$(jq -r .message <<<"$output" | without_ids | sort)" = "1 duplicate chunks in it's: '$again --all' stores it again
stored with 2 chunks in it's, but there are 3: 'pl-jobctl verify --fix', then '$again' stores it again" ]
	db "delete from pl.chunks_x;
	    insert into pl.chunks_x values (gen_random_uuid(), 0)"
	run -1 --separate-stderr pl-jobctl verify
	[ "$(jq -r .message <<<"$output" | without_ids | sort)" = "1 chunks in it's of a document that is not there: delete them
stored with 2 chunks in it's, but there are none: 'pl-jobctl verify --fix', then '$again' stores it again
stored with 2 chunks in it's, but there are none: 'pl-jobctl verify --fix', then '$again' stores it again" ]
}

# broken SQL: run SQL as a broken program, without the triggers.
broken() {
	psql -XAtq -v ON_ERROR_STOP=1 -c 'set session_replication_role = replica' \
		-c "$1" "$PL_TEST_ADMIN_URL"
}

# embedded SOURCE [STAGES]: a job of two documents with metadata, processed by
# STAGES, pl-embed and pl-store; its id in $job.
embedded() {
	jq -nc 'range(2) | {type: "document", url: "https://x.example/\(.)",
	    content: "Text \(.).", metadata: {title: "T\(.)", n: .}}' |
		pl-enqueue --source "$1" >"$BATS_TEST_TMPDIR/enqueued"
	job=$(jq -r .id "$BATS_TEST_TMPDIR/enqueued")
	pl-worker --burst -- "${2:-pl-chunk --metadata} | pl-embed | pl-store" \
		>/dev/null
}

# violations [JOB]: the violations found, a line each.
violations() {
	run -1 --separate-stderr pl-jobctl verify "$@"
	jq -r '.check + ": " + .message' <<<"$output" | sort
}

# repairs [JOB]: the checks whose violations are repaired, with a count each.
repairs() {
	run --separate-stderr pl-jobctl verify --fix "$@"
	jq -r 'select(.type == "repair") | "\(.count) \(.check)"' <<<"$output" |
		sort | xargs
}

@test "verify: a job that nobody feeds is found, and sealed" {
	pl-jobctl create --source other >/dev/null
	other=$(field .id pl-jobctl status other)
	job=$(field .id pl-jobctl create --source s)
	db "update pl.jobs set fed_at = now() - interval '80 seconds'"
	verified
	db "update pl.jobs set fed_at = now() - interval '91 seconds'
	    where id = '$job'"
	[ "$(violations)" = "unsealed: nobody feeds the job and it is not sealed: 'pl-jobctl sync' ends it" ]
	[ "$(pl-jobctl verify 2>/dev/null | jq -r .job_id)" = "$job" ]
	run -0 pl-jobctl verify "$other"
	[ "$(repairs "$other")" = '' ]
	[ "$(field .sealed pl-jobctl status "$job")" = false ]
	db "update pl.jobs set fed_at = now() - interval '91 seconds'"
	[ "$(repairs "$job")" = '1 unsealed' ]
	[ "$(field .status pl-jobctl status "$job")" = completed ]
	[ "$(field .status pl-jobctl status other)" = pending ]
	run -0 pl-jobctl verify "$job"
	[ "$(repairs)" = '1 unsealed' ]
	verified
}

@test "verify: wrong counts are counted again, and a job that is done ends" {
	enqueue other 2
	other=$job
	enqueue s 4
	broken "update pl.jobs set stored = 7, incomplete = 1 where id = '$job'"
	[ "$(violations)" = "counts: counts of the job: documents 4, stored 7, incomplete 1, unchanged 0, failed 0, canceled 0; its rows: 4, 0, 0, 0, 0, 0: 'pl-jobctl verify --fix' counts again" ]
	run -0 pl-jobctl verify "$other"
	run -0 --separate-stderr pl-jobctl verify --fix
	[ "$(jq -c 'del(.job_id)' <<<"$output")" = '{"type":"repair","check":"counts","count":1,"message":"counted again: documents 4, stored 0, incomplete 0, unchanged 0, failed 0, canceled 0; the job is queued"}' ]
	[ "$(jq -r .job_id <<<"$output")" = "$job" ]
	[[ $stderr == *"1 repair made"* ]]
	broken "update pl.job_documents set status = 'stored' where job_id = '$job';
	    update pl.documents set status = 'stored';
	    update pl.tasks set status = 'completed', finished_at = now()
	    where job_id = '$job'"
	in_ledger
	[ "$(violations | cut -d: -f1 | xargs)" = "counts open_without_work" ]
	[ "$(repairs)" = '1 counts' ]
	[ "$(field "$account" pl-jobctl status "$job")" = \
		"completed 4 = 4 + 0 + 0 + 0 + 0 + 0" ]
	verified
	# Its counts are right, but the job is still open.
	broken "update pl.jobs set status = 'in_progress', finished_at = null
	    where id = '$job'"
	[ "$(violations "$job" | cut -d: -f1 | xargs)" = \
		"open_without_work source_status" ]
	[ "$(repairs)" = '1 open_without_work' ]
	[ "$(field .status pl-jobctl status "$job")" = completed ]
	verified
}

@test "verify: documents whose task has ended get a new one" {
	enqueue other 2
	other=$job
	enqueue s 4
	broken "update pl.tasks set status = 'completed', finished_at = now()
	    where job_id = '$job'"
	[ "$(violations | sort -u)" = "stranded: the document is pending, its task completed: 'pl-jobctl sync' gives it a new one" ]
	run -0 pl-jobctl verify "$other"
	[ "$(repairs)" = '4 stranded' ]
	verified
	broken "update pl.jobs set status = 'completed', sealed = true
	    where id = '$job'"
	[ "$(violations "$job" | cut -d: -f1 | uniq -c | xargs)" = \
		"4 ended_with_work 1 source_status" ]
	[ "$(repairs)" = '1 ended_with_work' ]
	verified
	work
	[ "$(field .status pl-jobctl status "$job")" = completed ]
	verified
}

@test "verify: chunks of a deleted document are found, and deleted" {
	embedded other
	other=$job
	embedded s
	# An earlier run stored chunks of these documents.
	db "update pl.documents set status = 'failed' where url like '%/0'"
	verified
	db "update pl.documents d set status = 'deleted' from pl.sources s
	    where s.id = d.source_id and s.name = 's' and d.url like '%/1'"
	[ "$(violations)" = "rows_of_deleted: the document is deleted, its chunks are not: 1 in default: 'pl-jobctl verify --fix' deletes them" ]
	run -0 pl-jobctl verify "$other"
	[ "$(repairs "$other")" = '' ]
	run -0 --separate-stderr pl-jobctl verify --fix
	[ "$(jq -r '.check + ": " + .message' <<<"$output")" = \
		'rows_of_deleted: 1 chunks of it deleted' ]
	[ "$(db "select url from pl.chunks_default c join pl.documents d
	    on d.id = c.document_id order by url" | xargs -n1 basename | xargs)" = '0 0 1' ]
	verified
}

@test "verify: a document that lacks chunks is reported, with the reason" {
	embedded other
	other=$job
	embedded s
	db "update pl.collection_documents l set failed_chunks = 3,
	    first_error = '{\"class\": \"input\", \"code\": \"too_long\",
	    \"message\": \"the text is too long\"}'
	    from pl.documents d, pl.sources s where d.id = l.document_id
	    and s.id = d.source_id and s.name = 's' and d.url like '%/1'"
	broken "update pl.job_documents j set failed_chunks = 3
	    from pl.collection_documents l where l.document_id = j.document_id
	    and l.failed_chunks > 0;
	    update pl.jobs set incomplete = 1, status = 'partial'
	    where id = '$job'; update pl.sources set status = 'partial'
	    where name = 's'"
	[ "$(violations)" = "incomplete: 3 of its chunks in default were refused, the first as input: the text is too long: 'pl-jobctl retry $job' tries again" ]
	run -0 pl-jobctl verify "$other"
	# The message says what to do; --fix cannot repair it.
	run -1 --separate-stderr pl-jobctl verify --fix
	[ "$(jq -r '"\(.type) \(.check) \(.job_id)"' <<<"$output")" = \
		"violation incomplete $job" ]
	pl-jobctl retry "$job" >/dev/null
	verified
	# A document stored by hand has no job.
	broken "update pl.collection_documents set failed_chunks = 1;
	    delete from pl.job_documents; delete from pl.jobs; delete from pl.tasks"
	[[ $(violations) == *": 'pl-enqueue --all' tries again" ]]
}

@test "verify: a stored document without its chunks is enqueued again" {
	embedded other
	other=$job
	embedded s
	db "delete from pl.chunks_default c using pl.documents d, pl.sources s
	    where d.id = c.document_id and s.id = d.source_id and s.name = 's'"
	db "update pl.documents d set content = null from pl.sources s
	    where s.id = d.source_id and s.name = 's' and d.url like '%/0'"
	[ "$(violations | without_ids)" = "chunks: stored with 1 chunks in default, but there are none: 'pl-jobctl verify --fix', then 'pl-jobctl documents ID --document ID | pl-enqueue' stores it again
chunks: stored with 1 chunks in default, but there are none: ingest and store it again" ]
	run -0 pl-jobctl verify "$other"
	# A document without content cannot be processed again: it stays.
	[ "$(repairs)" = '1 chunks' ]
	[ "$(violations)" = \
		"chunks: stored with 1 chunks in default, but there are none: ingest and store it again" ]
	[ "$(db "select status, error->>'code' from pl.documents
	    where status <> 'stored'")" = 'pending|chunks_gone' ]
	embedded s
	[ "$(field '"\(.unchanged) \(.stored)"' pl-jobctl status s)" = '0 2' ]
	[ "$(db 'select count(*) from pl.chunks_default')" = 4 ]
	[ "$(db "select count(*) from pl.documents where error is not null")" = 0 ]
	verified
	# A retry of the job does it as well.
	db 'delete from pl.chunks_default'
	[ "$(repairs)" = '1 chunks 1 chunks 1 chunks 1 chunks' ]
	verified
	pl-jobctl retry "$job" --all >/dev/null
	pl-worker --burst -- 'pl-chunk | pl-embed | pl-store' >/dev/null
	[ "$(db 'select count(*) from pl.chunks_default')" = 2 ]
	verified
}

@test "verify: documents without chunks, and those of a user's own store, are right" {
	embedded s
	echo '{"url": "empty", "content": "x"}' | pl-chunk |
		jq -c 'select(.type == "end") | .chunks = 0' | pl-embed |
		pl-store >/dev/null
	[ "$(db "select status, chunk_count from pl.documents
	    where url = 'empty'")" = 'stored|0' ]
	enqueue own 2
	work
	[ "$(db "select distinct d.status, chunk_count from pl.documents d
	    join pl.sources s on s.id = source_id where name = 'own'")" = 'stored|' ]
	verified
}

@test "verify: chunks with other metadata than their document's" {
	# Chunks without metadata, with keys of their own, and without some keys.
	embedded plain pl-chunk
	embedded own "pl-chunk --metadata | jq -c --unbuffered 'if .type == \"chunk\"
	    then .metadata.mine = 1 | del(.metadata.n) else . end'"
	own=$job
	embedded s
	db "create table pl.chunks_bare (document_id uuid, index int);
	    insert into pl.collections (name, table_name, model, dimensions,
	    vector_type) values ('bare', 'chunks_bare', 'm', 3, 'real[]')"
	verified
	broken "update pl.documents set metadata = metadata || '{\"n\": 7, \"title\":
	    \"new\"}'"
	# Only chunks that have the key with another value.
	[ "$(violations "$own" | uniq -c | xargs -0)" = "$(printf '%7d %s' 2 \
		"metadata: other metadata than the document's: 1 chunks in default (title): 'pl-jobctl verify --fix' writes the document's")" ]
	[ "$(violations | grep -o '([a-z]*)' | sort | uniq -c | xargs)" = \
		'2 (n) 2 (title)' ]
	[ "$(repairs "$own")" = '1 metadata 1 metadata' ]
	run -0 pl-jobctl verify "$own"
	[ "$(violations | grep -o '([a-z]*)' | sort | uniq -c | xargs)" = '2 (n)' ]
	run -0 --separate-stderr pl-jobctl verify --fix
	[ "$(jq -r .message <<<"$output" | uniq)" = \
		"1 chunks got the document's metadata" ]
	[ "$(db "select distinct s.name, c.metadata from pl.chunks_default c
	    join pl.documents d on d.id = c.document_id
	    join pl.sources s on s.id = d.source_id order by 1")" = 'own|{"mine": 1, "title": "new"}
plain|{}
s|{"n": 7, "title": "new"}' ]
	verified
	# While a job has still to store the document, its chunks may be older.
	broken "update pl.documents set metadata = '{\"title\": \"newer\"}'"
	pl-jobctl retry "$job" --all >/dev/null
	broken "update pl.documents set status = 'stored'"
	[ "$(violations | cut -c1-60 | uniq -c | xargs -0)" = "$(printf '%7d %s' 2 \
		"metadata: other metadata than the document's: 1 chunks in de")" ]
	run -0 pl-jobctl verify "$job"
}

@test "verify --fix: a repair that the database refuses is reported, and stops no others" {
	enqueue one 2
	one=$job
	enqueue two 2
	broken 'update pl.jobs set failed = 5'
	poison jobs "new.id = '$one'"
	run -1 --separate-stderr pl-jobctl verify --fix
	[ "$(jq -r 'select(.what == "refused_by_database") |
	    "\(.check) \(.job_id) \(.message)"' <<<"$output")" = \
		"counts $one poisoned row" ]
	[ "$(jq -r 'select(.type == "repair" and .what == null).job_id' \
		<<<"$output")" = "$job" ]
	[ "$(jq -r 'select(.type == "violation") | "\(.check) \(.job_id)"' \
		<<<"$output")" = "counts $one" ]
	[[ $stderr == *"1 repair made"*"1 that the database refuses"*"1 violation"* ]]
	run -1 --separate-stderr pl-jobctl verify --fix --table
	[[ ${lines[0]} == "REPAIR "*"WHAT WAS DONE" ]]
	[[ $output == *"refused_by_database"*"CHECK "*"WHAT"* ]]
}

@test "verify: writes nothing without --fix" {
	embedded s
	broken "update pl.jobs set stored = 7; delete from pl.chunks_default;
	    update pl.documents set status = 'deleted' where url like '%/1'"
	PGOPTIONS='-c default_transaction_read_only=on' \
		run -1 --separate-stderr pl-jobctl verify
	[ "$(jq -r .check <<<"$output" | xargs)" = 'counts chunks' ]
	PGOPTIONS='-c default_transaction_read_only=on' \
		run -75 --separate-stderr pl-jobctl verify --fix
	[[ $stderr == *read-only* ]]
}

@test "verify --fix: work in progress is neither reported nor changed" {
	enqueue s 60
	work &
	worker=$!
	for i in 1 2 3 4 5 6; do
		run -0 --separate-stderr pl-jobctl verify --fix
		[ -z "$output" ]
	done
	wait $worker
	[ "$(field "$account" pl-jobctl status s)" = \
		"completed 60 = 60 + 0 + 0 + 0 + 0 + 0" ]
}

@test "metrics: a record with what happened" {
	enqueue s 4
	work https://x.example/2 || [ $? -eq 3 ]
	enqueue t 3
	db "insert into pl.collections (name, table_name, model, dimensions,
	    vector_type) values ('c', 'chunks_c', 'm', 3, 'real[]');
	    create table pl.chunks_c (document_id uuid, index int);
	    insert into pl.chunks_c values (gen_random_uuid(), 0);
	    insert into pl.workers (name, host, pid, queues, status)
	    values ('h.1', 'h', 1, '{a}', 'busy')"
	run -0 pl-jobctl metrics
	[ "$(jq -c '[.postgres.up, .redis.up, .documents.stored,
	    .documents.failed, .documents.waiting, .jobs.partial, .jobs.queued,
	    .workers.busy, .queues[0].redis_length, .queues[0].documents,
	    .collections[0].rows]' <<<"$output")" = \
		'[true,true,3,1,3,1,1,1,2,3,1]' ]
	jq -e '.postgres.round_trip_seconds > 0 and .redis.round_trip_seconds > 0
	    and .queues[0].oldest_seconds > 0' <<<"$output"
}

@test "metrics: Prometheus text, written whole to a file that others can read" {
	enqueue s 1
	work
	file=$BATS_TEST_TMPDIR/pl.prom
	(umask 077 && pl-jobctl metrics --prometheus --output "$file")
	[ "$(stat -c %a "$file")" = 644 ]
	[ "$(ls "$BATS_TEST_TMPDIR")" = "$(printf 'enqueued\npl.prom')" ]
	grep -qx 'pl_documents_total{source="s",outcome="stored"} 1' "$file"
	run ! grep -qvE '^(# (HELP|TYPE) pl_[a-z_]+ .+|pl_[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$' "$file"
	[ "$(grep '^# TYPE' "$file" | sort | uniq -d)" = "" ]
	pl-jobctl metrics --output "$file"
	[ "$(jq -r .type "$file")" = metrics ]
	run -1 pl-jobctl metrics --output /nonexistent/file
	[[ $output == *"/nonexistent/file"* ]]
}

@test "metrics: a server that is away is a number, and the status is 75" {
	run -75 --separate-stderr env \
		PL_DATABASE_URL=postgresql:///pl?host=/nonexistent \
		pl-jobctl metrics --prometheus
	[[ $output == *'pl_up{service="postgres"} 0'* ]]
	[[ $output == *'pl_up{service="redis"} 1'* ]]
	PL_REDIS_URL=unix:///nonexistent run -0 --separate-stderr \
		pl-jobctl metrics
	[ "$(jq -c '[.redis.up, .redis.round_trip_seconds]' <<<"$output")" = \
		'[false,null]' ]
}

@test "health: a line per component, and one status for all" {
	run -0 pl-jobctl health
	[ "$(jq -r '"\(.component) \(.state)"' <<<"$output" | xargs)" = \
		"postgres ok schema ok vector ok redis ok jobs ok workers ok backlog ok" ]
	run -0 --separate-stderr pl-jobctl health --quiet
	[ -z "$output$stderr" ]
	enqueue s 1
	run -0 --separate-stderr pl-jobctl health
	[ -z "$stderr" ]
	[ "$(jq -r 'select(.component == "workers").state' <<<"$output")" = warn ]
	db "update pl.tasks set run_at = now() - interval '20 minutes',
	    created_at = now() - interval '20 minutes'"
	run -1 --separate-stderr pl-jobctl health
	[ "$(jq -r 'select(.state == "fail").component' <<<"$output" | xargs)" = \
		"workers backlog" ]
	[[ $stderr == "pl-jobctl: workers: "*"start pl-worker"*"pl-jobctl: backlog: "* ]]
	# For cron: the same on standard error alone, and only that.
	run -1 --separate-stderr pl-jobctl health --quiet
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 2 ]
	[[ $stderr == "pl-jobctl: workers: "* ]]
	db "insert into pl.workers (name, host, pid, queues, status)
	    values ('h.1', 'h', 1, '{processing}', 'busy')"
	run -1 --separate-stderr pl-jobctl health
	run -0 pl-jobctl health --max-age 1h
	PL_REDIS_URL=unix:///nonexistent run -75 --separate-stderr pl-jobctl health --max-age 1h
	[ "$(jq -r 'select(.state == "away").component' <<<"$output")" = redis ]
}

@test "health: says where the servers are, without a password" {
	export PL_DATABASE_URL=postgresql://me:hush@127.0.0.1:1/papers
	export PL_REDIS_URL=redis://:hush@127.0.0.1:1/4
	run -75 --separate-stderr pl-jobctl health
	[ "$(jq -r .where <<<"$output")" = "database papers at 127.0.0.1:1
at 127.0.0.1:1, database 4" ]
	[[ $output$stderr != *hush* ]]
	run -75 pl-jobctl health --table
	[[ $output != *hush* && $output == *"database papers at 127.0.0.1:1: "* ]]
}

@test "health and workers forget a worker an hour after it died" {
	db "insert into pl.workers (name, host, pid, queues, status, heartbeat_at)
	    values ('h.1', 'h', 1, '{a}', 'busy', now() - interval '59 minutes'),
	    ('h.2', 'h', 2, '{a}', 'busy', now() - interval '61 minutes')"
	[ "$(pl-jobctl workers | jq -r '"\(.name) \(.status)"')" = 'h.1 lost' ]
	[ "$(pl-jobctl health | jq -r 'select(.component == "workers") |
	    "\(.state) \(.message)"')" = \
		'warn 0 busy, 0 idle, 1 not heard from for 30 s' ]
	db "update pl.workers set heartbeat_at = now() - interval '61 minutes'"
	[ "$(pl-jobctl health | jq -r 'select(.component == "workers").state')" = ok ]
}

@test "health: a job that should have ended is reported until a sync ends it" {
	enqueue t 2
	job=$(field .id pl-jobctl create --source s)
	run -0 pl-jobctl health
	[ "$(jq -r 'select(.component == "jobs").message' <<<"$output")" = \
		"no job is stuck" ]
	# The job was fed lately; then nobody feeds it any more.
	db "update pl.jobs set fed_at = now() - interval '80 seconds'
	    where id = '$job'"
	run -0 pl-jobctl health
	db "update pl.jobs set fed_at = now() - interval '91 seconds'
	    where id = '$job'"
	run -1 --separate-stderr pl-jobctl health
	[ "$(jq -r 'select(.state == "fail") | "\(.component): \(.message)"' \
		<<<"$output")" = \
		"jobs: 1 job should have ended: 'pl-jobctl sync' ends it" ]
	# A sealed job that a trigger would have ended.
	psql -XAtq "$PL_TEST_ADMIN_URL" <<-SQL
		set session_replication_role = replica;
		update pl.jobs set canceled = 2 where id <> '$job';
	SQL
	run -1 --separate-stderr pl-jobctl health
	[[ $output == *"2 jobs should have ended: 'pl-jobctl sync' ends them"* ]]
	[ "$(field .jobs_stuck pl-jobctl metrics)" = 2 ]
	[[ $(pl-jobctl metrics --prometheus) == *$'\npl_jobs_stuck 2\n'* ]]
	pl-jobctl sync >/dev/null
	run -0 pl-jobctl health
	[ "$(field .jobs_stuck pl-jobctl metrics)" = 0 ]
}

@test "jobs change while workers run: nothing is lost, and no deadlock is reported" {
	enqueue s 40
	work &
	worker=$!
	for i in 1 2 3 4 5; do
		pl-jobctl cancel "$job" >/dev/null 2>&1 || true
		pl-jobctl retry "$job" >/dev/null
	done
	wait $worker
	work
	[ "$(field "$account" pl-jobctl wait "$job" --timeout 60s)" = \
		"completed 40 = 40 + 0 + 0 + 0 + 0 + 0" ]
	verified
}

@test "documents --failed without a job: the documents that are failed now, of all jobs" {
	enqueue one 3
	work https://x.example/1
	enqueue two 2
	work https://x.example/0
	run -0 pl-jobctl documents --failed
	[ "$(jq -r '.source + " " + .url' <<<"$output" | sort)" = \
		"one https://x.example/1
two https://x.example/0" ]
	run -0 pl-jobctl documents --failed --ledger --class input
	[ "$(jq -r .error.message <<<"$output" | sort -u)" = 'bad page' ]
	run -0 pl-jobctl documents --failed --class quota
	[ -z "$output" ]
	# A later success removes the document from the list.
	pl-jobctl documents one --failed | pl-enqueue --all --source one >/dev/null
	work
	[ "$(pl-jobctl documents --failed | jq -r .source)" = two ]
	run -2 pl-jobctl documents
}

@test "documents --failed --drop: exported once and deleted, the account stays" {
	enqueue one 3
	work https://x.example/1
	run -1 bash -c 'pl-jobctl documents --failed --drop >/dev/full'
	[ "$(db "select count(*) from pl.documents where status = 'failed'")" = 1 ]
	run -0 --separate-stderr pl-jobctl documents --failed --drop
	[ "$(jq -r .content <<<"$output")" = 'Text 1.' ]
	[[ $stderr == *"1 documents dropped"* ]]
	[ "$(db "select status from pl.documents where url like '%/1'")" = deleted ]
	[ -z "$(pl-jobctl documents --failed)" ]
	[ "$(db 'select failed, status from pl.jobs')" = '1|partial' ]
	run -0 pl-jobctl verify
	run -2 pl-jobctl documents one --status stored --drop
	# Enqueued again, the document is processed again.
	enqueue one 3
	work
	[ "$(db "select status from pl.documents where url like '%/1'")" = stored ]
}

# Text from outside.

# controls FILE: its lines that hold ESC, BEL, U+009B or U+202E.
controls() {
	LC_ALL=C grep -cP '\x1B|\x07|\xC2\x9B|\xE2\x80\xAE' "$1" || true
}

@test "text of a page cannot control the terminal; records keep it unchanged" {
	words=$'\e]0;title\a \u009B31m \u202Eback'
	jq -nc --arg words "$words" '{type: "error", url: "u:1", message: $words,
	    stage: ("s" + $words), code: "odd", class: "input"}' |
		pl-enqueue --source web >/dev/null
	run -2 --separate-stderr pl-enqueue "--$words"
	echo "$stderr" >stderr
	grep -q "option '-- .0;title *31m *back' is not known" <(tr ] . <stderr)
	[ "$(controls stderr)" = 0 ]
	numbered 1
	timeout 50 pl-worker --burst -- 'jq -c --unbuffered "{type: \"error\",
	    stage: \"s\", message: \"\u001b]0;title\u0007 \u009b31m \u202eback\"},
	    {type: \"stored\", document_id: .id, collection: \"c\", chunks: 1}"' \
		2>stderr
	grep -q 'pipeline: s:  .0;title *31m *back' <(tr ] . <stderr)
	[ "$(controls stderr)" = 0 ]
	COLUMNS=400 pl-jobctl --table status web >status
	COLUMNS=400 pl-jobctl --table documents web >documents
	grep -q 'input:  .0;title *31m *back' <(tr ] . <status)
	grep -q 'input:  .0;title *31m *back' <(tr ] . <documents)
	[ "$(controls status) $(controls documents)" = '0 0' ]
	pl-jobctl --json documents web --ledger |
		jq -e --arg words "$words" 'select(.url == "u:1") |
		    .error.message == $words'
}

@test "the text of an error is cut, however long a stage makes it" {
	enqueue web 1
	pl-worker --burst -- 'jq -c --unbuffered "{type: \"error\",
	    document_id: .id, lease: .lease, class: \"input\",
	    stage: (\"s\" * 1000), code: (\"é\" * 1000),
	    message: (\"€\" * 1000000)}"'
	pl-jobctl --json documents "$job" --failed --ledger |
		jq -se 'first | [.error.message, .error.stage, .error.code, .stage |
		    endswith("…") and (. == (.[:1] * (length - 1)) + "…")] ==
		    [true, true, true, true] and
		    ([.error.message, .error.code, .stage | utf8bytelength] ==
		    [4095, 255, 256])'
	job=$(pl-jobctl create --source other | jq -r .id)
	pl-jobctl fail "$job" --message "$(printf '%05000d' 0)" >/dev/null
	[ "$(pl-jobctl --json status "$job" | jq .error.message | wc -c)" -lt 4100 ]
}
