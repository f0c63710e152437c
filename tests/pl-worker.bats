# pl-worker: claims, a pipeline of stages, and the ledger

load helpers
load cases
load jobs

setup() {
	jobs_setup
	cat >stage <<'END'
#!/bin/bash
# A stage that does what a document's text says. It is one process: one for each
# document would take too long.
while IFS= read -r line; do
	for key in id lease content; do
		[[ $line =~ \"$key\":\"([^\"]*)\" ]]
		printf -v $key %s "${BASH_REMATCH[1]}"
	done
	text=$content
	error() {
		printf '{"type":"error","stage":"test","class":"%s","code":"%s","message":"%s","document_id":"%s","lease":"%s"%s}\n' \
		    "$1" "${3:-asked}" "$text" "$id" "$lease" "${2:-}"
	}
	case $text in
	kill*) kill -9 $$ ;;
	exit*) exit 1 ;;
	swallow*) continue ;;
	hang*) sleep 1000 ;;
	slow*) sleep "${SLOW:-0.3}" ;;
	input* | transient* | quota* | config*) error "${text%% *}"; continue ;;
	unpaid*) if [ ! -e "$STATE.paid" ]; then echo >>"$STATE.asked"; error quota; continue; fi ;;
	denied*) if [ ! -e "$STATE.paid" ]; then echo >>"$STATE.asked"; error config '' http_401; continue; fi ;;
	misfit*) error config '' wrong_model; continue ;;
	patience*) if [ ! -e "$STATE.$id" ]; then touch "$STATE.$id"; error throttled ',"retry_after":3600'; continue; fi ;;
	forever*) error transient ',"retry_after":1e12'; continue ;;
	until*) error transient ",\"retry_after\":$((EPOCHSECONDS + 100))"; continue ;;
	throttled*) error throttled ',"retry_after":1'; continue ;;
	chunk*) error input ',"chunk":0' ;;
	once*) if [ ! -e "$STATE.$id" ]; then touch "$STATE.$id"; error transient; continue; fi ;;
	esac
	printf '{"type":"stored","document_id":"%s","collection":"x","chunks":1,"lease":"%s"}\n' "$id" "$lease"
done
END
	chmod +x stage
	export STATE=$PWD/state
}

teardown() {
	# End processes that a failed test left running.
	[ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true
}

# enqueue TEXT...: one document each, url = its number.
enqueue() {
	local n=0 text
	for text; do
		n=$((n + 1))
		printf '{"content":"%s","url":"%d"}\n' "$text" "$n"
	done >documents
	pl-enqueue "${OPTIONS[@]}" <documents >job
}

# outcomes: "url status code" of the last job's documents, on one line.
outcomes() {
	db "select string_agg(url || ' ' || j.status || coalesce(' ' ||
	    (j.error->>'code'), ''), ', ' order by url::int)
	    from pl.job_documents j join pl.documents d on d.id = document_id
	    where job_id = '$(jq -r .id job)'"
}

job_status() {
	db "select status from pl.jobs where id = '$(jq -r .id job)'"
}

burst() {
	timeout 60 pl-worker --burst "$@" -- ./stage
}

@test "a wrong option is a usage error with a hint" {
	unknown_option pl-worker
	run -2 pl-worker --wip odd
}

@test "help and version go to standard output, and must arrive there" {
	help_and_version pl-worker
	full_disk pl-worker --help
	no_reader pl-worker --help
}

@test "a burst processes the queue and ends" {
	enqueue one two three
	run -0 burst
	[ "$(outcomes)" = '1 stored, 2 stored, 3 stored' ]
	[ "$(job_status)" = completed ]
	[ "$(db 'select status from pl.sources')" = ready ]
	[ "$(redis llen rq:queue:processing)" = 0 ]
	[ "$(redis zcard rq:wip:processing)" = 0 ]
	[ "$(redis zcard rq:finished:processing)" = 1 ]
	[ "$(db 'select count(*) from pl.workers')" = 0 ]
	balanced
}

@test "an empty queue ends a burst at once" {
	run -0 burst
	[ -z "$output" ]
}

