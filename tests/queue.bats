# lib/queue against a real Redis, through build/tests/queue_driver.
load helpers
load rq
load queue

# Pushing.

@test "a task is pushed as RQ would, and is seen by RQ" {
	[ "$(drive 'push work 1 1 3')" = 1 ]
	[ "$(redis ttl "rq:job:$(task 1)")" = -1 ]
	[ "$(redis smembers rq:queues)" = rq:queue:work ]
	[ "$(redis lrange rq:queue:work 0 -1)" = "$(task 1)" ]
	run -0 peer show "$(task 1)"
	[[ $output == *'"func": "process_documents"'* ]]
	[[ $output == *"\"args\": [\"$JOB\", 3]"* ]]
	[[ $output == *'"status": "queued"'* ]]
	[[ $output == *'"timeout": 3600'* ]]
	run -0 peer2 show "$(task 1)"
	[[ $output == *"\"args\": [\"$JOB\", 3]"* ]]
}

@test "a task that is alive is not pushed twice, a task that has ended starts again" {
	[ "$(drive 'push work 1 5' 'push work 3 5')" = $'5\n2' ]
	claim w work 1
	[ "$(drive "push work 1 1" "fail w ${claims[0]}" "push work 1 1")" = \
		$'0\n1\n1' ]
	[ "$(redis llen rq:queue:work)" = 7 ]
	[ "$(redis zcard rq:failed:work)" = 0 ]
	[ "$(redis hget "rq:job:$(task 1)" pl_attempts)" = 0 ]
	[ "$(redis hexists "rq:job:$(task 1)" pl_exec)" = 0 ]
}

@test "many tasks keep their order, also over several scripts and queues" {
	drive 'push work 1 2500 1' 'push urgent 9001 2'
	[ "$(redis llen rq:queue:work)" = 2500 ]
	[ "$(redis lindex rq:queue:work 0)" = "$(task 1)" ]
	[ "$(redis lindex rq:queue:work 1999)" = "$(task 2000)" ]
	[ "$(redis lindex rq:queue:work 2499)" = "$(task 2500)" ]
	claim w urgent,work 3
	[ "${claims[*]%% *}" = "urgent urgent work" ]
}

@test "a task for the front is put there" {
	drive 'push work 1 2' 'push work 3 1 2 0 1'
	claim w work 3
	[[ ${claims[0]} == *"$(task 3)"* && ${claims[2]} == *"$(task 2)"* ]]
}

