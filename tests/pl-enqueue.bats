# pl-enqueue: save documents with a job that processes them

load helpers
load cases
load jobs

documents() {
	local i
	for i in $(seq "$1"); do
		printf '{"content":"text %d","url":"u%d"}\n' "$i" "$i"
	done
}

# state: the contents of the database, as one line.
job_counts() {
	db "select status, documents, stored, unchanged, failed,
	    (select count(*) from pl.tasks t where t.job_id = j.id)
	    from pl.jobs j order by created_at desc limit 1"
}

@test "a wrong option is a usage error with a hint at --help" {
	unknown_option pl-enqueue
	run -2 pl-enqueue --batch 0 </dev/null
	[[ $output == *"--batch '0'"* ]]
	run -2 pl-enqueue file.json </dev/null
}

@test "help and version go to standard output" {
	help_and_version pl-enqueue
}

@test "without any document there is no job, no source, and no failure" {
	run -0 --separate-stderr pl-enqueue --source none </dev/null
	[ "$output" = '' ]
	[[ $stderr == *'no documents: no job was made'* ]]
	echo '{"type":"error","stage":"ingest","class":"input","code":"cannot_open","message":"m"}' >in
	run -0 --separate-stderr pl-enqueue --source none <in
	[ "$(jq -r .code <<<"$output")" = cannot_open ]
	db_is '0|0' 'select (select count(*) from pl.jobs), (select count(*) from pl.sources)'
}

@test "documents, job and tasks are saved together and queued in RQ's form" {
	documents 120 >in
	run -0 pl-enqueue --source books <in
	[ "$(jq -r '[.source,.status,.documents,.tasks] | @csv' <<<"$output")" = '"books","queued",120,3' ]
	[ "$(job_counts)" = 'queued|120|0|0|0|3' ]
	[ "$(db 'select count(distinct task_id) from pl.job_documents')" = 3 ]
	[ "$(redis llen rq:queue:processing)" = 3 ]
	id=$(redis lindex rq:queue:processing 0)
	[ "$(redis hget "rq:job:$id" status)" = queued ]
	[ "$(db "select status from pl.tasks where id = '$id'")" = queued ]
	[ "$(db "select status from pl.sources where name = 'books'")" = processing ]
}

@test "a bad line in the middle costs itself only" {
	{
		documents 2
		echo '{"content": oops'
		echo '{"content": 42}'
		echo '{"url":"u9"}'
		printf '{"content":"no final newline","url":"u5"}'
	} >in
	run -3 --separate-stderr pl-enqueue <in
	[ "$(grep -c '"type":"error"' <<<"$output")" = 3 ]
	[ "$(db "select count(*) from pl.documents where status = 'pending'")" = 3 ]
	# One of the three has a url, so it is in the account.
	[ "$(db "select url from pl.documents where status = 'failed'")" = u9 ]
	[[ $stderr == *"standard input:3:"* ]]
	[[ $stderr == *"standard input:4:"*"not a string"* ]]
}

@test "the last line needs no newline" {
	documents 2 | tr -d '\n' | sed 's/}{/}\n{/' >in
	run -0 pl-enqueue <in
	[ "$(jq .documents <<<"$output")" = 2 ]
}

@test "a page that failed before is a failed document of the job" {
	{
		documents 1
		echo '{"type":"error","stage":"ingest","class":"input","code":"http_404","message":"the page was not found","url":"https://x.example/gone"}'
	} >in
	run -0 pl-enqueue <in
	[ "$(job_counts)" = 'queued|2|0|0|1|1' ]
	[ "$(db "select status, error->>'code' from pl.documents where url like '%gone'")" = 'failed|http_404' ]
}