@test "a bad line of a pipeline costs only itself, and the last needs no newline" {
	enqueue one two three
	run -0 timeout 60 pl-worker --burst -- \
		'./stage | sed -u "2i {bad" | head -c -1'
	[[ $output == *"pipeline: not a record: {bad"* ]]
	[ "$(outcomes)" = '1 stored, 2 stored, 3 stored' ]
}

@test "the default pipeline stores chunks that can be counted" {
	enqueue 'Some words of text.' 'Other words.'
	run -0 pl-worker --burst
	[ "$(db 'select count(*) from pl.chunks_default')" = 2 ]
	[ "$(db "select string_agg(status, ' ') from pl.documents")" = 'stored stored' ]
}

@test "errors: input fails at once, transient after its attempts" {
	OPTIONS=(--max-attempts 2)
	enqueue fine input transient once
	run -0 burst
	[ "$(outcomes)" = '1 stored, 2 failed asked, 3 failed asked, 4 stored' ]
	[ "$(db "select string_agg(attempts::text, ' ' order by url::int) from pl.job_documents
	    join pl.documents d on d.id = document_id")" = '0 1 2 1' ]
	[ "$(job_status)" = partial ]
	balanced
}

@test "a bad chunk is left out, and its document is stored" {
	enqueue chunk
	run -0 burst
	[ "$(outcomes)" = '1 stored' ]
}

@test "the document that kills its pipeline fails, its neighbours are stored" {
	enqueue one two kill three four
	run -0 burst
	[ "$(outcomes)" = '1 stored, 2 stored, 3 failed pipeline_died, 4 stored, 5 stored' ]
	[[ $(db "select error->>'message' from pl.documents where status = 'failed'") == *"./stage"*"signal 9"* ]]
	balanced
}

@test "a killing document fails also if the stage ends with a status, and beside another one" {
	enqueue one exit two kill three
	run -0 burst
	[ "$(outcomes)" = '1 stored, 2 failed pipeline_died, 3 stored, 4 failed pipeline_died, 5 stored' ]
}

@test "the stage that died is named also in the middle of a pipeline" {
	enqueue one kill two
	run -0 timeout 60 pl-worker --burst -- 'cat | ./stage | cat'
	[ "$(outcomes)" = '1 stored, 2 failed pipeline_died, 3 stored' ]
	[[ $(db "select error->>'message' from pl.documents where status = 'failed'") == *"./stage"* ]]
}

@test "a document without an answer in time fails, the rest go on" {
	enqueue one hang two
	run -0 burst --document-timeout 3s
	[ "$(outcomes)" = '1 stored, 2 failed document_timeout, 3 stored' ]
}

@test "a swallowed document is found" {
	enqueue one swallow two
	run -0 burst
	[ "$(outcomes)" = '1 stored, 2 failed no_result, 3 stored' ]
	[ "$(job_status)" = partial ]
}

@test "a pipeline that cannot run gives its tasks back and says why" {
	enqueue one
	run -1 timeout 30 pl-worker --burst -- 'cat | no-such-stage'
	[[ $output == *"no-such-stage"*"status 127"* ]]
	[ "$(outcomes)" = '1 pending' ]
	run -0 burst
	[ "$(outcomes)" = '1 stored' ]
}

# asked: how often the stage got a document whose quota is used up.
asked() {
	cat "$STATE.asked" 2>/dev/null | wc -l
}

is_asked() {
	[ "$(asked)" = "$1" ]
}

parked() {
	[ "$(db 'select count(*) from pl.queues where paused_at is not null')" = 1 ]
}

@test "a quota error parks the queue, costs no attempt, and ends the requests" {
	enqueue $(printf 'unpaid%d ' {1..30})
	pl-worker --window 2 -- ./stage 2>err &
	pid=$!
	wait_until 10 parked
	wait_until 10 db_is '30|0' "select count(*), sum(attempts)
	    from pl.job_documents where status = 'pending' and error is not null"
	kill "$pid"
	wait "$pid"
	[ "$(asked)" -le 3 ]
	[ "$(grep -c parked err)" = 1 ]
	grep -q "pl-jobctl resume processing" err
	balanced
}

