# A worker whose stages misbehave: they print, wait, drop documents or leave
# children behind. Also the process that started the worker, or reads its log,
# dies.

load helpers
load jobs

setup() {
	jobs_setup
	export STATE=$PWD/state
	# A stage that does what a document's text says.
	cat >stage <<'END'
#!/bin/bash
echo $$ >>"$STATE.pids"
while IFS= read -r line; do
	for key in id lease content; do
		[[ $line =~ \"$key\":\"([^\"]*)\" ]]
		printf -v $key %s "${BASH_REMATCH[1]}"
	done
	of="\"document_id\":\"$id\",\"lease\":\"$lease\""
	case $content in
	flood) while :; do echo '{"type":"progress"}'; done ;;
	endless) exec cat /dev/zero ;;
	waits) for _ in {1..5}; do sleep 0.6
		echo "{\"type\":\"waiting\",$of,\"seconds\":1}"; done ;;
	quiet) sleep 1000 ;;
	swallow) [ -n "${KEEPS:-}" ] && [ -e "$STATE.met" ] || {
		touch "$STATE.met"; continue; } ;;
	slow) sleep 0.2 ;;
	talk) echo 'a stage speaks' >&2 ;;
	scream) yes 'a stage screams' | head -n 200000 >&2 ;;
	murder) # The group is the guard's, and that is the worker's child.
		read -r group < <(ps -o pgid= -p $$)
		kill -9 $(ps -o ppid= -p "$group") ;;
	broken) [ -e "$STATE.met" ] || { touch "$STATE.met"; kill -PIPE $$; } ;;
	dies) echo 'the model is not there' >&2; exit 1 ;;
	esac
	echo "{\"type\":\"stored\",$of,\"collection\":\"x\",\"chunks\":1}"
done
END
	chmod +x stage
	pids=
}

# Another process may have the pid by now; processes of the test run in its
# folder.
teardown() {
	for pid in $pids $(cat "$STATE.pids" 2>/dev/null); do
		[ ! "/proc/$pid/cwd" -ef . ] || kill -9 "$pid" 2>/dev/null || true
	done
}

# enqueue TEXT...: one document for each text, url = its number, in one task.
enqueue() {
	local text n=0
	for text; do
		n=$((n + 1))
		printf '{"content":"%s","url":"%d"}\n' "$text" "$n"
	done | pl-enqueue >job
	job=$(jq -r .id job)
}

# outcomes: "url status code" of the documents, on one line.
outcomes() {
	db "select string_agg(url || ' ' || j.status || coalesce(' ' ||
	    (j.error->>'code'), ''), ', ' order by url::int)
	    from pl.job_documents j join pl.documents d on d.id = document_id"
}

# work OPTION...: start a worker in the background, as $worker.
work() {
	pl-worker "$@" -- ./stage 2>err 3>&- &
	worker=$!
	pids="$pids $worker"
}

no_stage_left() {
	local pid
	for pid in $(<"$STATE.pids"); do
		dead "$pid" || return 1
	done
}

@test "a stage that prints other lines without end fails only its document" {
	enqueue flood one two
	run -0 timeout 60 pl-worker --burst -- ./stage
	[ "$(outcomes)" = '1 failed no_answer, 2 stored, 3 stored' ]
	[[ $output == *'10000 lines and no answer among them'* ]]
	# Only few of these lines are shown.
	[ "${#lines[@]}" -lt 30 ]
	balanced
}

@test "a line without an end takes no memory, and signals work during it" {
	enqueue endless
	work --max-record 1MiB --grace 1s
	wait_until 20 test -s "$STATE.pids"
	sleep 1.5
	peak=$(awk '/VmHWM/ { print $2 }' "/proc/$worker/status")
	kill "$worker"
	SECONDS=0
	wait "$worker"
	[ "$SECONDS" -le 5 ]
	is_sanitised || [ "$peak" -lt 40000 ]
	run -0 timeout 60 pl-worker --burst --max-record 1MiB \
		--document-timeout 1s -- ./stage
	[ "$(outcomes)" = '1 failed document_timeout' ]
}

@test "a stage that reports that it waits is left alone, a silent stage is not" {
	enqueue waits quiet
	run -0 timeout 60 pl-worker --burst --window 1 --document-timeout 2s -- ./stage
	[ "$(outcomes)" = '1 stored, 2 failed document_timeout' ]
}

@test "a document that later documents overtook is found while they go on" {
	enqueue swallow $(yes slow | head -n 40)
	work --document-timeout 10s
	wait_until 20 grep -q 'later ones were answered' err
	# The worker did not wait for the last of them.
	db_is t "select count(*) > 10 from pl.job_documents where status <> 'stored'"
	wait_until 30 db_is partial "select status from pl.jobs"
	[ "$(db "select count(*) from pl.job_documents where status = 'stored'")" = 40 ]
	[ "$(db "select error->>'code' from pl.job_documents where status = 'failed'")" = no_result ]
}

@test "a document that a stage dropped once is stored the second time" {
	export KEEPS=1
	enqueue swallow $(yes slow | head -n 20)
	run -0 timeout 60 pl-worker --burst --document-timeout 10s -- ./stage
	[ "$(db "select count(*) from pl.job_documents where status = 'stored'")" = 21 ]
}