@test "a task for later waits until it is due" {
	drive 'push work 1 1 2 2'
	[ "$(status_of "$(task 1)")" = scheduled ]
	[ "$(drive 'promote work' 'claim w work')" = $'0\nnothing' ]
	wait_until 5 eval '[ "$(drive "promote work")" = 1 ]'
	[ "$(redis zcard rq:scheduled:work)" = 0 ]
	claim w work
	[ ${#claims[@]} = 1 ]
}

# Claiming and settling.

@test "a claim gives the task's job, documents, attempt and time-out" {
	drive 'push work 1 1 7 0 0 5 60'
	run -0 drive 'claim w work'
	[[ $output == "claim work $(task 1) "*" $JOB 7 attempt 1/5 timeout 60" ]]
	[ "$(redis hmget "rq:job:$(task 1)" status worker_name)" = $'started\nw' ]
	[ "$(drive 'claim w work')" = nothing ]
}

@test "a completed task is finished, with its result, and is not finished twice" {
	drive 'birth w work' 'push work 1 1'
	claim w work
	[ "$(drive "complete w ${claims[0]} {\"n\":1}" \
		"complete w ${claims[0]} {\"n\":2}" "fail w ${claims[0]} no" \
		"renew w ${claims[0]}")" = $'1\n1\n0\n0' ]
	nothing_held
	[ "$(redis ttl "rq:results:$(task 1)")" -gt 400 ]
	run -0 peer show "$(task 1)"
	[[ $output == *'"status": "finished"'*'"value": {"n": 1}'* ]]
	[ "$(redis hget rq:worker:w successful_job_count)" = 1 ]
	[ "$(redis hexists rq:worker:w current_job)" = 0 ]
}

@test "many claims are completed in one call" {
	drive 'birth w work' 'push work 1 100'
	[ "$(drive 'drain w work 32' 'stats work')" = "100
length 0 started 0 scheduled 0 failed 0 finished 100 deferred 0 canceled 0 \
busy 0 idle 1 suspended 0 paused 0 oldest 0" ]
	nothing_held
	[ "$(redis hget rq:worker:w successful_job_count)" = 100 ]
}

@test "a failed task keeps its reason, and RQ reads it" {
	drive 'push work 1 1'
	claim w work
	[ "$(drive "fail w ${claims[0]} no_such_host")" = 1 ]
	nothing_held
	for python in peer peer2; do
		run -0 $python show "$(task 1)"
		[[ $output == *'"exc": "no_such_host"'* ]]
		[[ $output == *'"result": "FAILED"'*'"status": "failed"'* ]]
	done
	[ "$(redis zrange rq:failed:work 0 -1)" = "$(task 1)" ]
	[ "$(redis ttl "rq:job:$(task 1)")" -gt 1000000 ]
}

@test "a retry counts an attempt, a release does not and goes first" {
	drive 'push work 1 2'
	claim w work
	[ "$(drive "retry w ${claims[0]} 0" "retry w ${claims[0]} 0")" = $'1\n1' ]
	[ "$(redis llen rq:queue:work)" = 2 ]
	claim w work
	[[ ${claims[0]} == *"$(task 2)"* ]]
	[ "$(drive "release w ${claims[0]}" "release w ${claims[0]}")" = $'1\n1' ]
	[ "$(redis llen rq:queue:work)" = 2 ]
	run -0 drive 'claim w work 2'
	[[ ${lines[0]} == *"$(task 2)"*'attempt 1/3'* ]]
	[[ ${lines[1]} == *"$(task 1)"*'attempt 2/3'* ]]
}

@test "a delayed retry is on the schedule and nowhere else" {
	drive 'push work 1 1'
	claim w work
	[ "$(drive "retry w ${claims[0]} 0.5")" = 1 ]
	nothing_held
	[ "$(status_of "$(task 1)")" = scheduled ]
	[ "$(redis zcard rq:scheduled:work)" = 1 ]
	[ "$(redis llen rq:queue:work)" = 0 ]
	wait_until 5 eval '[ "$(drive "promote work")" = 1 ]'
	run -0 drive 'claim w work'
	[[ $output == *'attempt 2/3'* ]]
}

@test "a renewed lease is kept, a lapsed one is taken back and goes first" {
	drive 'push work 1 3' 'birth w work'
	claim w work 2
	lapse work
	[ "$(drive "renew w ${claims[0]}" 'reap work')" = \
		$'1\nrequeued 1 failed 0 dropped 0' ]
	[ "$(redis zcard pl:lease:work)" = 1 ]
	[ "$(redis zcard rq:wip:work)" = 1 ]
	[ "$(drive "renew w ${claims[1]}" "complete w ${claims[1]}")" = $'0\n0' ]
	run -0 drive 'claim other work'
	[[ $output == *"$(task 2)"*'attempt 2/3'* ]]
	[ "$(drive "complete w ${claims[0]}")" = 1 ]
}

@test "a stale worker changes nothing after another worker got the task" {
	drive 'push work 1 1'
	claim w work
	stale=${claims[0]}
	lapse work
	drive 'reap work'
	claim w work
	before=$(redis hgetall "rq:job:$(task 1)")
	[ "$(drive "renew w $stale" "complete w $stale" "fail w $stale" \
		"retry w $stale 5" "release w $stale" "retry w $stale 0")" = \
		$'0\n0\n0\n0\n0\n0' ]
	[ "$(redis hgetall "rq:job:$(task 1)")" = "$before" ]
	[ "$(drive "complete w ${claims[0]}")" = 1 ]
}

@test "a task whose workers keep dying fails after its attempts" {
	drive 'push work 1 1 2 0 0 2'
	claim w work && lapse work
	[ "$(drive 'reap work' 'reap work')" = "requeued 1 failed 0 dropped 0
requeued 0 failed 0 dropped 0" ]
	claim w work && lapse work
	[ "$(drive 'reap work' 'reap work')" = "requeued 0 failed 1 dropped 0
requeued 0 failed 0 dropped 0" ]
	nothing_held
	run -0 peer show "$(task 1)"
	[[ $output == *AbandonedJobError*'"status": "failed"'* ]]
}

@test "a reaper never touches what has ended or runs again" {
	drive 'push work 1 1'
	claim w work
	old=${claims[0]}
	lapse work && drive 'reap work' && claim w work
	# Put the lapsed entries of the first execution back.
	set -- $old
	redis zadd pl:lease:work 1 "$2:$3" >/dev/null
	redis zadd rq:wip:work 1 "$2:$3" >/dev/null
	[ "$(drive 'reap work')" = "requeued 0 failed 0 dropped 1" ]
	nothing_of_it=$(redis zscore rq:wip:work "$2:$3")
	[ -z "$nothing_of_it" ]
	[ "$(status_of "$2")" = started ]
	[ "$(drive "complete w ${claims[0]}")" = 1 ]
	redis zadd rq:wip:work 1 "$2:$3" >/dev/null
	[ "$(drive 'reap work')" = "requeued 0 failed 0 dropped 1" ]
	[ "$(status_of "$2")" = finished ]
}

# By id.

@test "a queued, a scheduled and a running task are canceled, an ended one not" {
	drive 'push work 1 3' 'push work 4 1 2 60'
	claim w work 2
	drive "complete w ${claims[1]}"
	[ "$(drive "cancel $(task 1) $(task 2) $(task 3) $(task 4) $(task 9)" \
		"renew w ${claims[0]}" "complete w ${claims[0]}" \
		'claim w work')" = $'3\n0\n0\nnothing' ]
	nothing_held
	[ "$(drive 'range states 1 4')" = $'finished 1\ncanceled 3' ]
	[ "$(redis zcard rq:canceled:work)" = 3 ]
	[ "$(redis zcard rq:scheduled:work)" = 0 ]
	[ "$(redis ttl "rq:job:$(task 1)")" -gt 1000000 ]
	run -0 peer lists work
	[[ $output == *canceled* ]]
}

@test "an ended task is queued again with fresh attempts, once" {
	drive 'push work 1 2'
	claim w work 2
	drive "fail w ${claims[0]}" "complete w ${claims[1]}"
	[ "$(drive "requeue $(task 1) $(task 2) $(task 1) $(task 7)" \
		"requeue $(task 1)")" = $'2\n0' ]
	[ "$(redis llen rq:queue:work)" = 2 ]
	[ "$(redis zcard rq:failed:work)" = 0 ]
	[ "$(redis ttl "rq:job:$(task 1)")" = -1 ]
	run -0 drive 'claim w work'
	[[ $output == *'attempt 1/3'* ]]
}

@test "a deleted task leaves no key, wherever it was" {
	drive 'push work 1 4' 'push work 5 1 2 60'
	claim w work 3
	drive "fail w ${claims[0]}" "complete w ${claims[1]}"
	[ "$(drive "delete $(task 1) $(task 2) $(task 3) $(task 4) $(task 5)" \
		'range states 1 5' "complete w ${claims[2]}")" = \
		$'5\nabsent 5\n0' ]
	[ "$(redis keys '*' | sort)" = rq:queues ]
}

@test "states show tasks that are queued but in no list, and requeue repairs them" {
	drive 'push work 1 5' 'push work 6 1 2 60'
	claim w work
	redis lpop rq:queue:work
	redis rpush rq:queue:work:intermediate "$(redis lpop rq:queue:work)"
	redis hset "rq:job:$(task 9)" status whatever
	redis set "rq:job:$(task 10)" text
	[ "$(drive "states $(task 1) $(task 2) $(task 3) $(task 4) $(task 6) \
$(task 8) $(task 9) $(task 10)")" = \
		"started unlisted queued queued scheduled absent unknown absent" ]
	[ "$(drive 'range requeue 1 5' 'range states 1 5')" = \
		$'1\nqueued 4\nstarted 1' ]
}

@test "20,000 tasks are looked up, canceled and queued again in scripts of bounded size" {
	drive 'push work 1 20000 1' 'push other 30001 10 1'
	redis del rq:queue:other
	[ "$(drive 'range states 1 30010')" = \
		$'absent 10000\nqueued 20000\nunlisted 10' ]
	[ "$(drive 'range cancel 1001 10000' 'range requeue 1001 5000' \
		'range states 1 20000')" = \
		$'10000\n5000\nqueued 15000\ncanceled 5000' ]
	[ "$(redis llen rq:queue:work)" = 15000 ]
	[ "$(redis lindex rq:queue:work 1000)" = "$(task 11001)" ]
	[ "$(drive 'range delete 1 30010')" = 20010 ]
	[ "$(redis keys '*' | sort)" = rq:queues ]
}

# Flags and workers.

@test "a suspended Redis and a paused queue give no task, and report why" {
	drive 'push work 1 1' 'push other 2 1'
	redis set rq:suspended 1
	[ "$(drive 'suspended' 'claim w work')" = $'1\nsuspended' ]
	redis del rq:suspended
	[ "$(drive 'pause work no_credit' 'paused work' 'claim w work')" = \
		$'0\nno_credit\npaused' ]
	run -0 drive 'claim w work,other'
	[[ $output == "claim other "* ]]
	[ "$(drive 'claim w work,other' 'resume work' 'resume work' \
		'paused work')" = $'nothing\n1\n0\nopen' ]
	claim w work
	[ ${#claims[@]} = 1 ]
}

@test "a parked queue lets one task through at a time, as a probe" {
	drive 'push work 1 3'
	drive 'pause work no_credit 2'
	[ "$(drive 'claim w work 3')" = paused ]
	wait_until 5 eval '[[ "$(drive "claim w work 3")" == claim* ]]'
	[ "$(drive 'paused work' 'claim w work 3')" = $'no_credit\npaused' ]
	wait_until 5 eval '[[ "$(drive "claim w work 3")" == claim* ]]'
	[ "$(redis llen rq:queue:work)" = 1 ]
	[ "$(drive 'resume work' 'claim w work 3' | grep -c ^claim)" = 1 ]
}

@test "a worker is listed by rq info, a second one of its name is refused, death removes it" {
	[ "$(drive 'birth host.1 work,other')" = 1 ]
	# Another process, so another pid.
	[ "$(drive 'birth host.1 work')" = 0 ]
	for python in peer peer2; do
		run -0 $python workers
		[[ $output == "host.1 idle - work,other "*" driver 0 0" ]]
	done
	drive 'push work 1 1' 'claim host.1 work'
	run -0 peer workers
	[[ $output == "host.1 busy $(task 1) "* ]]
	run -0 rq_python -m rq.cli info -u "$PL_REDIS_URL"
	[[ $output == *host.1* ]]
	[ "$(redis ttl rq:worker:host.1)" -gt 0 ]
	drive 'death host.1 work,other'
	[ "$(redis exists rq:workers rq:workers:work rq:workers:other)" = 0 ]
	[ "$(redis hexists rq:worker:host.1 death)" = 1 ]
	[ "$(drive 'birth host.1 work')" = 1 ]
}

@test "after FLUSHALL a heartbeat registers the worker again" {
	drive 'birth w work'
	redis flushall
	[ "$(drive 'heartbeat w work 1')" = 0 ]
	run -0 peer2 workers
	[[ $output == "w busy - work "* ]]
	[ "$(redis ttl rq:worker:w)" -gt 0 ]
}

@test "a reaper removes workers whose hash has expired from the lists" {
	drive 'birth w work' 'birth v work'
	redis del rq:worker:w
	drive 'reap work'
	[ "$(redis smembers rq:workers)" = rq:worker:v ]
	[ "$(redis smembers rq:workers:work)" = rq:worker:v ]
}

@test "stats count the tasks of every registry and the age of the oldest" {
	drive 'push work 1 5' 'push work 6 1 2 60' 'birth w work' 'birth v work'
	claim w work 3
	drive "complete w ${claims[0]}" "fail w ${claims[1]}" \
		"cancel $(task 4)"
	redis hset "rq:job:$(task 5)" enqueued_at 2020-01-01T00:00:00.000000Z
	run -0 drive 'stats work'
	[[ $output == "length 1 started 1 scheduled 1 failed 1 finished 1 \
deferred 0 canceled 1 busy 1 idle 1 suspended 0 paused 0 oldest "* ]]
	[ "${output##* }" -gt 150000000 ]
	[ "$(drive names ping)" = $'work\npong' ]
}

@test "a waiting worker notices a task, does not claim it, and ends at a signal" {
	long_driver
	echo 'wait work 60000' >&"${LONG[1]}"
	drive 'push work 1 1'
	read -r -t 20 answer <&"${LONG[0]}"
	[ "$answer" = 1 ]
	[ "$(redis llen rq:queue:work)" = 1 ]
	[ "$(drive 'wait empty 10')" = 0 ]
	redis set rq:suspended 1
	[ "$(drive 'wait work 10')" = 0 ]
	echo 'wait empty 600000' >&"${LONG[1]}"
	pid=$LONG_PID
	kill -TERM "$pid"
	wait_until 10 dead "$pid"
}

@test "ids of every registry can be listed, and a task read without claiming it" {
	drive 'push work 1 5' 'push work 6 1 2 60'
	claim w work 3
	drive "complete w ${claims[0]}" "fail w ${claims[1]}" "cancel $(task 5)"
	run -0 drive 'ids work queued' 'ids work started' 'ids work finished' \
		'ids work failed' 'ids work scheduled' 'ids work canceled' \
		'ids work unknown' 'ids none queued' 'ids work queued 1 5'
	[ "$output" = "$(task 4)
$(task 3)
$(task 1)
$(task 2)
$(task 6)
$(task 5)
none
none
none" ]
	redis hset rq:job:odd data '[]'
	run -0 drive "peek $(task 4)" 'peek nobody' 'peek odd'
	[ "${lines[0]}" = "claim work $(task 4)  $JOB 2 attempt 0/3 timeout 3600" ]
	[ "${lines[1]}" = 0 ]
	[[ ${lines[2]} == "claim  odd  malformed the payload is not"* ]]
	[ "$(status_of "$(task 4)")" = queued ]
}

@test "a reaper removes expired entries of ended tasks as RQ's maintenance does" {
	redis zadd rq:finished:work 1 old 2 older +inf ever 99999999999 new
	redis zadd rq:failed:work 1 old -1 ever 99999999999 new
	redis zadd rq:canceled:work 1 old "$(redis time | head -n 1)" new
	[ "$(drive 'reap work')" = 'requeued 0 failed 0 dropped 0' ]
	[ "$(redis zrange rq:finished:work 0 -1 | xargs)" = 'new ever' ]
	[ "$(redis zrange rq:failed:work 0 -1 | xargs)" = 'ever new' ]
	[ "$(redis zrange rq:canceled:work 0 -1 | xargs)" = new ]
}

# The connection.

@test "a bad URL is refused" {
	run -1 "$DRIVER" http://localhost
	[[ $output == "error not a Redis URL"* ]]
}

@test "a missing server and a wrong password are distinguished" {
	run -0 "$DRIVER" unix:///nowhere/redis.sock <<<'push work 1 1'
	[[ $output == "error unavailable /nowhere/redis.sock: connecting"* ]]
	redis config set requirepass 'p@ss word'
	run -0 "$DRIVER" "$PL_REDIS_URL" <<<'push work 1 1'
	none=$output
	run -0 "$DRIVER" "${PL_REDIS_URL/unix:\/\//unix://:wrong@}" <<<'suspended'
	wrong=$output
	run -0 "$DRIVER" "${PL_REDIS_URL/unix:\/\//unix://:p%40ss%20word@}?db=3" \
		<<<'push work 1 1'
	right=$output
	redis -a 'p@ss word' --no-auth-warning config set requirepass ''
	[[ $none == "error /"*NOAUTH* ]]
	[[ $wrong == "error /"*WRONGPASS* && $wrong != *wrong@* ]]
	[ "$right" = 1 ]
	[ "$(redis -n 3 llen rq:queue:work)" = 1 ]
}

@test "scripts that the server lost, and a restarted server, are no failure" {
	long_driver
	ask 'push work 1 3' && [ "$answer" = 3 ]
	redis script flush
	# Commands that the server ran after the client gave up do not count.
	ask 'push work 4 2500' && [ "$answer" -ge 1500 ]
	[ "$(redis llen rq:queue:work)" = 2503 ]
	redis script flush
	ask 'claim w work' && [[ $answer == "claim "* ]]
	redis script flush
	ask 'stats work' && [[ $answer == "length 2502 started 1"* ]]
	restart_redis
	ask 'push work 1 3' && [ "$answer" = 3 ]
	restart_redis
	ask 'claim w work' && [ "$answer" = nothing ]
	stop_redis
	ask 'claim w work' && [[ $answer == "error unavailable "* ]]
	start_redis
	ask 'push work 1 1500' && [ "$answer" = 1500 ]
}

@test "a server that hangs costs a bounded time" {
	long_driver
	ask 'claim w work'
	drive 'push work 1 1'
	need_server_dir
	kill -STOP "$(redis_pid "$server_dir")"
	ask 'claim w work' || true
	kill -CONT "$(redis_pid "$server_dir")"
	[[ $answer == "error unavailable "*"no answer in time" ]]
	# The server did claim, but the answer was lost: the lease lapses, and
	# the task comes back.
	wait_until 10 eval '[ "$(status_of "$(task 1)")" = started ]'
	lapse work
	drive 'reap work'
	claim v work
	[ "$(drive "complete v ${claims[0]}")" = 1 ]
}

@test "a full Redis is unavailable and left unchanged" {
	drive 'push work 1 3'
	redis config set maxmemory 1
	run -0 drive 'push work 4 3' 'claim w work'
	redis config set maxmemory 0
	[[ ${lines[0]} == "error unavailable "*OOM* ]]
	[ "$(drive 'range states 4 3')" = 'absent 3' ]
	claim v work 9
	[ $((${#claims[@]} + $(redis zcard rq:wip:work))) -ge 3 ]
	[ "$(redis llen rq:queue:work)" = 0 ]
}

# cut HOW N LINE...: drive through a proxy that cuts the connection at command
# N.
cut() {
	local how=$1 n=$2 proxy=$BATS_TEST_TMPDIR/cut.sock
	shift 2
	exec 7< <(exec /usr/bin/python3 -S "$PL_TEST_ROOT/tests/cut_proxy.py" \
		"$proxy" "${PL_REDIS_URL#unix://}" "$how" "$n" \
		"$BATS_TEST_TMPDIR/count" 3>&-)
	local pid=$!
	# The proxy listens.
	read -r -u 7 || true
	exec 7<&-
	printf '%s\n' "$@" | "$DRIVER" "unix://$proxy"
	kill -KILL "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

@test "a connection cut before or after any command loses nothing" {
	local n=0 total=1 how
	while [ $((++n)) -le "$total" ]; do
		for how in before after; do
			redis flushall >/dev/null
			run cut $how $n 'birth w work' 'push work 1 6 1' \
				'claim w work 2' 'drain w work 3' \
				'range states 3 4' 'stats work' 'reap work'
			read -r total <"$BATS_TEST_TMPDIR/count"
			echo "cut $how command $n of $total: $output"
			[ "${lines[0]}" = 1 ]
			# The lost answer may be that of the call that did it.
			[[ ${lines[1]} == [06] ]]
			[[ ${lines[2]} == "claim work $(task 1)"*'attempt 1/3'* ]]
			[[ ${lines[3]} == "claim work $(task 2)"*'attempt 1/3'* ]]
			[ "${lines[4]}" = 4 ]
			[ "${lines[5]}" = 'finished 4' ]
			[[ ${lines[6]} == "length 0 started 2 "*"finished 4"* ]]
			[ "${lines[7]}" = 'requeued 0 failed 0 dropped 0' ]
		done
	done
	[ "$total" -gt 15 ]
}

@test "claims asked ahead and completed later survive a cut, too" {
	local n=0 total=1 how
	export QUEUE_DRIVER_LEASE=1
	while [ $((++n)) -le "$total" ]; do
		for how in before after; do
			redis flushall >/dev/null
			run cut $how $n 'birth w work' 'push work 1 7 1' \
				'overlap w work 2'
			read -r total <"$BATS_TEST_TMPDIR/count"
			echo "cut $how command $n of $total: $output"
			[ "${lines[2]}" = 7 ]
			# If an answer that nobody waits for is lost, the task
			# is claimed again after its lease has lapsed.
			states=$(drive 'range states 1 7' | xargs)
			[[ $states == 'finished 7' || $states == 'started '[12]' finished '[56] ||
				$states == 'finished '[56]' started '[12] ]]
			[ "$states" = 'finished 7' ] || lost=$states
		done
	done
	[ "$total" -gt 12 ]
	# The last loop, or an earlier one, left tasks behind.
	[ -n "$lost" ]
	redis flushall >/dev/null
	run cut before 12 'birth w work' 'push work 1 7 1' 'overlap w work 2'
	lapse work
	drive 'reap work' 'overlap w work 2'
	[ "$(drive 'range states 1 7')" = 'finished 7' ]
}

@test "pushing many over a cut connection pushes each once" {
	local n how
	for n in 1 2 3 4 5; do
		for how in before after; do
			redis flushall >/dev/null
			run cut $how $n 'push work 1 4500 1'
			echo "cut $how command $n: $output"
			[ "$output" -ge 3500 ]
			[ "$(redis llen rq:queue:work)" = 4500 ]
			[ "$(drive 'range states 1 4500')" = 'queued 4500' ]
		done
	done
}

@test "every settling call survives a cut before and after it" {
	local how verb n
	for how in before after; do
		for verb in complete fail retry release renew; do
			redis flushall >/dev/null
			drive 'push work 1 1' 'birth w work'
			claim w work
			# Command 1 is SCRIPT LOAD, 2 the call; then both again
			# on a new connection.
			run cut $how 2 "$verb w ${claims[0]}"
			echo "$how $verb: $output"
			[ "$output" = 1 ]
		done
	done
}

@test "a worker that dies at any command loses no task and repeats none that ended" {
	local n=0 total=1 how
	while [ $((++n)) -le "$total" ]; do
		for how in dead-before dead-after; do
			redis flushall >/dev/null
			drive 'push work 1 3 1' >/dev/null
			run cut $how $n 'birth w work' 'claim w work 2' \
				'drain w work 1' 'push work 4 1 1' \
				'death w work'
			[ $n -gt 1 ] || total=40
			read -r seen <"$BATS_TEST_TMPDIR/count"
			[ "$seen" -ge "$n" ] || break 2
			lapse work
			finished=$(redis zcard rq:finished:work)
			drive 'push work 4 1 1' 'reap work' >/dev/null
			run -0 drive 'drain v work 2' 'range states 1 4' 'reap work'
			echo "$how $n: $finished finished before; $output"
			[ "${lines[0]}" = $((4 - finished)) ]
			[ "${lines[1]}" = 'finished 4' ]
			[ "${lines[2]}" = 'requeued 0 failed 0 dropped 0' ]
			nothing_held
		done
	done
	[ "$n" -gt 10 ]
}

@test "scores come from the server's clock, not from the client's" {
	shim=$BATS_TEST_TMPDIR/skew.so
	cc -shared -fPIC -o "$shim" -x c - <<-'C'
		#define _GNU_SOURCE
		#include <stdlib.h>
		#include <sys/syscall.h>
		#include <sys/time.h>
		#include <time.h>
		#include <unistd.h>
		int clock_gettime(clockid_t id, struct timespec *t)
		{
			int status = (int)syscall(SYS_clock_gettime, id, t);
			if (id == CLOCK_REALTIME)
				t->tv_sec += atoi(getenv("SKEW"));
			return status;
		}
		time_t time(time_t *out)
		{
			struct timespec t;
			clock_gettime(CLOCK_REALTIME, &t);
			if (out != NULL)
				*out = t.tv_sec;
			return t.tv_sec;
		}
	C
	# A sanitiser must be the first library.
	if nm "$DRIVER" | grep -q __asan_init; then
		shim="$(cc -print-file-name=libasan.so) $shim"
	fi
	for SKEW in -300 300; do
		redis flushall
		export SKEW
		LD_PRELOAD=$shim "$DRIVER" "$PL_REDIS_URL" <<-LINES
			birth w work
			push work 1 2
			claim w work 1
			reap work
		LINES
		now=$(redis time | head -n 1)
		lease=$(redis zrange pl:lease:work 0 -1 withscores | tail -n 1)
		wip=$(redis zrange rq:wip:work 0 -1 withscores | tail -n 1)
		[ $((lease - now)) -ge 10 ] && [ $((lease - now)) -le 15 ]
		[ $((wip - now)) -ge 80 ] && [ $((wip - now)) -le 90 ]
		[[ $(drive 'stats work') == *'oldest '[0-3] ]]
	done
}