@test "a burst leaves the tasks of a paused queue, and ends with 75 and a message" {
	enqueue unpaid one
	run -75 burst
	[[ $output == *parked*"tasks left in paused queues: 1"* ]]
	run -75 burst
	[[ $output != *parked:* && $output == *"tasks left in paused queues"* ]]
	[[ $output == *"queue processing is paused: unpaid: 'pl-jobctl resume processing' goes on with it"* ]]
	[ "$(asked)" = 1 ]
	pl-jobctl resume processing >/dev/null
	touch "$STATE.paid"
	sleep 1
	run -0 burst
	[ "$(outcomes)" = '1 stored, 2 stored' ]
}

@test "an expired key parks the queue: nothing fails, and no attempt counts" {
	enqueue $(printf 'fine%d denied%d ' {1..20}{,})
	run -75 timeout 60 pl-worker --burst --window 4 -- ./stage
	[[ $output == *'queue processing is paused: denied'*'pl-jobctl resume'* ]]
	[ "$(asked)" -le 4 ]
	db_is '0|0' 'select sum(failed), sum(attempts) from pl.jobs j
	    join pl.job_documents on job_id = j.id'
	run -0 pl-jobctl queues --table
	[[ $output == *denied* ]]
	[[ $output == *"queue processing is paused: denied"*"'pl-jobctl resume processing' goes on with it"* ]]
	touch "$STATE.paid"
	pl-jobctl resume processing
	sleep 1
	run -0 burst
	db_is '40|completed' 'select stored, status from pl.jobs'
	balanced
}

@test "a config error fails only its document while others are stored" {
	OPTIONS=(--max-attempts 2)
	enqueue config $(printf 'fine%d ' {1..8})
	run -0 timeout 60 pl-worker --burst --window 1 -- ./stage
	db_is '8|1|partial' 'select stored, failed, status from pl.jobs'
	[[ $(outcomes) == '1 failed asked, 2 stored,'* ]]
	! parked
}

@test "if all documents have config errors, the queue is parked and probed with another one" {
	away=
	OPTIONS=(--max-attempts 2)
	enqueue config config config
	run -75 timeout 60 pl-worker --burst --window 1 -- ./stage
	db_is '0|0' 'select sum(failed), sum(attempts) from pl.jobs j
	    join pl.job_documents on job_id = j.id'
	db_is 2 'select count(parked_at) from pl.job_documents'
	sleep 1
	probe_now
	run -75 timeout 60 pl-worker --burst --window 1 -- ./stage
	db_is 3 'select count(parked_at) from pl.job_documents'
	db_is 0 'select sum(attempts) from pl.job_documents'
}

@test "a mismatch with the collection ends the worker, and its tasks go back" {
	enqueue misfit misfit
	run -1 burst
	[[ $output == *'the pipeline cannot run'*'test: misfit'* ]]
	[ "$(outcomes)" = '1 pending, 2 pending' ]
	db_is '0|0' 'select sum(attempts), count(*) filter (where error is not null)
	    from pl.job_documents'
}

@test "a mismatch with the collection fails only its document while others are stored" {
	OPTIONS=(--max-attempts 1 --batch 1)
	enqueue fine
	enqueue fine misfit
	run -0 timeout 60 pl-worker --burst --window 1 -- ./stage
	db_is '2' "select sum(stored) from pl.jobs"
}

@test "a throttled document waits, and no attempt counts" {
	OPTIONS=(--max-attempts 1)
	enqueue throttled one
	pl-worker -- ./stage 2>err 3>&- &
	pid=$!
	wait_until 10 db_is 1 'select stored from pl.jobs'
	wait_until 10 db_is 'pending|0' "select status, attempts
	    from pl.job_documents where error is not null"
	kill "$pid"
	wait "$pid" || true
}

@test "a document waits a day at most, and no longer than its job has time" {
	OPTIONS=(--max-attempts 3 --timeout 48h)
	enqueue forever until
	run burst
	db_is t "select bool_and(attempts < 2) from pl.job_documents"
	# One document asks for 10^12 seconds, one names a Unix time in 100 s.
	db_is '1|1' "select count(*) filter (where run_at > now() + '23 hours'
	    and run_at < now() + '25 hours'),
	    count(*) filter (where run_at < now() + '110 seconds')
	    from pl.tasks where finished_at is null"
	OPTIONS=(--timeout 1h)
	enqueue forever
	run burst
	db_is t "select run_at < now() + '1 hour' from pl.tasks
	    where job_id = '$(jq -r .id job)' and finished_at is null"
}

