# lib/queue and real RQ, 1.13 (or what the system has) and 2, on one queue.
load helpers
load rq
load queue

setup_file() {
	queue_setup_file
	export QUEUE_DRIVER_FUNCTION=rq_tasks.process_documents
}

start_again() {
	redis flushall >/dev/null
}

# Start a worker of RQ in the background, and return when it is ready; its pid
# is worker_pid. It runs within a shell, so the pid comes from Redis.
start_python_worker() {
	$python work_on "$@" 3>&- >/dev/null 2>&1 &
	wait_until 30 eval '[ "$(redis scard rq:workers)" = 1 ]'
	worker_pid=$(redis hget "$(redis smembers rq:workers)" pid)
	started="$started $worker_pid"
}

python_to_pl() {
	$python enqueue work one $JOB 3
	$python enqueue work two $JOB 0
	run -0 drive 'birth w work' 'claim w work 9'
	[[ ${lines[1]} == "claim work one "*" $JOB 3 attempt 1/3 timeout 180" ]]
	set -- ${lines[1]} ${lines[2]}
	[ "$(drive "complete w work one $4 {\"stored\":[1,2]}" \
		"fail w work two ${14} ${14}")" = $'1\n1' ]
	run -0 $python show one two
	[[ ${lines[0]} == *'"result": "SUCCESSFUL"'*'"status": "finished"'* ]]
	[[ ${lines[0]} == *'"times": [true, true, true, true]'* ]]
	[[ ${lines[0]} == *'"value": {"stored": [1, 2]}, "worker": "w"}' ]]
	[[ ${lines[1]} == *"\"exc\": \"${14}\""*'"status": "failed"'* ]]
	[ "$(redis hget rq:job:one meta)" = '{"by": "python"}' ]
	[ "$($python lists work)" = \
		'{"failed": ["two"], "finished": ["one"], "queued": []}' ]
	nothing_held
}

@test "RQ enqueues, pl works, RQ reads the result and the failure" {
	for_each_rq python_to_pl
}

pl_to_python() {
	drive 'push work 1 2 3'
	QUEUE_DRIVER_JOB=f1111111-1111-4111-8111-111111111111 \
		drive 'push work 3 1'
	$python work work 2>/dev/null
	run -0 $python show "$(task 1)" "$(task 3)"
	[[ ${lines[0]} == *'"status": "finished"'* ]]
	[[ ${lines[0]} == *"\"value\": {\"documents\": 3, \"job\": \"$JOB\"}"* ]]
	# retries_left lets RQ try as often as pl does, then the task has
	# failed.
	[[ ${lines[1]} == *'"exc": "ValueError: boom f1111111'* ]]
	[[ ${lines[1]} == *'"retries_left": 0'*'"status": "failed"'* ]]
	[ "$(drive 'range states 1 3')" = $'finished 2\nfailed 1' ]
	nothing_held
}

@test "pl pushes, RQ's worker works" {
	for_each_rq pl_to_python
}

tools() {
	drive 'push work 1 3' 'birth w work'
	claim w work 2
	run -0 cli info
	[[ $output == *work* && $output == *"w (driver"* ]]
	drive "fail w ${claims[0]} why" "complete w ${claims[1]}"
	run -0 cli requeue -S rq.serializers.JSONSerializer --queue work --all
	[ "$(drive 'range states 1 3')" = $'queued 2\nfinished 1' ]
	run -0 drive 'claim w work 2'
	[[ ${lines[1]} == *"$(task 1)"*'attempt 2/3'* ]]
	set -- ${lines[1]}
	[ "$(drive "release w $2 $3 $4")" = 1 ]
	run -0 cli empty -S rq.serializers.JSONSerializer work
	[ "$(drive 'claim w work')" = nothing ]
}

@test "rq info, requeue and empty work on pl's tasks" {
	for_each_rq tools
}

together() {
	local python_done ours=0 n
	start_python_worker work
	for n in 1 2 3 4 5; do
		drive "push work $((n * 100)) 8 1" >/dev/null
		$python enqueue_many work $((n * 100)) 2
		ours=$((ours + $(drive "claim w$n work" "drain w$n work 3" |
			tail -n 1)))
		claim v work 1
		[ ${#claims[@]} = 0 ] || drive "release v ${claims[0]}"
	done
	# The claims without an end lapse; all other tasks are processed.
	lapse_ours
	drive 'reap work' >/dev/null
	ours=$((ours + $(drive 'drain x work 2')))
	wait_until 60 eval '[ "$(redis zcard rq:finished:work)" = 50 ]'
	python_done=$(redis hget "$(redis smembers rq:workers)" \
		successful_job_count)
	echo "ours $ours, python's ${python_done:-0}"
	[ $((ours + ${python_done:-0})) = 50 ]
	[ "$(redis llen rq:queue:work)" = 0 ]
	nothing_held
	queue_teardown
}

# Only pl's leases lapse: the wip entries of Python workers stay.
lapse_ours() {
	older pl:lease:work
}

@test "pl's workers and RQ's on one queue run each task once" {
	for_each_rq together
}

# RQ's worker dies by SIGKILL in the middle of a task.
python_dies() {
	$python enqueue work once e1111111-1111-4111-8111-111111111111
	$python enqueue work twice e1111111-1111-4111-8111-111111111111 0 1
	for id in once twice; do
		start_python_worker work
		wait_until 30 eval '[ "$(status_of $id)" = started ]'
		wait_until 30 eval '[ "$(redis zcard rq:wip:work)" = 1 ]'
		# Kill the parent first: it would record the death of its child.
		kill -KILL "$worker_pid" $(pgrep -P "$worker_pid")
		wait_until 10 dead "$worker_pid"
		[ "$(drive 'reap work')" = 'requeued 0 failed 0 dropped 0' ]
		lapse work
		run -0 drive 'reap work' 'reap work'
		echo "$id: $output"
		if [ $id = once ]; then
			[ "${lines[0]}" = 'requeued 0 failed 1 dropped 0' ]
		else
			[ "${lines[0]}" = 'requeued 1 failed 0 dropped 0' ]
		fi
		[ "${lines[1]}" = 'requeued 0 failed 0 dropped 0' ]
		redis del rq:workers >/dev/null
	done
	[ "$(redis hget rq:job:twice retries_left)" = 0 ]
	[ "$($python lists work)" = \
		'{"failed": ["once"], "queued": ["twice"]}' ]
	run -0 $python show once
	[[ $output == *AbandonedJobError* ]]
	drive 'drain w work 1'
	nothing_held
}

@test "tasks of a killed RQ worker fail or are tried again, as their retries say" {
	for_each_rq python_dies
}

@test "an id that RQ moved to the intermediate list and lost comes back" {
	peer2 enqueue work orphan $JOB
	peer2 enqueue work done $JOB
	drive 'drain w work 1' 'push work 1 1' >/dev/null
	redis flushall >/dev/null
	peer2 enqueue work orphan $JOB
	redis lmove rq:queue:work rq:queue:work:intermediate left right
	[ "$(drive 'reap work' "states orphan")" = \
		$'requeued 0 failed 0 dropped 0\nqueued' ]
	redis hset pl:inter:work orphan 1
	[ "$(drive 'reap work' 'reap work')" = "requeued 1 failed 0 dropped 0
requeued 0 failed 0 dropped 0" ]
	[ "$(redis lrange rq:queue:work 0 -1)" = orphan ]
	# A stale entry of a task that has ended is dropped, and the task does
	# not fail.
	drive 'drain w work 1' >/dev/null
	redis rpush rq:queue:work:intermediate orphan
	[ "$(drive 'reap work')" = 'requeued 0 failed 0 dropped 1' ]
	[ "$(status_of orphan)" = finished ]
	nothing_held
}

@test "a task that RQ popped and put into wip but never started comes back" {
	peer2 enqueue work lost $JOB
	redis lpop rq:queue:work
	redis zadd rq:wip:work 1 lost:71f67ec3281b475b86a027245f70d841
	[ "$(drive 'states lost' 'reap work' 'states lost' 'reap work')" = \
"unlisted
requeued 1 failed 0 dropped 1
queued
requeued 0 failed 0 dropped 0" ]
	[ "$(drive 'drain w work 1')" = 1 ]
	nothing_held
}

# RQ's cleanup, which every listing of RQ 2 runs, beside pl's reapers.
under_load() {
	local pid pids= sum=0 n
	drive 'push work 1 120 1' >/dev/null
	$python cleanup_loop work 60 3>&- &
	pids=$!
	for n in 1 2; do
		(for _ in {1..30}; do drive 'reap work'; done) \
			>/dev/null 3>&- &
		pids="$pids $!"
	done
	for n in {1..12}; do
		# A worker that dies with five claimed tasks.
		claim "dead$n" work 5
		lapse_ours
		sum=$((sum + $(drive "drain w$n work 4")))
	done
	for pid in $pids; do
		wait "$pid"
	done
	lapse_ours
	drive 'reap work' >/dev/null
	sum=$((sum + $(drive 'drain last work 50')))
	echo "completed $sum, $(drive 'stats work')"
	[ "$(drive 'stats work')" = "length 0 started 0 scheduled 0 failed 0 \
finished 120 deferred 0 canceled 0 busy 0 idle 0 suspended 0 paused 0 oldest 0" ]
	[ "$sum" = 120 ]
	nothing_held
}

@test "two reapers and RQ's cleanup in a loop queue and finish each task once" {
	for_each_rq under_load
}

@test "pl accepts RQ's cleanup of its lapsed task" {
	for_each_rq cleaned
}

cleaned() {
	drive 'push work 1 1 1 0 0 1' 'push work 2 1 1 0 0 2'
	claim w work 2
	lapse work
	redis del pl:lease:work
	$python cleanup work
	[ "$(drive "complete w ${claims[0]}" "renew w ${claims[1]}" \
		'reap work' 'range states 1 2')" = "0
0
requeued 0 failed 0 dropped 0
queued 1
failed 1" ]
	run -0 drive 'claim w work'
	[[ $output == *"$(task 2)"*'attempt 2/2'* ]]
}

stop_it() {
	$python enqueue work stopme $JOB
	coproc EAR { exec "$DRIVER" ${plain:+-p} "$PL_REDIS_URL" 3>&-; }
	started="$started $EAR_PID"
	say() {
		echo "$1" >&"${EAR[1]}"
		read -r -t 20 answer <&"${EAR[0]}"
	}
	say 'birth w work'
	say 'hear w' && [ "$answer" = heard ]
	say 'claim w work' && set -- $answer
	$python stop stopme
	say 'hear w' && [ "$answer" = 'stop stopme' ]
	read -r -t 20 answer <&"${EAR[0]}"
	say "stopped w $2 $3 $4 stopped_by_command" && [ "$answer" = 1 ]
	say "stopped w $2 $3 $4 again" && [ "$answer" = 1 ]
	redis publish rq:pubsub:w '{"command": "shutdown"}' >/dev/null
	redis publish rq:pubsub:w 'not JSON' >/dev/null
	redis publish rq:pubsub:w '{"command": "kill-horse"}' >/dev/null
	say 'hear w' && [ "$answer" = 'shutdown -' ]
	read -r -t 20 answer <&"${EAR[0]}"
	run -0 $python show stopme
	[[ $output == *stopped_by_command*'"status": "stopped"'* ]]
	[ "$(redis zrange rq:failed:work 0 -1)" = stopme ]
	nothing_held
	exec {EAR[1]}>&-
	wait "$EAR_PID" || true
}

@test "RQ's stop-job reaches pl and ends the task as stopped" {
	for_each_rq stop_it
}

@test "RQ's suspend and resume are obeyed" {
	drive 'push work 1 1'
	rq_python -m rq.cli suspend -u "$PL_REDIS_URL"
	[ "$(drive 'claim w work' 'suspended')" = $'suspended\n1' ]
	rq_python -m rq.cli resume -u "$PL_REDIS_URL"
	[[ $(drive 'claim w work') == "claim work "* ]]
}

canceled_by_python() {
	drive 'push work 1 2'
	claim w work
	$python cancel "$(task 1)"
	$python cancel "$(task 2)"
	[ "$(drive "renew w ${claims[0]}" "complete w ${claims[0]}" \
		'claim w work' 'range states 1 2')" = \
		$'0\n0\nnothing\ncanceled 2' ]
	lapse work
	drive 'reap work' >/dev/null
	[ "$(drive 'range states 1 2')" = 'canceled 2' ]
	nothing_held
}

@test "a task that RQ cancels, queued or running, is lost for pl" {
	for_each_rq canceled_by_python
}

later() {
	$python enqueue_in work soon 5
	[ "$(status_of soon)" = scheduled ]
	[ "$(drive 'promote work')" = 0 ]
	wait_until 20 eval '[ "$(drive "promote work")" = 1 ]'
	[ "$($python lists work)" = '{"queued": ["soon"]}' ]
	# RQ writes the schedule first: an entry without a hash is kept for a
	# minute.
	redis zadd rq:scheduled:work 1 gone "$(($(redis time | head -n 1) - 5))" \
		coming >/dev/null
	[ "$(drive 'promote work')" = 0 ]
	[ "$(redis zrange rq:scheduled:work 0 -1)" = coming ]
	drive 'drain w work 1' >/dev/null
}

@test "pl queues a task that RQ scheduled when it is due" {
	for_each_rq later
}

dependents() {
	drive 'push work 1 2'
	$python depend work after "$(task 1)"
	$python depend work never "$(task 2)"
	$python depend work anyway "$(task 2)" 1
	[ "$(redis zcard rq:deferred:work)" = 3 ]
	claim w work 2
	drive "complete w ${claims[0]}" "fail w ${claims[1]}"
	[ "$(drive 'states after never anyway')" = 'queued deferred queued' ]
	[ "$(redis zrange rq:deferred:work 0 -1)" = never ]
	[ "$(drive 'drain w work 1')" = 2 ]
}

@test "RQ's jobs that depend on pl's tasks are queued when these have ended" {
	for_each_rq dependents
}

# What must never stop a worker.

poison() {
	local id
	$python enqueue work pickled $JOB
	$python enqueue work method $JOB
	$python enqueue work other $JOB 2 0 os.system
	$python enqueue work metal $JOB
	$python enqueue work odd $JOB
	$python enqueue work late $JOB
	$python enqueue work many $JOB
	$python enqueue work twice $JOB
	printf '\200\002cos\nsystem\n(X\005\0\0\0falsetR.' |
		redis -x hset rq:job:pickled data
	redis hset rq:job:method data '["process_documents", "a.B", [], {}]'
	redis hset rq:job:metal meta '{not json' timeout 1h
	redis hset rq:job:odd status rotten
	redis hset rq:job:late enqueued_at yesterday pl_attempts x \
		result_ttl x failure_ttl x retries_left x
	redis rpush rq:queue:work twice many many
	/usr/bin/python3 - <<-'PY' | redis -x hset rq:job:bomb data
		import sys, zlib
		sys.stdout.buffer.write(zlib.compress(b'[' * 1000000000, 9))
	PY
	/usr/bin/python3 - <<-'PY' | redis -x hset rq:job:big data
		import os, sys
		sys.stdout.buffer.write(os.urandom(10 << 20))
	PY
	for id in bomb big 'a:b' 'a.b' $'new\nline' 'über'; do
		[ "$id" = bomb ] || [ "$id" = big ] ||
			redis hset "rq:job:$id" data '["f", null, [], {}]'
		redis hset "rq:job:$id" status queued
		redis rpush rq:queue:work "$id"
	done
	redis hset rq:job:nodata status queued
	redis hset rq:job:done status finished data x
	redis set rq:job:string text
	redis rpush rq:job:list text
	redis set rq:results:pickled text
	redis set rq:executions:other text
	redis set rq:job:late:dependents text
	redis rpush rq:queue:work ghost nodata done string list '' \
		"$(printf 'x%.0s' {1..300})"
	drive 'push work 1 1'
}

# Fail everything that is claimed with its reason, as a worker does.
eat() {
	local words
	while read -r -a words; do
		case ${words[0]} in
		note) echo "${words[*]}" ;;
		claim)
			echo "${words[2]} ${words[*]:4}"
			[ "$(drive "fail w ${words[*]:1:3} ${words[5]}")" = 1 ]
			;;
		*) echo "${words[*]}" ;;
		esac
	done < <(drive 'claim w work' 'claim w work 100')
}

@test "hostile jobs are failed with their reason and stop no worker" {
	python=peer2
	poison >/dev/null
	drive 'birth w work'
	run -0 eat
	[[ $output == *"pickled malformed the pickle holds an object"* ]]
	[[ $output == *"method malformed the payload calls a method"* ]]
	[[ $output == *"other malformed the payload calls another function"* ]]
	[[ $output == *"bomb malformed the payload is too large when inflated"* ]]
	[[ $output == *"big malformed the payload is too large"* ]]
	[[ $output == *"metal $JOB 2 attempt 1/3 timeout 180"* ]]
	[[ $output == *"late $JOB 2 attempt 1/3 timeout 180"* ]]
	[[ $output == *"$(task 1) $JOB 2 attempt 1/3"* ]]
	[ "$(grep -c '^many' <<<"$output")" = 1 ]
	[ "$(grep -c 'RQ does not allow its id: filed as failed' <<<"$output")" = 4 ]
	[[ $output == *"task odd: its status is unknown: filed as failed"* ]]
	[[ $output == *"task string: its key is not a hash: dropped"* ]]
	[[ $output == *"a task id of 300 bytes: dropped"* ]]
	[ "$(drive 'claim w work')" = nothing ]
	[ "$(status_of a:b)" = failed ]
	[ "$(status_of $'new\nline')" = failed ]
	[ "$(redis zcard rq:failed:work)" = 15 ]
	[ "$(redis get rq:job:string)" = text ]
	run -0 peer2 show odd
	[[ $output == *"RQ has no such status"*'"status": "failed"'* ]]
}

@test "registries of another type are named, and the next queue is served" {
	drive 'push bad 1 1' 'push good 2 1'
	redis set rq:wip:bad text
	run -0 drive 'claim w bad,good' 'reap bad' 'stats bad'
	[ "${lines[0]}" = "note key rq:wip:bad is a string, not a zset: \
the queue is skipped" ]
	[[ ${lines[1]} == "claim good "* ]]
	[ "${lines[2]}" = 'requeued 0 failed 0 dropped 0' ]
	[[ ${lines[3]} == 'length 1 '* ]]
	redis del rq:wip:bad
	redis set rq:queue:worse text
	run -0 drive 'claim w worse,bad' 'wait worse 10'
	[[ ${lines[0]} == "note key rq:queue:worse is a string"* ]]
	[[ ${lines[1]} == "claim bad "* ]]
}

@test "a task is settled even if RQ's keys have another type" {
	drive 'push work 1 4' 'birth w work'
	claim w work 3
	redis set rq:finished:work text
	redis set rq:failed:work text
	for n in 1 2 3 4; do
		redis set "rq:results:$(task $n)" text
		redis del "rq:executions:$(task $n)"
		redis set "rq:executions:$(task $n)" text
		redis set "rq:job:$(task $n):dependents" text
	done
	redis del rq:worker:w:executions
	redis set rq:worker:w:executions text
	[ "$(drive "complete w ${claims[0]} 1" "fail w ${claims[1]} no" \
		"retry w ${claims[2]} 0" 'claim w work' 'range states 1 4' |
		grep -v ^claim)" = \
		$'1\n1\n1\nqueued 1\nstarted 1\nfinished 1\nfailed 1' ]
	[ "$(redis type "rq:results:$(task 1)")" = stream ]
}

@test "ten thousand ids without a hash in front of a task need only bounded scripts" {
	for n in {1..10}; do
		redis eval "for i = 1, 1000 do redis.call('RPUSH', \
			'rq:queue:work', 'ghost-' .. i) end" 0
	done >/dev/null
	drive 'push work 1 1'
	[[ $(drive 'claim w work') == "claim work $(task 1) "* ]]
}