@test "lines of a stage have its name, and the last ones are part of its error" {
	enqueue talk dies
	run -0 timeout 60 pl-worker --burst -- 'cat | ./stage'
	[ "$(outcomes)" = '1 stored, 2 failed pipeline_died' ]
	[[ $output == *'./stage: a stage speaks'* ]]
	[ "$(db "select error->>'message' from pl.job_documents
	    where status = 'failed'")" = 'stage ./stage ended with status 1: it said last: the model is not there' ]
	[ "$(db "select stage from pl.job_documents where status = 'failed'")" = ./stage ]
}

@test "the reader of the log may die" {
	enqueue talk talk one
	mkfifo log
	head -c 1 <log >/dev/null &
	timeout 60 pl-worker --burst --verbose --window 1 -- ./stage 2>log
	[ "$(outcomes)" = '1 stored, 2 stored, 3 stored' ]
}

@test "the reader of the log may stop while a stage prints much" {
	enqueue scream one
	mkfifo log
	sleep 100 <log 3>&- &
	pids="$pids $!"
	timeout 60 pl-worker --burst -- ./stage 2>log
	[ "$(outcomes)" = '1 stored, 2 stored' ]
	enqueue one scream
	run -0 timeout 60 pl-worker --burst -- ./stage
	[ "${#lines[@]}" -lt 1000 ]
	[[ $output == *'./stage: '*' more lines'* ]]
}

@test "documents of a stage that dies of a broken pipe are given back" {
	enqueue broken one two
	run -0 timeout 60 pl-worker --burst -- ./stage
	[ "$(outcomes)" = '1 stored, 2 stored, 3 stored' ]
	[ "$(db "select max(attempts) from pl.job_documents")" = 0 ]
}

@test "a child that a stage leaves behind does not hide its death, and is killed" {
	cat >parent <<-'END'
		#!/bin/bash
		sleep 1000 &
		echo $! >>"$STATE.pids"
		. ./stage
	END
	chmod +x parent
	enqueue dies one
	SECONDS=0
	run -0 timeout 60 pl-worker --burst -- ./parent
	[ "$SECONDS" -lt 15 ]
	[ "$(outcomes)" = '1 failed pipeline_died, 2 stored' ]
	wait_until 5 no_stage_left
}

@test "stages die with their worker" {
	enqueue quiet
	work
	wait_until 10 db_is processing "select status from pl.job_documents"
	wait_until 10 test -s "$STATE.pids"
	kill -9 "$worker"
	wait_until 5 no_stage_left
}

@test "a worker outlives the process that started it, but not its supervisor" {
	bash -c 'pl-worker -- ./stage 2>err 3>&- & echo $! >pid'
	pids=$(<pid)
	enqueue one
	wait_until 10 db_is stored "select status from pl.job_documents"
	kill "$pids"
	wait_until 10 dead "$pids"
	# New workers must not run beside those of a killed supervisor.
	pl worker -n 2 -- ./stage 2>err 3>&- &
	supervisor=$!
	pids="$pids $supervisor"
	wait_until 10 db_is 2 "select count(*) from pl.workers"
	old=$(db 'select string_agg(pid::text, $$ $$) from pl.workers')
	kill -9 "$supervisor"
	for pid in $old; do
		wait_until 15 dead "$pid"
	done
	db_is 0 "select count(*) from pl.workers"
}

@test "as process 1 it reaps the orphans of stages, and passes signals on" {
	[ "$(id -u)" = 0 ] || cannot 'a pid namespace needs root'
	enqueue one
	# Pids in the namespace differ from pids outside.
	export STATE=$PWD/inside
	# A sanitiser looks for leaks by the /proc of its own namespace.
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	# Each orphan that is not reaped is a zombie.
	unshare --pid --fork pl-worker -- \
		'for _ in 1 2 3; do (sleep 0.2 &); done; exec ./stage' 2>err 3>&- &
	pids=$!
	wait_until 10 db_is stored "select status from pl.job_documents"
	first=$(pgrep -P "$pids")
	sleep 0.5
	[ -z "$(ps -o stat= --ppid "$first" | grep Z)" ]
	kill "$first"
	wait "$pids"
	db_is 0 "select count(*) from pl.workers"
}

@test "a document that kills its workers is found, the others are stored" {
	export PL_REDIS_URL=none
	enqueue one two murder four five
	crashes=0
	while status=0; timeout 30 pl-worker --burst -- ./stage 2>>err || status=$?
		[ "$status" = 137 ]
	do
		crashes=$((crashes + 1))
		[ "$crashes" -le 5 ]
		db "update pl.tasks set lease_expires_at = now() - interval '1 second'
		    where status = 'in_progress'"
	done
	[ "$status" = 0 ]
	[ "$crashes" = 3 ]
	[ "$(outcomes)" = '1 stored, 2 stored, 3 failed worker_lost, 4 stored, 5 stored' ]
	balanced
	# After a retry, again two deaths are needed.
	run -0 pl-jobctl retry latest
	db_is 0 'select max(kills) from pl.job_documents'
}