@test "a document whose record is too long for the stages fails, with its own id" {
	# pl-enqueue accepts the line; with the document's ids it is too long.
	{
		printf '{"url":"1","content":"'
		head -c $((64 * 1024 * 1024 - 40)) /dev/zero | tr '\0' x
		printf '"}\n{"url":"2","content":"small"}\n'
	} | pl-enqueue >job
	run -0 burst
	[ "$(outcomes)" = '1 failed too_long, 2 stored' ]
	db_is 'worker|input' "select stage, error->>'class' from pl.job_documents
	    where status = 'failed'"
}

@test "a burst reports a retry that is due later, and waits for it with --wait" {
	enqueue patience one
	run -75 burst
	later=$(db "select to_char(run_at at time zone 'UTC',
	    'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from pl.tasks
	    where status = 'queued' and run_at > now() + interval '59 minutes'")
	[[ $output == *"due later: 1, the first at $later:"* ]]
	[ "$(outcomes)" = '1 pending asked, 2 stored' ]
	run -2 pl-worker --wait
	burst --wait 2>err 3>&- &
	pid=$!
	wait_until 10 db_is idle 'select status from pl.workers'
	# An hour later.
	db "update pl.tasks set run_at = now() where status = 'queued'"
	redis zadd rq:scheduled:processing 1 \
		"$(db "select id from pl.tasks where status = 'queued'")"
	wait "$pid"
	[ ! -s err ]
	[ "$(outcomes)" = '1 stored, 2 stored' ]
	run -0 burst
	balanced
}

# probe_now: set the next probe to now.
probe_now() {
	db "update pl.queues set probe_at = now() - interval '1 second'"
	[ -n "$away" ] || redis hset pl:paused:processing probe_at 1
}

# With Redis, or without it if $away is set.
is_probed() {
	OPTIONS=(--batch 3)
	enqueue $(printf 'unpaid%d ' {1..12})
	[ -z "$away" ] || export PL_REDIS_URL=unix:///nowhere.sock
	pl-worker --window 1 -- ./stage 2>err 3>&- &
	pid=$!
	wait_until 10 parked
	wait_until 10 db_is 0 "select count(*) from pl.job_documents
	    where status = 'processing'"
	[ "$(asked)" = 1 ]
	sleep 1.5
	probe_now
	wait_until 10 is_asked 2
	# Only one document was tried, and the next probe is not due.
	sleep 1
	[ "$(asked)" = 2 ]
	parked
	db_is t "select probe_at > now() + interval '4 minutes' from pl.queues"
	touch "$STATE.paid"
	probe_now
	wait_until 10 db_is 12 'select stored from pl.jobs'
	! parked
	[ -n "$away" ] || [ "$(redis exists pl:paused:processing)" = 0 ]
	grep -q 'a document was stored: open again' err
	[ "$(asked)" = 2 ]
	kill "$pid"
	wait "$pid" || true
	balanced
}

@test "a parked queue is probed with one document, and opened when it is stored" {
	away=
	is_probed
}

@test "a parked queue is probed with one document without Redis, too" {
	away=yes
	is_probed
}

# park QUEUE...: park them in Postgres and in Redis, long ago.
park() {
	local queue
	for queue; do
		db "insert into pl.queues (name, paused_at, reason, probe_at)
		    values ('$queue', now(), 'quota', now() - interval '1 s')"
		redis hset "pl:paused:$queue" reason quota probe_at 1 \
			probe_every 300
	done
}

@test "a probe that fails for another reason does not keep a burst waiting" {
	OPTIONS=(--batch 1)
	enqueue input one two
	park processing
	run -75 timeout 30 pl-worker --burst -- ./stage
	[[ $output == *"tasks left in paused queues: 2"* ]]
	[ "$(outcomes)" = '1 failed asked, 2 pending, 3 pending' ]
}

@test "without Redis every parked queue is probed" {
	local queue
	for queue in red blue; do
		OPTIONS=(--queue "$queue")
		enqueue input
	done
	park red blue
	PL_REDIS_URL=none run -0 timeout 30 pl-worker --burst --queue red \
		--queue blue -- ./stage
	[ "$(db 'select sum(failed) from pl.jobs')" = 2 ]
}

@test "a queue that cannot be parked in Postgres is not parked in Redis alone" {
	enqueue unpaid
	db "create function pl.away() returns trigger language plpgsql as \$\$
	    begin raise exception using errcode = '57P01'; end \$\$;
	    create trigger away before insert or update on pl.queues
	    for each row execute function pl.away()"
	pl-worker -- ./stage 2>err 3>&- &
	pid=$!
	wait_until 10 grep -q 'Postgres: parking' err
	sleep 0.5
	[ "$(redis exists pl:paused:processing)" = 0 ]
	db 'drop trigger away on pl.queues'
	wait_until 10 parked
	kill "$pid"
	wait "$pid" || true
}

@test "a probe does not end a person's pause" {
	enqueue unpaid one
	pl-jobctl pause processing --reason 'by hand' >/dev/null
	pl-worker -- ./stage 2>err 3>&- &
	pid=$!
	wait_until 10 db_is idle 'select status from pl.workers'
	sleep 1
	[ "$(asked)" = 0 ]
	pl-jobctl resume processing >/dev/null
	wait_until 10 parked
	pl-jobctl pause processing --reason 'by hand' >/dev/null
	db "update pl.queues set probe_at = null"
	kill "$pid"
	wait "$pid" || true
	touch "$STATE.paid"
	run timeout 10 pl-worker --burst -- ./stage
	[ "$(db "select reason from pl.queues where paused_at is not null")" = 'by hand' ]
}

@test "after SIGTERM a worker finishes documents in flight and gives the rest back" {
	SLOW=0.2
	export SLOW
	OPTIONS=(--batch 100)
	enqueue $(printf 'slow%d ' {1..40})
	pl-worker --window 2 -- ./stage 2>err &
	pid=$!
	wait_until 10 db_is t "select count(*) >= 2 from pl.job_documents where status = 'stored'"
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 0 ]
	[ "$(db "select count(*) from pl.job_documents where status = 'processing'")" = 0 ]
	run -0 db "select status, crashes from pl.tasks"
	[ "$output" = "queued|0" ]
	[ "$(redis llen rq:queue:processing)" = 1 ]
	SLOW=0 run -0 burst
	[ "$(job_status)" = completed ]
	[ "$(db 'select max(attempts) from pl.job_documents')" = 0 ]
}