@test "unchanged documents are counted, not queued; --all queues them" {
	documents 3 >in
	pl-enqueue <in
	note_stored
	run -0 --separate-stderr pl-enqueue <in
	[ "$(jq -r '[.status,.unchanged,.tasks] | @csv' <<<"$output")" = '"completed",3,0' ]
	sed 's/text 2/text two/' in >changed
	run -0 --separate-stderr pl-enqueue <changed
	[ "$(jq -r '[.documents,.unchanged,.tasks] | @csv' <<<"$output")" = '3,2,1' ]
	run -0 pl-enqueue --all <in
	[ "$(jq -r '[.documents,.unchanged] | @csv' <<<"$output")" = '3,0' ]
}

@test "the same document twice in one run is one document" {
	{ documents 3; documents 3; documents 1; } | run -0 pl-enqueue
	[ "$(job_counts)" = 'queued|3|0|0|0|1' ] ||
	    [ "$(db 'select count(*) from pl.documents')" = 3 ]
	[ "$(db 'select count(*) from pl.job_documents')" = 3 ]
}

# texts LINE...: give pl-enqueue "URL TEXT" lines, also from standard input.
texts() {
	{
		[ "$#" -eq 0 ] || printf '%s\n' "$@"
		[ "$#" -ne 0 ] || cat
	} | jq -Rc 'split(" ") | {url: .[0], content: .[1]}' |
		pl-enqueue "${options[@]}"
}

# saved: the saved documents, as "URL TEXT" in one line.
saved() {
	db "select string_agg(url || ' ' || content, ', ' order by url)
	    from pl.documents"
}