killed() {
	SLOW=0.2
	export SLOW
	enqueue $(printf 'slow%d ' {1..20})
	pl-worker -- ./stage 2>err &
	pid=$!
	wait_until 10 db_is t "select count(*) >= 2 from pl.job_documents where status = 'stored'"
	kill -9 "$pid"
	wait "$pid" || true
	SLOW=0 run -0 timeout 60 pl-worker --burst -- ./stage
	[ "$(job_status)" = completed ]
	[ "$(db "select stored from pl.jobs")" = 20 ]
	balanced
}

@test "a killed worker's task is finished by another within its lease" {
	killed
}

@test "a killed worker's task is finished by another without Redis, too" {
	PL_REDIS_URL=none killed
}

@test "without Redis workers that are killed one after another lose nothing" {
	export PL_REDIS_URL=none
	OPTIONS=(--batch 2 --max-attempts 9)
	enqueue $(printf 'doc%d ' {1..60})
	for n in 1 2 3 4; do
		pl-worker --name "w$n" -- 'while IFS= read -r line; do sleep 0.05
		    echo "$line"; done | ./stage' 2>>err 3>&- &
		pid=$!
		wait_until 30 db_is t "select count(*) >= $((n * 5)) from
		    pl.job_documents where status = 'stored'"
		end_pid "$pid" KILL
	done
	run -0 burst
	[ "$(job_status)" = completed ]
	db_is '60|0' "select stored, failed from pl.jobs"
	balanced
}

@test "a canceled job stops, and nothing more of it is stored" {
	SLOW=0.3
	export SLOW
	enqueue $(printf 'slow%d ' {1..40})
	pl-worker -- ./stage 2>err &
	pid=$!
	wait_until 10 db_is t "select count(*) >= 1 from pl.job_documents where status = 'stored'"
	pl-jobctl cancel latest
	wait_until 12 db_is idle "select status from pl.workers"
	before=$(outcomes)
	kill "$pid"
	wait "$pid"
	[ "$(outcomes)" = "$before" ]
	[ "$(db "select count(*) from pl.job_documents where status in ('pending', 'processing')")" = 0 ]
	balanced
}

@test "in a job that runs too long the documents that are left fail" {
	SLOW=1
	export SLOW
	OPTIONS=(--timeout 2s)
	enqueue $(printf 'slow%d ' {1..30})
	run -0 burst
	[ "$(db "select count(*) from pl.job_documents where error->>'code' = 'job_timeout'")" -gt 20 ]
	[ "$(job_status)" = partial ]
	balanced
}

@test "without Redis a worker goes on from Postgres, with one warning" {
	enqueue one two
	PL_REDIS_URL=unix:///nowhere.sock run -0 --separate-stderr burst
	[ "$(outcomes)" = '1 stored, 2 stored' ]
	[ "$(grep -c Redis <<<"$stderr")" = 1 ]
}

@test "after FLUSHALL the worker finds the tasks again" {
	enqueue one two
	redis flushall >/dev/null
	run -0 burst
	[ "$(job_status)" = completed ]
}

@test "a connection that is cut is opened again and nothing is lost" {
	SLOW=0.1
	export SLOW
	enqueue $(printf 'slow%d ' {1..40})
	timeout 60 pl-worker --burst -- ./stage 2>err &
	pid=$!
	for _ in 1 2 3 4 5; do
		sleep 0.5
		db "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pl-worker'" >/dev/null
	done
	wait "$pid"
	[ "$(job_status)" = completed ]
	[ "$(db 'select stored from pl.jobs')" = 40 ]
	balanced
}

@test "two workers share the work and no document is done twice" {
	OPTIONS=(--batch 5)
	enqueue $(printf 'doc%d ' {1..200})
	timeout 60 pl-worker --burst -- 'tee -a seen1 | ./stage' &
	first=$!
	timeout 60 pl-worker --burst -- 'tee -a seen2 | ./stage'
	wait "$first"
	[ "$(job_status)" = completed ]
	[ "$(cat seen1 seen2 | wc -l)" = 200 ]
}

@test "queues are served in their order, others are left alone" {
	OPTIONS=(--queue late)
	enqueue late
	cp job late
	OPTIONS=(--queue soon)
	enqueue soon
	run -0 timeout 60 pl-worker --burst --queue soon -- ./stage
	[ "$(job_status)" = completed ]
	cp late job
	[ "$(job_status)" = queued ]
}

@test "rq lists the queue and the worker while a job runs" {
	[ -x /usr/bin/rq ] || cannot "needs python3-rq"
	SLOW=0.5
	export SLOW
	enqueue $(printf 'slow%d ' {1..10})
	pl-worker --name tester --wip plain -- ./stage &
	pid=$!
	wait_until 10 db_is busy "select status from pl.workers"
	run /usr/bin/rq info --url "${PL_REDIS_URL}"
	kill "$pid"
	wait "$pid"
	[[ $output == *processing* ]]
	[[ $output == *tester* ]]
}

@test "no server is 75, no schema 1 with the remedy" {
	PL_DATABASE_URL='host=/nowhere' run -75 pl-worker --burst
	db 'drop schema pl cascade'
	run -1 pl-worker --burst
	[[ $output == *"pl-jobctl init"* ]]
}

@test "rq's commands stop a task and end a worker" {
	[ -x /usr/bin/rq ] || cannot "needs python3-rq"
	SLOW=0.4
	export SLOW
	enqueue $(printf 'slow%d ' {1..30})
	pl-worker --name commanded --wip plain -- ./stage 2>err &
	pid=$!
	wait_until 10 db_is t "select count(*) >= 1 from pl.job_documents where status = 'stored'"
	id=$(db 'select id from pl.tasks')
	redis publish rq:pubsub:commanded "{\"command\": \"stop-job\", \"job_id\": \"$id\"}" >/dev/null
	wait_until 10 db_is partial "select status from pl.jobs"
	[ "$(db "select distinct error->>'code' from pl.job_documents where status = 'failed'")" = stopped ]
	[ "$(redis hget "rq:job:$id" status)" = stopped ]
	redis publish rq:pubsub:commanded '{"command": "shutdown"}' >/dev/null
	wait "$pid"
	balanced
}