@test "a second text for a url is refused, the first one stays" {
	run -3 --separate-stderr texts 'a one' 'b one' 'a two' 'a one' 'a three'
	[ "$(jq -c 'select(.type == "error") | [.stage,.class,.code,.url]' <<<"$output")" = \
		'["enqueue","input","url_taken","a"]
["enqueue","input","url_taken","a"]' ]
	id=$(db "select id from pl.documents where url = 'a'")
	[ "$(jq -r 'select(.type == "error") | .document_id' <<<"$output" | sort -u)" = "$id" ]
	[[ $stderr == *"document a: another text came before under this url and is kept"*"give it a url of its own"* ]]
	[ "$(saved)" = 'a one, b one' ]
	# The document does not fail, as it has a text.
	[ "$(job_counts)" = 'queued|2|0|0|0|1' ]
	[ "$(db 'select count(*) from pl.documents where error is not null')" = 0 ]
	pl-jobctl verify
}

@test "another title counts as another text; other metadata does not, and is saved" {
	{
		echo '{"url":"a","content":"x","metadata":{"n":1}}'
		echo '{"url":"a","content":"x","metadata":{"n":2}}'
		echo '{"url":"a","content":"x","title":"t"}'
	} >in
	run -3 --separate-stderr pl-enqueue <in
	[ "$(grep -c '"code":"url_taken"' <<<"$output")" = 1 ]
	[ "$(db 'select title is null, metadata from pl.documents')" = 't|{"n": 2}' ]
}

# The documents of each task, in order of the tasks' size.
task_sizes() {
	db "select string_agg(n::text, ' ' order by n) from
	    (select count(*) as n from pl.job_documents group by task_id) t"
}

@test "tasks are cut by documents and workers" {
	run -2 pl-enqueue --workers 0 </dev/null
	# From files: slow input would be saved in smaller batches.
	seq 40 | jq -c '{url: tostring, content: "text \(.)"}' >in
	pl-enqueue --workers 2 <in
	[ "$(task_sizes)" = '2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2' ]
	db 'delete from pl.jobs'
	seq 900 | jq -c '{url: "b\(.)", content: "text \(.)"}' >in
	pl-enqueue --source many --workers 2 --batch 30 <in
	[ "$(task_sizes)" = "$(yes 30 | head -n 30 | paste -sd ' ')" ]
}

@test "a second text is recognised batches later, also of an unchanged document" {
	many() {
		seq -f 'u%g same' 1200
		echo 'u7 other'
		echo 'u1100 other'
		echo 'u8 same'
	}
	run -3 --separate-stderr texts < <(many)
	[ "$(jq -r 'select(.code == "url_taken") | .url' <<<"$output" | xargs)" = 'u7 u1100' ]
	[ "$(job_counts)" = 'queued|1200|0|0|0|24' ]
	[ "$(db 'select string_agg(distinct content, $$ $$) from pl.documents')" = same ]
	note_stored
	run -3 --separate-stderr texts < <(many)
	[ "$(jq -r 'select(.code == "url_taken") | .url' <<<"$output" | xargs)" = 'u7 u1100' ]
	[ "$(job_counts)" = 'completed|1200|0|1200|0|0' ]
	# In another job it is the new text.
	run -0 texts 'u7 other'
	[ "$(db "select content from pl.documents where url = 'u7'")" = other ]
}

@test "--all refuses a second text, but not a text that differs from an earlier job's" {
	texts 'a one' 'b one'
	note_stored
	options=(--all)
	run -3 --separate-stderr texts 'a two' 'b one' 'a one' 'b one'
	[ "$(grep -c '"code":"url_taken"' <<<"$output")" = 1 ]
	[ "$(saved)" = 'a two, b one' ]
	[ "$(job_counts)" = 'queued|2|0|0|0|1' ]
}

@test "one url in two sources is two documents" {
	printf '%s\n' '{"url":"a","content":"x","source":"s"}' \
		'{"url":"a","content":"y","source":"t"}' >in
	run -0 --separate-stderr pl-enqueue <in
	[ "$(saved)" = 'a x, a y' ]
	run -3 --separate-stderr pl-enqueue --source one <in
	[ "$(jq -r 'select(.type == "error") | .code' <<<"$output")" = url_taken ]
}

@test "a text may follow the error, or the id, of its document" {
	texts 'a old' 'b old'
	note_stored
	error='{"type":"error","stage":"ingest","class":"input","code":"http_404","message":"m","url":"a"}'
	id=$(db "select id from pl.documents where url = 'b'")
	{
		echo "$error"
		echo "{\"type\":\"document\",\"id\":\"$id\"}"
		echo '{"url":"a","content":"new"}'
		echo '{"url":"b","content":"new"}'
		# And an error, or the id, after a text changes nothing.
		echo "$error"
		echo "{\"type\":\"document\",\"id\":\"$id\"}"
	} >in
	run -0 --separate-stderr pl-enqueue <in
	[ "$(saved)" = 'a new, b new' ]
	[ "$(job_counts)" = 'queued|2|0|0|0|1' ]
	{ cat in; echo '{"url":"b","content":"newer"}'; } >more
	note_stored
	run -3 --separate-stderr pl-enqueue <more
	[ "$(jq -r 'select(.type == "error") | [.code,.url] | @csv' <<<"$output")" = '"url_taken","b"' ]
	[ "$(saved)" = 'a new, b new' ]
}

@test "a text that failed in the pipeline still is the url's text" {
	fed pl-enqueue --batch 1
	echo '{"url":"a","content":"one"}' >&9
	wait_until 20 db_is 1 "select count(*) from pl.tasks where status = 'queued'"
	pl-worker --burst -- 'jq --unbuffered -c "{type: \"error\", stage: \"x\",
	    class: \"input\", code: \"y\", message: \"z\", document_id: .id, lease}"'
	[ "$(db 'select status from pl.job_documents')" = failed ]
	echo '{"url":"a","content":"two"}' >&9
	exec 9>&-
	status=0
	wait "$pid" || status=$?
	[ "$status" = 3 ]
	[ "$(jq -r 'select(.type == "error") | .code' out)" = url_taken ]
	[ "$(saved)" = 'a one' ]
}

@test "an id without content stands for what is saved" {
	documents 2 | pl-enqueue
	id=$(db "select id from pl.documents where url = 'u1'")
	{
		echo "{\"type\":\"document\",\"id\":\"$id\"}"
		echo '{"type":"document","id":"00000000-0000-4000-8000-000000000000"}'
	} >in
	run -3 --separate-stderr pl-enqueue <in
	[[ $output == *'"code":"not_saved"'* ]]
	[ "$(tail -1 <<<"$output" | jq .documents)" = 1 ]
}

@test "a dry run does nothing and says what it would do" {
	documents 60 >in
	run -0 pl-enqueue --dry-run <in
	[ "$(jq -r '[.status,.documents,.tasks] | @csv' <<<"$output")" = '"dry_run",60,2' ]
	[ "$(db 'select count(*) from pl.documents')" = 0 ]
	[ "$(redis dbsize)" = 0 ]
}

@test "an open job with the unique key is named, and no other is created" {
	first=$(documents 1 | pl-enqueue --unique nightly | jq -r .id)
	run -0 --separate-stderr bash -c "echo '{\"content\":\"x\"}' | pl-enqueue --unique nightly"
	[ "$(jq -r .id <<<"$output")" = "$first" ]
	[ "$(db 'select count(*) from pl.jobs')" = 1 ]
}

@test "without Redis the job is saved, with one warning and exit 0" {
	documents 120 >in
	PL_REDIS_URL=unix:///nowhere.sock run -0 --separate-stderr pl-enqueue --batch 10 <in
	[ "$(grep -c Redis <<<"$stderr")" = 1 ]
	[ "$(db "select count(*) from pl.tasks where status = 'pending'")" = 12 ]
}

@test "a Redis that pl may not use is reported before anything is saved" {
	redis config set requirepass secret
	documents 1 >in
	run pl-enqueue <in
	none="$status $output"
	PL_REDIS_URL=${PL_REDIS_URL/:\/\//://:wrong@} run pl-enqueue <in
	wrong="$status $output"
	PL_REDIS_URL=${PL_REDIS_URL/:\/\//://:wrong@} run pl-worker --burst
	worker="$status $output"
	redis -a secret --no-auth-warning config set requirepass ''
	[[ $none == "1 pl-enqueue: Redis: "*NOAUTH*"check user and password"* ]]
	[[ $wrong == "1 pl-enqueue: Redis: "*WRONGPASS*"check user and password"* ]]
	[[ $worker == "1 pl-worker: Redis: "*WRONGPASS* ]]
	[ "$(db 'select count(*) from pl.jobs')" = 0 ]
	PL_REDIS_URL=http://localhost run -1 pl-enqueue <in
	[[ $output == "pl-enqueue: PL_REDIS_URL: not a Redis URL: "* ]]
}

@test "no server is 75, a wrong password 1, no schema 1 with the remedy" {
	PL_DATABASE_URL='host=/nowhere' run -75 pl-enqueue </dev/null
	[[ $output == *Postgres* ]]
	PL_DATABASE_URL="${PL_DATABASE_URL%% *} user=nobody_here dbname=postgres" run pl-enqueue </dev/null
	[ "$status" = 1 ]
	db 'drop schema pl cascade'
	run -1 pl-enqueue </dev/null
	[[ $output == *"pl-jobctl init"* ]]
	pl-jobctl init
	db 'insert into pl.schema_version values (99)'
	run -1 pl-enqueue </dev/null
	[[ $output == *"version 99"* ]]
}

@test "a url of 10 kB, NUL, a lone surrogate and invalid UTF-8 are saved" {
	long=$(printf 'x%.0s' {1..10000})
	{
		printf '{"content":"a","url":"https://x.example/%s"}\n' "$long"
		printf '{"content":"b\\u0000b","url":"nul\\u0000"}\n'
		printf '{"content":"c\\ud83d","url":"u3"}\n'
		printf '{"content":"d\xff","url":"u4"}\n'
		printf '{"content":"e","url":"u5","metadata":{"big":1e400,"n":12345678901234567890}}\n'
	} >in
	run -0 pl-enqueue <in
	[ "$(db 'select count(*) from pl.documents')" = 5 ]
	[ "$(db "select content from pl.documents where url = 'u4'")" = 'd�' ]
}

@test "a document that the server refuses costs only itself" {
	{
		documents 2
		echo '{"content":"x","url":"huge","metadata":{"n":1e999999}}'
	} >in
	run -3 --separate-stderr pl-enqueue <in
	[[ $output == *'"code":"refused_by_database"'* ]]
	[[ $stderr == *"document huge"* ]]
	[ "$(db "select string_agg(status, ' ' order by status) from pl.documents")" = 'failed pending pending' ]
	[ "$(job_counts)" = 'queued|3|0|0|1|1' ]
}

@test "a full disk on stdout is a failure, the job is saved" {
	documents 1 >in
	full_disk pl-enqueue <in
	[ "$(db 'select count(*) from pl.jobs')" = 1 ]
}

@test "a reader that goes away ends it without a word" {
	# Before the end it writes only errors.
	closed_pipe sh -c 'exec pl-enqueue 2>err' < <(
		yes '{"content":7}' | head -n 3000)
	run ! grep -v 'not a string' err
}

@test "records arrive in Postgres before the input ends" {
	fed pl-enqueue
	documents 1 >&9
	wait_until 20 db_is 1 'select count(*) from pl.documents'
	[ "$(db 'select sealed from pl.jobs')" = f ]
	exec 9>&-
	wait "$pid"
	[ "$(db 'select sealed from pl.jobs')" = t ]
}

# one_by_one N: give documents to pl-enqueue, each one when the last is saved.
# It fails if that took longer than the first document waits for others.
one_by_one() {
	local i start=${EPOCHREALTIME/[.,]/}
	for i in $(seq "$1"); do
		echo "{\"content\":\"text $i\",\"url\":\"u$i\"}" >&9
		wait_until 20 db_is "$i" 'select count(*) from pl.documents'
	done
	[ $((${EPOCHREALTIME/[.,]/} - start)) -lt 1900000 ]
}

@test "documents that arrive one by one share tasks, and do not wait long" {
	fed pl-enqueue --batch 3
	until one_by_one 4; do
		# A busy machine: once more, from the start.
		exec 9>&-
		wait "$pid"
		fresh_servers
		rm "$BATS_TEST_TMPDIR/fed"
		fed pl-enqueue --batch 3
	done
	# Three made a task at once; the fourth waits for others.
	[ "$(redis llen rq:queue:processing)" = 1 ]
	[ "$(db 'select count(*) from pl.job_documents where task_id is null')" = 1 ]
	wait_until 20 db_is 2 "select count(*) from pl.tasks where status = 'queued'"
	[ "$(db 'select count(*) from pl.job_documents where task_id is null')" = 0 ]
	echo '{"content":"text 5","url":"u5"}' >&9
	wait_until 20 db_is 5 'select count(*) from pl.documents'
	exec 9>&-
	wait "$pid"
	[ "$(jq .tasks out)" = 3 ]
	[ "$(redis llen rq:queue:processing)" = 3 ]
}

@test "tasks are full, also those of documents that had to be saved alone" {
	{
		documents 7
		echo '{"content":"x","url":"huge","metadata":{"n":1e999999}}'
		documents 9 | tail -2
	} >in
	run -3 --separate-stderr pl-enqueue --batch 4 <in
	[ "$(db "select string_agg(n::text, ' ' order by n) from (select count(*) as n
	    from pl.job_documents group by task_id) t")" = '1 1 4 4' ]
	[ "$(job_counts)" = 'queued|10|0|0|1|3' ]
	pl-jobctl verify
}

@test "a document that comes again while it waits for a task is in one" {
	fed pl-enqueue --batch 2
	for time in 1 2; do
		echo "{\"content\":\"x\",\"url\":\"u1\",\"metadata\":{\"n\":$time}}" >&9
		wait_until 20 db_is "$time" "select metadata->>'n' from pl.documents"
	done
	exec 9>&-
	wait "$pid"
	[ "$(jq -r '[.documents,.tasks] | @csv' out)" = 1,1 ]
}

@test "documents that a killed feeder saved are queued as it would have done" {
	fed pl-enqueue --queue urgent --in 1h --function shop.process_documents
	documents 2 >&9
	wait_until 20 db_is 2 'select count(*) from pl.documents'
	kill -KILL "$pid"
	wait "$pid" || true
	exec 9>&-
	# Another process looks: the feeder may still live.
	[ "$(pl-jobctl sync --json 2>/dev/null | jq -r .what)" = '' ]
	db "update pl.jobs set fed_at = now() - interval '2 minutes'"
	pl-jobctl sync
	[ "$(db 'select sealed from pl.jobs')" = t ]
	[ "$(db "select queue, run_at > now() + interval '50 minutes' from pl.tasks")" = 'urgent|t' ]
	[ "$(redis zcard rq:scheduled:urgent)" = 1 ]
	id=$(redis zrange rq:scheduled:urgent 0 0)
	[[ $(redis hget "rq:job:$id" description) == shop.process_documents* ]]
	pl-jobctl verify
}

@test "invalid details of a job do not stop a repair" {
	documents 1 | pl-enqueue >out
	db "update pl.job_documents set task_id = null"
	for details in '{"queue":7,"run_at":1e400,"function":"a\"b"}' \
		'{"run_at":"tomorrow","function":{}}'; do
		db "update pl.jobs set details = '$details'"
		redis flushall >/dev/null
		pl-jobctl sync
		db 'update pl.job_documents set task_id = null'
	done
	[ "$(db "select queue from pl.tasks order by queue limit 1")" = 7 ]
}

@test "a function of another name is written for RQ, and pl's workers accept it" {
	documents 1 >in
	run -2 pl-enqueue --function 'os.system("x")' <in
	[[ $output == *'a name of Python'* ]]
	run -2 pl-enqueue --function a..b <in
	pl-enqueue --function shop.tasks.embed_all <in
	id=$(redis lindex rq:queue:processing 0)
	[[ $(redis hget "rq:job:$id" description) == shop.tasks.embed_all\(* ]]
	redis flushall >/dev/null
	pl-jobctl sync
	[[ $(redis hget "rq:job:$id" description) == shop.tasks.embed_all\(* ]]
	PL_FUNCTION=embed_all work_off
	[ "$(db 'select stored from pl.jobs')" = 1 ]
	# Tasks with the usual function are still accepted.
	documents 1 | pl-enqueue --all
	PL_FUNCTION=embed_all work_off
	[ "$(db "select count(*) from pl.jobs where status = 'completed'")" = 2 ]
}

@test "the printed job is the same record as pl-jobctl prints" {
	documents 2 | pl-enqueue --unique nightly >out
	pl-jobctl status latest --json | diff - out
	documents 1 | pl-enqueue --unique nightly | diff - out
}

@test "a job that is canceled while it is fed takes no more" {
	fed pl-enqueue
	documents 1 >&9
	wait_until 20 db_is 1 'select count(*) from pl.jobs'
	pl-jobctl cancel latest
	echo '{"content":"more","url":"more"}' >&9
	exec 9>&-
	status=0
	wait "$pid" || status=$?
	[ "$status" = 1 ]
	grep -q 'was canceled' err
	[ "$(db "select count(*) from pl.documents where url = 'more'")" = 0 ]
}

@test "a document without text is refused, and is a failed document of the job" {
	echo '{"type":"document","url":"e","content":" "}' >in
	run -3 --separate-stderr pl-enqueue <in
	[ "$(job_counts)" = 'failed|1|0|0|1|0' ]
	[[ $stderr == *"no text"* ]]
}

@test "an interrupted run makes a job of the documents read so far, and reports that" {
	fed pl-enqueue
	documents 2 >&9
	wait_until 20 db_is 2 'select count(*) from pl.documents'
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	exec 9>&-
	[ "$status" = 75 ]
	grep -q interrupted err
	[ "$(jq .documents out)" = 2 ]
	[ "$(db 'select sealed from pl.jobs')" = t ]
}