@test "scheduled tasks wait in Redis until they are due" {
	OPTIONS=(--at 2099-01-01T00:00Z)
	enqueue later
	[ "$(redis zcard rq:scheduled:processing)" = 1 ]
	[ "$(redis llen rq:queue:processing)" = 0 ]
	run -75 burst
	[ "$output" = "pl-worker: tasks left that are due later: 1, the first at \
2099-01-01T00:00:00Z: --wait waits for them" ]
	[ "$(outcomes)" = '1 pending' ]
	OPTIONS=(--in 2s)
	enqueue soon
	[ "$(redis zcard rq:scheduled:processing)" = 2 ]
	run -75 burst
	[ "$(outcomes)" = '1 stored' ]
	[ "$(db "select t.started_at >= t.run_at - interval '1 second'
	    from pl.tasks t where started_at is not null")" = t ]
	OPTIONS=(--at @1000)
	enqueue past
	[ "$(redis llen rq:queue:processing)" = 1 ]
	run -2 pl-enqueue --at tomorrow
	[[ $output == *"--at 'tomorrow'"* ]]
	run -2 pl-enqueue --at @1 --in 5s
}

# Enqueue three jobs; the middle one is $bad.
three_jobs() {
	numbered 2 --batch 1 --source first
	numbered 2 --batch 1 --source bad
	bad=$job
	numbered 2 --batch 1 --source last
}

# All jobs but $bad are done; the burst reports each task of $bad once.
only_bad_is_left() {
	[ "$status" -eq 1 ]
	[[ $output == *'the database refuses it: '*'poisoned row'* ]]
	[ "$(grep -c 'poisoned row: it is left alone' <<<"$output")" = 2 ]
	[[ $output == *'tasks left that the database refuses: 2'* ]]
	db_is 2 "select count(*) from pl.jobs where status = 'completed'"
	db_is 0 "select count(*) from pl.tasks where finished_at is null
	    and job_id <> '$bad'"
}

@test "a job that cannot be started stops no other" {
	three_jobs
	poison jobs "new.id = '$bad'"
	run work_off
	only_bad_is_left
}

@test "a job that cannot be started stops no other, without Redis too" {
	export PL_REDIS_URL=none
	three_jobs
	poison jobs "new.id = '$bad'"
	run work_off
	only_bad_is_left
}

@test "results that the database refuses stop no others" {
	three_jobs
	poison job_documents "new.job_id = '$bad' and new.status = 'stored'"
	run work_off
	only_bad_is_left
}

@test "a lease that cannot be renewed stops no other task" {
	three_jobs
	poison tasks "new.job_id = '$bad' and old.worker is not null"
	run timeout 50 pl-worker --burst -- \
		"jq --unbuffered -c '{type: \"stored\", document_id: .id,
		    collection: \"x\", chunks: 1, lease}' | (sleep 6; cat)"
	[ "$status" -eq 1 ]
	[[ $output == *'poisoned row: it is left alone'* ]]
	db_is 2 "select count(*) from pl.jobs where status = 'completed'"
}

@test "a document that was deleted while it was processed stays deleted" {
	numbered 2
	db "update pl.documents set status = 'deleted' where url = '1'"
	work_off
	db_is 'deleted,stored' "select string_agg(status, ',' order by url)
	    from pl.documents"
	db_is 'canceled,stored' "select string_agg(j.status, ',' order by url)
	    from pl.job_documents j join pl.documents d on d.id = document_id"
	numbered 1 --source later
	timeout 50 pl-worker --burst -- "psql -XAtqc \"update pl.documents
	    set status = 'deleted'\" '$PL_DATABASE_URL' >&2; pl-chunk |
	    pl-embed | pl-store" 2>worker.log || cat worker.log
	db_is 0 "select count(*) from pl.documents where status <> 'deleted'"
	db_is 0 "select count(*) from pl.chunks_default"
	db_is canceled "select status from pl.job_documents
	    where job_id = '$job'"
	[[ $(<worker.log) == *'deleted meanwhile'* ]]
	run -0 pl-jobctl verify
}
